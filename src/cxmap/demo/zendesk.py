"""The helpdesk's exports: tickets, users, metrics and groups, one object a line."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from cxmap.demo.clock import DAY, business_seconds
from cxmap.demo.company import HOTLINE, STAFF, TEAMS, ZENDESK, word
from cxmap.demo.contacts import Contact
from cxmap.demo.people import Person
from cxmap.demo.reality import Reality
from cxmap.demo.writing import Row, lines, spaced, stamp

TOPIC_FIELD = 4_410_001
"""The number of the custom field that holds the topic."""
CLOSES = timedelta(seconds=4 * DAY)
"""After how long the helpdesk closes a solved ticket by itself."""

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
    requesters = _requesters(reality.people)
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
        "zendesk/users.ndjson": lines(_users(reality, contacts, requesters)),
        "zendesk/ticket_metrics.ndjson": lines(map(_metrics, contacts)),
        "zendesk/groups.ndjson": lines(_groups()),
    }


def _rating(contact: Contact) -> str:
    if contact.rated is None:
        return "offered" if contact.solved_at else "unoffered"

    return "good" if contact.rated else "bad"


def _requesters(people: Iterable[Person]) -> dict[str, int]:
    """Return the helpdesk's number of each address, mailbox and calling phone."""
    numbers: dict[str, int] = {}
    for person in people:
        for place, email in enumerate(person.emails):
            numbers.setdefault(email, 7_000_000_000 + person.number * 10 + place)
        if person.role_mailbox:
            numbers.setdefault(person.role_mailbox, 7_900_000_000 + person.number)
        numbers[person.mobile] = 7_500_000_000 + person.number

    return numbers


def _requester(contact: Contact, requesters: Mapping[str, int]) -> int:
    return requesters[str(contact.shown.email or contact.shown.phone)]


def _ticket(
    contact: Contact,
    requesters: Mapping[str, int],
    numbers: Mapping[str, str],
    reality: Reality,
) -> Row:
    number, requester = int(contact.number), _requester(contact, requesters)
    closed = contact.solved_at and contact.solved_at + CLOSES < reality.stage.ends_at
    changed = contact.solved_at + CLOSES if closed and contact.solved_at else None
    topic = word(ZENDESK, contact.recorded) if contact.recorded else None
    fields = [
        {"id": TOPIC_FIELD, "value": topic},
        {"id": TOPIC_FIELD + 1, "value": None},
    ]
    name = reality.owners[contact.person_id].name
    ticket: Row = {
        "url": f"https://lindenfunk.zendesk.com/api/v2/tickets/{number}.json",
        "id": number,
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
        "organization_id": None,
        "problem_id": None,
        "has_incidents": False,
        "is_public": True,
        "tags": [topic] if topic else [],
        "custom_fields": fields,
        "fields": fields,
        "followup_ids": [],
        "brand_id": 360_001,
        "allow_channelback": contact.door == "messaging",
        "from_messaging_channel": contact.door == "messaging",
    }
    if contact.follows:
        ticket["via_followup_source_id"] = int(numbers[contact.follows])

    return ticket | _state(contact, changed or contact.touched_at, bool(closed))


def _state(contact: Contact, updated: datetime, closed: bool) -> Row:
    solved = "closed" if closed else "solved"
    waiting = "pending" if contact.replied_at else "new"
    reopened = contact.reopened_at is not None and contact.solved_at is None
    status = solved if contact.solved_at else "open" if reopened else waiting

    return {
        "status": status,
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
            "name": _caller(phone),
        }
    if contact.door == "mail":
        caller = {"address": contact.shown.email}
    own = {"phone": HOTLINE} if contact.door == "voicemail" else {}

    return {"channel": channel, "source": {"from": caller, "to": own, "rel": way}}


def _caller(phone: str) -> str:
    return f"Caller {spaced(phone)}"


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


def _users(
    reality: Reality, contacts: Iterable[Contact], requesters: Mapping[str, int]
) -> list[Row]:
    """Return everybody who ever wrote or left a message, and the staff."""
    met = {_requester(contact, requesters) for contact in contacts}
    users = [_staff(int(number)) for number in STAFF[ZENDESK]]
    for person in reality.people:
        known = zip(person.emails, person.linked, strict=True)
        entries = [(email, person.name, linked) for email, linked in known]
        if person.role_mailbox:
            entries.append((person.role_mailbox, "Kanzlei", False))
        for email, name, linked in entries:
            if requesters[email] in met:
                card = person.card if linked else None
                phone = person.mobile if linked and person.reachable else None
                users.append(_user(requesters[email], name, email, phone, card))
                met.discard(requesters[email])
        if requesters[person.mobile] in met:
            caller = _caller(person.mobile)
            number = requesters[person.mobile]
            users.append(_user(number, caller, None, person.mobile, None))

    return users


def _user(
    number: int, name: str, email: str | None, phone: str | None, card: str | None
) -> Row:
    return {
        "id": number,
        "url": f"https://lindenfunk.zendesk.com/api/v2/users/{number}.json",
        "name": name,
        "email": email,
        "created_at": "2025-10-01T08:00:00Z",
        "updated_at": "2025-12-01T08:00:00Z",
        "time_zone": "Berlin",
        "phone": phone,
        "shared_phone_number": None,
        "locale": "de",
        "locale_id": 8,
        "user_fields": {},
        "role": "end-user",
        "external_id": card,
        "organization_id": None,
        "active": True,
        "suspended": False,
    }


def _staff(number: int) -> Row:
    email = f"agent{number - 880_099}@lindenfunk.test"
    user = _user(number, f"Agent {number - 880_099}", email, None, None)

    return user | {"role": "agent"}


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


def _groups() -> list[Row]:
    return [
        {
            "id": number,
            "url": f"https://lindenfunk.zendesk.com/api/v2/groups/{number}.json",
            "name": f"Team {team}",
            "default": team == "billing",
            "deleted": False,
            "created_at": "2025-10-01T08:00:00Z",
            "updated_at": "2025-10-01T08:00:00Z",
        }
        for team, number in TEAMS.items()
    ]
