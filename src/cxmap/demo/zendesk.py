"""The helpdesk's exports: tickets, users, metrics and groups, one object a line."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from cxmap.demo.clock import DAY, business_seconds
from cxmap.demo.company import HOTLINE, TEAMS, ZENDESK, word
from cxmap.demo.contacts import Contact
from cxmap.demo.reality import Reality
from cxmap.demo.writing import Row, lines, spaced, stamp
from cxmap.demo.zendesk_users import (
    caller_name,
    groups,
    requester_of,
    requesters_of,
    users_of,
)

TOPIC_FIELD = 4_410_001
"""The number of the custom field that holds the topic."""
CLOSES = timedelta(seconds=4 * DAY)
"""After how long the helpdesk closes a solved ticket by itself."""

ALWAYS: Row = {
    "organization_id": None,
    "problem_id": None,
    "has_incidents": False,
    "is_public": True,
    "followup_ids": [],
    "brand_id": 360_001,
}
"""What every ticket of this helpdesk says."""

VIA = {
    "mail": ("email", None),
    "form": ("web", None),
    "messaging": ("whatsapp", None),
    "voicemail": ("voice", "voicemail"),
}
"""For each door: what the helpdesk calls the channel and the way it came."""


def zendesk_files(reality: Reality) -> dict[str, bytes]:
    """Return the helpdesk's four exports by their paths."""
    contacts = reality.of(ZENDESK)
    requesters = requesters_of(reality.people)
    numbers = {contact.key: contact.number for contact in contacts}
    tickets, again = [_sample()], []
    for contact in contacts:
        row = _ticket(contact, requesters, numbers, reality)
        if contact.resent and contact.replied_at:
            tickets.append(_as_it_was(row, contact))
            again.append(row)
        else:
            tickets.append(row)

    return {
        "zendesk/tickets.ndjson": lines([*tickets, *again]),
        "zendesk/users.ndjson": lines(users_of(reality.people, contacts, requesters)),
        "zendesk/ticket_metrics.ndjson": lines(map(_metrics, contacts)),
        "zendesk/groups.ndjson": lines(groups()),
    }


def _rating(contact: Contact) -> str:
    if contact.rated is None:
        return "offered" if contact.solved_at else "unoffered"

    return "good" if contact.rated else "bad"


def _ticket(
    contact: Contact,
    requesters: Mapping[str, int],
    numbers: Mapping[str, str],
    reality: Reality,
) -> Row:
    requester = requester_of(contact, requesters)
    name = reality.owners[contact.person_id].name
    ticket: Row = {
        "url": f"https://lindenfunk.zendesk.com/api/v2/tickets/{contact.number}.json",
        "id": int(contact.number),
        "external_id": None,
        "via": _via(contact, numbers),
        "created_at": stamp(contact.started_at),
        "type": "question",
        "subject": f"Anfrage von {name}",
        "description": f"Guten Tag, bitte um Hilfe. Viele Grüße, {name}",
        "priority": "normal",
        "recipient": "hilfe@lindenfunk.test" if contact.door == "mail" else None,
        "requester_id": requester,
        "submitter_id": requester,
        **ALWAYS,
        **_reason(contact),
        "allow_channelback": contact.door == "messaging",
        "from_messaging_channel": contact.door == "messaging",
    }
    if contact.follows:
        ticket["via_followup_source_id"] = int(numbers[contact.follows])

    return ticket | _state(contact, reality.stage.ends_at)


def _reason(contact: Contact) -> Row:
    """Return where a ticket says what it is about: as a tag and in a field."""
    topic = word(ZENDESK, contact.recorded) if contact.recorded else None
    fields = [
        {"id": TOPIC_FIELD, "value": topic},
        {"id": TOPIC_FIELD + 1, "value": None},
    ]

    return {
        "tags": [topic] if topic else [],
        "custom_fields": fields,
        "fields": fields,
    }


def _status(contact: Contact, *, closed: bool) -> str:
    if contact.solved_at:
        return "closed" if closed else "solved"
    if contact.reopened_at:
        return "open"

    return "pending" if contact.replied_at else "new"


