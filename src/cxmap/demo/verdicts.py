"""The truth about a need: its frictions, hops and rung, judged from what was.

The rules are those the project states for a perfect reader, who knows every person
and every need; they are written anew in plain Python and share nothing with the
rooms that will be measured against them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from cxmap.demo.clock import HOUR, business_seconds
from cxmap.demo.contacts import Contact, Need

Hop = Literal["same_case", "same_agent", "retry", "restart", "unknown"]
Rung = Literal["best", "better", "good", "unproven", "none", "open"]

DAY = timedelta(days=1)
REPEAT = {"written": 10 * DAY}
"""Windows within which a contact repeats the one before; seven days elsewhere."""
LINKED = 7 * DAY
"""The longest time after which a contact may still belong to the need."""
REDIAL = timedelta(minutes=30)
"""A call this soon after one that nobody answered is part of the same attempt."""
LONG_WAITS = {"voice": 120, "hotline": 120, "chat": 60}
SLOW_REPLIES = 8 * HOUR
"""Business time within which a written contact is to be answered."""
SLOW_MESSAGES = timedelta(minutes=15)
"""Time within which a message is to be answered."""
UNANSWERED = 30 * HOUR
"""Three business days."""
LONG_HOLD = 120
FOREVER = 10**9


def judge(need: Need, ends_at: datetime) -> Need:
    """Return the need with the frictions of each of its contacts."""
    contacts = need.contacts
    judged = []
    for step, contact in enumerate(contacts):
        before = contacts[step - 1] if step else None
        after = contacts[step + 1] if step + 1 < len(contacts) else None
        found = [
            *_alone(contact, ends_at),
            *_ahead(contact, after),
            *(_behind(contacts[:step], contact) if before else ()),
        ]
        suffered = {*found, *(_suffered(before, contact) if before else ())}
        judged.append(
            replace(contact, frictions=tuple(sorted(set(found))), pains=len(suffered))
        )

    return replace(need, contacts=tuple(judged))


def _alone(contact: Contact, ends_at: datetime) -> list[str]:
    """Frictions that one contact shows by itself."""
    waited_long = contact.wait_seconds > LONG_WAITS.get(contact.door, FOREVER)
    signs = {
        "transfer": contact.transfers >= 1,
        "transfer_chain": contact.transfers >= 2,
        "reopen": contact.reopened_at is not None,
        "long_wait": waited_long,
        "abandon": contact.ending == "abandoned",
        "excessive_hold": contact.hold_seconds > LONG_HOLD,
        "slow_first_response": waited_long
        if contact.door == "chat" and contact.served
        else _slow(contact, ends_at),
        "unanswered": _unanswered(contact, ends_at),
        "unidentified_contact": not contact.shown.usable,
    }

    return [name for name, shows in signs.items() if shows]


def _slow(contact: Contact, ends_at: datetime) -> bool:
    """Tell whether a written contact waited too long, answered or not."""
    answered_at = contact.replied_at or ends_at
    if contact.door == "messaging":
        return answered_at - contact.started_at > SLOW_MESSAGES
    waited = business_seconds(contact.started_at, answered_at)

    return contact.door in ("mail", "form") and waited > SLOW_REPLIES


def _unanswered(contact: Contact, ends_at: datetime) -> bool:
    """Tell whether we gave up on a contact: left it lying, or out of the queue."""
    if contact.ending == "timeout":
        return True
    written = contact.door in ("mail", "form", "messaging")
    silent = written and contact.replied_at is None

    return silent and business_seconds(contact.started_at, ends_at) > UNANSWERED


def _ahead(contact: Contact, after: Contact | None) -> list[str]:
    """Frictions that show on a contact because of what follows it."""
    if after is None:
        return []
    soon = after.started_at - contact.touched_at <= DAY
    found = []
    if soon and contact.served is False and contact.live:
        found.append("abandon_and_return")
    if soon and contact.door == "bot":
        found.append("bot_dead_end")

    return found


def _behind(earlier: Sequence[Contact], contact: Contact) -> list[str]:
    """Frictions that show on a contact because of what went before it."""
    before = earlier[-1]
    gap = max(contact.started_at - before.touched_at, timedelta())
    hop = continuity(before, contact)
    switched = contact.group != before.group
    redial = before.live and before.served is False and gap <= REDIAL
    let_down = heard(before, contact.started_at) is False or before.stated is False
    groups = [step.group for step in earlier]
    returned = contact.group in groups and switched
    signs = {
        "repeat_contact": gap <= REPEAT.get(before.group, LINKED) and not redial,
        "restart": hop == "restart",
        "channel_switch": switched and (let_down or hop == "restart"),
        "channel_ping_pong": returned,
        "self_service_escape": before.door == "bot" and gap <= DAY,
    }

    return [name for name, shows in signs.items() if shows]


def _suffered(before: Contact, contact: Contact) -> list[str]:
    """Frictions of who had to tell it all again, whether or not an export shows it."""
    people = "bot" not in (before.door, contact.door)
    if _carried(before, contact) or not people:
        return []

    switched = contact.group != before.group
    return ["restart", "channel_switch"] if switched else ["restart"]


def after_low_scores(need: Need, unhappy: Mapping[str, datetime]) -> Need:
    """Return the need with the switches away from a contact said not to have helped.

    `unhappy` holds, by the contact's key, when somebody answered so. What the export
    itself states wins over the answer.
    """
    judged = list(need.contacts)
    for step, (before, contact) in enumerate(pairwise(need.contacts), 1):
        said_at = unhappy.get(before.key, contact.started_at)
        known = said_at < contact.started_at and before.stated is None
        if known and contact.group != before.group:
            found = {*contact.frictions, "channel_switch"}
            judged[step] = replace(contact, frictions=tuple(sorted(found)))

    return replace(need, contacts=tuple(judged))


def heard(contact: Contact, at: datetime) -> bool | None:
    """Tell whether the contact was served by `at`; None: nobody can know."""
    if contact.live:
        return contact.served

    return contact.replied_at is not None and contact.replied_at <= at


def continuity(before: Contact, contact: Contact) -> Hop:
    """Return how the contact picks up the one before it, as the exports can show.

    Each system counts for itself: none names another's cases or agents, so that
    between two of them nothing could be shown. A bot names neither, and a contact
    that nobody answered was not begun again.
    """
    if carried := _carried(before, contact):
        return carried
    alike = before.source == contact.source and contact.door != "bot"

    return "restart" if alike and contact.served is not False else "unknown"


def _carried(before: Contact, contact: Contact) -> Hop | None:
    if contact.follows == before.key:
        return "same_case"
    if before.source == contact.source and set(before.agents) & set(contact.agents):
        return "same_agent"

    return "retry" if heard(before, contact.started_at) is False else None


def rung(need: Need, ends_at: datetime) -> Rung:
    """Return the rung of the ladder a perfect reader of the exports would find."""
    contacts = need.contacts
    last = max(contacts, key=lambda contact: contact.touched_at)
    if last.touched_at + LINKED >= ends_at:
        return "open"
    hops = [continuity(a, b) for a, b in pairwise(contacts)]
    served = [contact for contact in contacts if contact.served]
    if not served:
        bots = all(contact.door == "bot" for contact in contacts)
        return "unproven" if bots else "none"
    final = max(served, key=lambda contact: contact.touched_at)
    broken = any(
        contact.served is False and contact.started_at > final.touched_at
        for contact in contacts
    )
    if broken or final.stated is False:
        return "none"
    if len(contacts) == 1 and not final.transfers and final.reopened_at is None:
        return "best"
    if "restart" in hops:
        return "good"

    return "unproven" if "unknown" in hops else "better"
