"""How long things take: waits, talks, replies and solutions of the drawn contacts."""

from dataclasses import replace
from datetime import datetime, timedelta

from cxmap.demo.clock import HOUR, office_later
from cxmap.demo.company import STAFF
from cxmap.demo.contacts import UNSERVED, Contact
from cxmap.demo.dice import Dice
from cxmap.demo.plots import MINUTE

WAITS = {
    "voice": (5, 15, 30, 55, 100, 300),
    "hotline": (8, 20, 45, 75, 120, 400),
    "chat": (2, 8, 15, 25, 45, 180),
    "branch": (0, 0),
    "bot": (0, 0),
}
TALKS = {
    "voice": (60, 150, 240, 330, 480, 1500),
    "hotline": (60, 140, 220, 300, 450, 1200),
    "chat": (180, 400, 600, 900, 1300, 2400),
    "branch": (240, 480, 720, 960, 1300, 2600),
    "bot": (20, 50, 90, 140, 220, 500),
}
PATIENCE = (20, 60, 110, 180, 300, 600)
"""How long people wait before they give up."""
TIMEOUT = 300
"""After how long the second hotline sends a caller away."""
HOLDS = (10, 30, 60, 110, 180, 400)
WRAP_UPS = (5, 20, 40, 60, 90, 300)
REPLIES: tuple[int, ...] = (20 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 5 * HOUR, 14 * HOUR)
"""Office time until the first public answer to a written contact."""
MESSAGE_REPLIES: tuple[int, ...] = (
    MINUTE,
    4 * MINUTE,
    8 * MINUTE,
    15 * MINUTE,
    3 * HOUR,
)
LATE_REPLIES: tuple[int, ...] = (25 * HOUR, 32 * HOUR, 45 * HOUR)
SOLUTIONS = (0, 0, 10 * MINUTE, HOUR, 4 * HOUR, 20 * HOUR)
"""Office time from the first answer to the solve."""
RETURNS = (2 * HOUR, 20 * HOUR, 40 * HOUR, 90 * HOUR)
"""From a solve to the message that opens the case again."""

RATES = 0.15
"""Solved tickets that the customer rates."""
PLEASED = 0.85
"""Ratings of settled needs that are good; all the others are bad."""


def spend_live(contact: Contact, dice: Dice) -> Contact:
    """Return the live contact with its wait, talk, hold, wrap-up, agents and end."""
    if contact.ending in UNSERVED:
        wait = TIMEOUT if contact.ending == "timeout" else dice.along(PATIENCE)
        return _ended(replace(contact, wait_seconds=wait))
    talked = replace(
        contact,
        wait_seconds=dice.along(WAITS[contact.door]),
        talk_seconds=dice.along(TALKS[contact.door]),
        agents=_agents(contact, dice),
    )
    called = contact.door in ("voice", "hotline")
    held = dice.along(HOLDS) if contact.door == "voice" and dice.chance(0.2) else 0
    after = dice.along(WRAP_UPS) if called else 0

    return _ended(replace(talked, hold_seconds=held, wrap_up_seconds=after))


def _ended(contact: Contact) -> Contact:
    length = contact.wait_seconds + contact.talk_seconds + contact.hold_seconds

    return replace(contact, touched_at=contact.started_at + timedelta(seconds=length))


def _agents(contact: Contact, dice: Dice) -> tuple[str, ...]:
    staff = STAFF[contact.source]
    if not staff:
        return ()
    first, apart = dice.whole(0, len(staff) - 1), dice.whole(1, len(staff) // 3)

    return tuple(
        staff[(first + hand * apart) % len(staff)]
        for hand in range(contact.transfers + 1)
    )


def spend_written(contact: Contact, dice: Dice, ends_at: datetime) -> Contact:
    """Return the written contact with its reply, solve, agents and last message.

    What would happen after `ends_at` has not happened yet: the exports show such a
    contact as still open.
    """
    agents = _agents(contact, dice)
    if contact.ending == "ignored":
        return replace(contact, touched_at=contact.started_at)
    replied, reopened, solved = _course(contact, dice)
    rates, pleased = dice.chance(RATES), dice.chance(PLEASED)
    happened = {at for at in (replied, reopened, solved) if at and at < ends_at}
    good = pleased and contact.ending == "settled"

    return replace(
        contact,
        replied_at=replied if replied in happened else None,
        reopened_at=reopened if reopened in happened else None,
        solved_at=solved if solved in happened else None,
        agents=agents if replied in happened else (),
        touched_at=max([contact.started_at, *happened]),
        rated=good if rates and solved in happened else None,
    )


def _course(contact: Contact, dice: Dice) -> tuple[datetime, datetime | None, datetime]:
    """Return when the case is answered, opened again if it is, and solved for good."""
    usual = MESSAGE_REPLIES if contact.door == "messaging" else REPLIES
    replies = LATE_REPLIES if contact.ending == "waiting" else usual
    replied = office_later(contact.started_at, dice.along(replies))
    solved = office_later(replied, dice.along(SOLUTIONS))
    if contact.ending != "reopened":
        return replied, None, solved
    reopened = solved + timedelta(seconds=dice.along(RETURNS))

    return replied, reopened, office_later(reopened, dice.along(REPLIES))
