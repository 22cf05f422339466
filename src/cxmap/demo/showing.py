"""What a person shows of who they are, by the door they come through."""

from cxmap.demo.contacts import Shown
from cxmap.demo.dice import Dice
from cxmap.demo.difficulty import Difficulty
from cxmap.demo.people import Person
from cxmap.demo.plots import Door

FROM_HOME = 0.35
"""Calls that come from the line at home, where there is one."""
FROM_WORK = 0.6
"""Contacts that come over the employer's switchboard or from the office mailbox."""


def show(person: Person, door: Door, level: Difficulty, dice: Dice) -> Shown:
    """Return what the contact shows; every draw is made whatever the door is."""
    line, email = _line(person, dice), _email(person, dice)
    withheld = dice.chance(level.withheld)
    known = dice.chance(level.authenticated)
    signed_in = dice.chance(level.logged_in)
    carded = dice.chance(level.carded)
    nameless = dice.chance(level.nameless)
    card = person.card
    if door in ("voice", "hotline"):
        phone = None if withheld else line
        told = card if known and door == "voice" else None
        return Shown(phone=phone, card=told, withheld=withheld)
    if door == "voicemail":
        return Shown(phone=person.mobile)
    if door == "chat":
        return Shown(email=email, card=card if known else None)
    if door == "bot":
        return Shown(card=card) if signed_in else Shown(device=person.device)
    if door == "branch":
        visitor = Shown() if nameless else Shown(phone=person.mobile)
        return Shown(card=card, account=person.account) if carded else visitor

    return Shown(email=email)


def _line(person: Person, dice: Dice) -> str:
    at_work, at_home = dice.chance(FROM_WORK), dice.chance(FROM_HOME)
    if person.switchboard and at_work:
        return person.switchboard

    return person.landline if person.landline and at_home else person.mobile


def _email(person: Person, dice: Dice) -> str:
    at_work, own = dice.chance(FROM_WORK), dice.chance(0.65)
    if person.role_mailbox and at_work:
        return person.role_mailbox

    return person.emails[0] if own else person.emails[-1]
