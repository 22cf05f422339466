"""How hand-written people and contacts are put on paper, line by line."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from cxmap.demo.answers import Answer
from cxmap.demo.clock import HOUR, instant
from cxmap.demo.company import BOT, BRANCHES, CALLCENTER, CONNECT, ZENDESK
from cxmap.demo.contacts import Contact, Need, Shown
from cxmap.demo.people import Person, address, mobile
from cxmap.demo.plots import Door, Ending
from cxmap.demo.writing import call_number


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


def moment(since: date, day: int, clock: str) -> datetime:
    """Return the instant at local `clock` (hh:mm) on the given day from `since`."""
    hours, minutes = clock.split(":")

    return instant(since + timedelta(days=day), int(hours) * HOUR + int(minutes) * 60)


def live(
    door: Door,
    at: datetime,
    shown: Shown,
    *,
    wait: int = 20,
    talk: int = 300,
    agents: tuple[str, ...] = (),
    ending: Ending = "settled",
) -> Contact:
    """Return a call, chat, bot session or visit; its need gives it topic and number."""
    return Contact(
        key="",
        person_id="",
        need_id="",
        door=door,
        ending=ending,
        topic="",
        recorded=None,
        started_at=at,
        touched_at=at + timedelta(seconds=wait + talk),
        wait_seconds=wait,
        talk_seconds=talk,
        transfers=max(0, len(agents) - 1),
        agents=agents,
        shown=shown,
    )


def written(
    door: Door,
    at: datetime,
    email: str,
    *,
    agent: str | None = None,
    replied: datetime | None = None,
    solved: datetime | None = None,
    reopened: datetime | None = None,
    ending: Ending = "settled",
) -> Contact:
    """Return a case by mail or form; its need gives it topic and number."""
    moments = [moment for moment in (replied, solved, reopened) if moment]

    return Contact(
        key="",
        person_id="",
        need_id="",
        door=door,
        ending=ending,
        topic="",
        recorded=None,
        started_at=at,
        touched_at=max([at, *moments]),
        replied_at=replied,
        solved_at=solved,
        reopened_at=reopened,
        agents=(agent,) if agent else (),
        shown=Shown(email=email),
    )


def need(owner: Person, number: int, topic: str, contacts: tuple[Contact, ...]) -> Need:
    """Return the need of `owner` with its contacts keyed, numbered and given a topic.

    Contacts that nobody answered, and all of the second hotline, hold no topic.
    """
    need_id = f"n{owner.number:05d}-{number:02d}"
    unspoken = ("abandoned", "timeout", "key")
    told = []
    for step, contact in enumerate(contacts, 1):
        silent = contact.ending in unspoken or contact.door == "hotline"
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


def following(contact: Contact, before: Contact, owner: Person, number: int) -> Contact:
    """Return the contact as a follow-up of `before`, the first of need `number`."""
    key = f"n{owner.number:05d}-{number:02d}/1"

    return replace(contact, follows=key, agents=before.agents)


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
