"""How hand-written people and contacts are put on paper, line by line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from cxmap.demo.answers import Answer
from cxmap.demo.clock import HOUR, instant
from cxmap.demo.company import BOT, BRANCHES, CALLCENTER, CONNECT, ZENDESK
from cxmap.demo.contacts import UNSERVED, Contact, Need, Shown
from cxmap.demo.people import Person, address, mobile
from cxmap.demo.plots import Door, Ending
from cxmap.demo.writing import call_number

Calendar = Callable[[int, str], datetime]


@dataclass(frozen=True)
class Member:
    """One of the cast: a person, a story, and what is to be found, counted by hand."""

    person: Person
    story: str
    needs: tuple[Need, ...]
    ladder: tuple[str, ...]
    """The rung of each journey, in order."""
    frictions: Mapping[str, int]
    """How often each friction shows."""
    customers: int = 1
    """Customers that identity stitching may count; 0: nobody can tell who it was."""
    answers: tuple[Answer, ...] = field(default=())


def person(number: int, name: str, **more: str) -> Person:
    """Return a person of the cast: everything known, nothing shared unless said."""
    emails = [address(name.replace(" ", "."), "mail.test")]
    emails += [more["second_email"]] if "second_email" in more else []

    return Person(
        person_id=f"p{number:05d}",
        name=name,
        emails=tuple(emails),
        mobile=mobile(number),
        card=f"LF-{200_000 + 7 * number}",
        account=more.get("account", f"A-{50_000 + number}"),
        device=f"dev-{number:08x}",
        city="Berlin",
        linked=tuple(True for _ in emails),
        reachable=True,
        landline=more.get("landline"),
    )


def calendar(since: date) -> Calendar:
    """Return what turns a day, counted from `since`, and a local hh:mm into UTC."""

    def at(day: int, clock: str) -> datetime:
        hours, minutes = clock.split(":")
        seconds = int(hours) * HOUR + int(minutes) * 60
        return instant(since + timedelta(days=day), seconds)

    return at


def met(
    door: Door,
    at: datetime,
    shown: Shown,
    *agents: str,
    wait: int = 20,
    talk: int = 300,
    ending: Ending = "settled",
) -> Contact:
    """Return a call, chat, bot session or visit; its need gives it topic and number."""
    return replace(
        _blank(door, at, ending),
        touched_at=at + timedelta(seconds=wait + talk),
        wait_seconds=wait,
        talk_seconds=talk,
        transfers=max(0, len(agents) - 1),
        agents=agents,
        shown=shown,
    )


def called(
    owner: Person,
    at: datetime,
    *agents: str,
    wait: int = 20,
    talk: int = 300,
    ending: Ending = "settled",
) -> Contact:
    """Return a call to the main hotline from the own mobile, the card being told."""
    shown = Shown(phone=owner.mobile, card=owner.card)

    return met("voice", at, shown, *agents, wait=wait, talk=talk, ending=ending)


def wrote(
    email: str,
    at: datetime,
    agent: str | None = None,
    *answered: datetime,
    door: Door = "mail",
    reopened: datetime | None = None,
    ending: Ending = "settled",
) -> Contact:
    """Return a case by mail or form, with the times of its answer and of its solve."""
    replied, solved = answered or (None, None)
    moments = [at, *answered, *([reopened] if reopened else [])]

    return replace(
        _blank(door, at, ending),
        touched_at=max(moments),
        replied_at=replied,
        solved_at=solved,
        reopened_at=reopened,
        agents=(agent,) if agent else (),
        shown=Shown(email=email),
    )


def _blank(door: Door, at: datetime, ending: Ending) -> Contact:
    return Contact(
        key="",
        person_id="",
        need_id="",
        door=door,
        ending=ending,
        topic="",
        recorded=None,
        started_at=at,
        touched_at=at,
    )


def need(owner: Person, number: int, topic: str, *contacts: Contact) -> Need:
    """Return the need of `owner` with its contacts keyed, numbered and given a topic.

    Contacts that nobody answered, and all of the second hotline, hold no topic.
    """
    need_id = f"n{owner.number:05d}-{number:02d}"
    told = []
    for step, contact in enumerate(contacts, 1):
        silent = contact.ending in UNSERVED or contact.door == "hotline"
        keyed = replace(
            contact,
            key=f"{need_id}/{step}",
            person_id=owner.person_id,
            need_id=need_id,
            topic=topic,
            recorded=None if silent else topic,
        )
        told.append(replace(keyed, number=_number(keyed, 10 * number + step)))

    return Need(need_id, owner.person_id, topic, "hand-written", tuple(told))


def _number(contact: Contact, place: int) -> str:
    """Return a number that no drawn contact has."""
    count = int(contact.person_id[1:]) * 100 + place
    epoch = int(contact.started_at.timestamp())

    return {
        ZENDESK: f"{4000 + count}",
        CONNECT: call_number(contact.key),
        CALLCENTER: f"{epoch}.{90_000 + count}",
        BOT: f"BS-{90_000 + count}",
        BRANCHES: f"V-{90_000 + count}",
    }[contact.source]


def following(contact: Contact, owner: Person, number: int) -> Contact:
    """Return the contact as a follow-up of the first of the owner's need `number`."""
    return replace(contact, follows=f"n{owner.number:05d}-{number:02d}/1")


def answer(
    owner: Person,
    about: Contact,
    survey_type: str,
    score: int,
    *,
    named: bool,
) -> Answer:
    """Return what a person of the cast answered ten minutes after a contact."""
    top = {"csat": 5, "ces": 7}[survey_type]
    sent = about.touched_at + timedelta(minutes=10)

    return Answer(
        survey_id=f"R-9{owner.number:04d}",
        person_id=owner.person_id,
        survey_type=survey_type,
        score=score,
        scale_min=1,
        scale_max=top,
        sent_at=sent,
        responded_at=sent + timedelta(minutes=5),
        about=about.key,
        named=named,
        channel=about.channel,
        email=None if named else owner.emails[0],
    )