def _state(contact: Contact, ends_at: datetime) -> Row:
    solved = contact.solved_at
    closed = solved is not None and solved + CLOSES < ends_at
    updated = solved + CLOSES if solved and closed else contact.touched_at

    return {
        "status": _status(contact, closed=closed),
        "assignee_id": int(contact.agents[-1]) if contact.agents else None,
        "group_id": TEAMS[contact.topic.split("/")[0]] if contact.agents else None,
        "satisfaction_rating": {"score": _rating(contact)},
        "updated_at": stamp(updated),
        "generated_timestamp": int(updated.timestamp()),
    }


def _as_it_was(row: Row, contact: Contact) -> Row:
    """Return the ticket as it stood when it was first exported: not yet answered."""
    seen = contact.started_at + timedelta(seconds=60)

    return row | {
        "status": "new",
        "assignee_id": None,
        "group_id": None,
        "satisfaction_rating": {"score": "unoffered"},
        "updated_at": stamp(seen),
        "generated_timestamp": int(seen.timestamp()),
    }


def _via(contact: Contact, numbers: Mapping[str, str]) -> Row:
    if contact.follows:
        origin = {"ticket_id": int(numbers[contact.follows]), "channel": "email"}
        source = {"rel": "follow_up", "from": origin, "to": {}}
        return {"channel": "web", "source": source}
    channel, way = VIA[contact.door]
    caller: Row = {}
    if contact.door == "voicemail":
        phone = str(contact.shown.phone)
        caller = {
            "phone": phone,
            "formatted_phone": spaced(phone),
            "name": caller_name(phone),
        }
    if contact.door == "mail":
        caller = {"address": contact.shown.email}
    own = {"phone": HOTLINE} if contact.door == "voicemail" else {}

    return {"channel": channel, "source": {"from": caller, "to": own, "rel": way}}


def _sample() -> Row:
    return {
        "url": "https://lindenfunk.zendesk.com/api/v2/tickets/1.json",
        "id": 1,
        "external_id": None,
        "via": {
            "channel": "sample_ticket",
            "source": {"from": {}, "to": {}, "rel": None},
        },
        "created_at": "2025-11-03T09:00:00Z",
        "updated_at": "2025-11-03T09:00:00Z",
        "generated_timestamp": 1_762_160_400,
        "subject": "Sample ticket: Meet the ticket",
        "status": "closed",
        "requester_id": 1,
        "submitter_id": 1,
        "assignee_id": None,
        "group_id": None,
        "custom_fields": [],
        "satisfaction_rating": {"score": "unoffered"},
    }


def _metrics(contact: Contact) -> Row:
    number = int(contact.number)
    reply = _minutes(contact.started_at, contact.replied_at)
    solved = _minutes(contact.started_at, contact.solved_at)

    return {
        "id": 60_000_000 + number,
        "ticket_id": number,
        "created_at": stamp(contact.started_at),
        "updated_at": stamp(contact.touched_at),
        "group_stations": int(bool(contact.agents)),
        "assignee_stations": len(contact.agents),
        "reopens": int(contact.reopened_at is not None),
        "replies": int(contact.replied_at is not None)
        + int(contact.reopened_at is not None and contact.solved_at is not None),
        "reply_time_in_minutes": reply,
        "first_resolution_time_in_minutes": solved,
        "full_resolution_time_in_minutes": solved,
        "requester_wait_time_in_minutes": solved,
        "on_hold_time_in_minutes": {"calendar": 0, "business": 0},
        "initially_assigned_at": stamp(contact.replied_at),
        "assigned_at": stamp(contact.replied_at),
        "solved_at": stamp(contact.solved_at),
        "latest_comment_added_at": stamp(contact.touched_at),
    }


def _minutes(start: datetime, end: datetime | None) -> Row:
    if end is None:
        return {"calendar": None, "business": None}

    return {
        "calendar": int((end - start).total_seconds()) // 60,
        "business": business_seconds(start, end) // 60,
    }
