"""The whole truth of a demo world: people, needs and answers, before any export."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from cxmap.demo.answers import Answer, draw_answers
from cxmap.demo.cast import cast
from cxmap.demo.casting import Member
from cxmap.demo.company import BOT, BRANCHES, CALLCENTER, CONNECT, ZENDESK
from cxmap.demo.contacts import Contact, Need
from cxmap.demo.people import Person, draw_people
from cxmap.demo.staging import Stage, draw_needs
from cxmap.demo.verdicts import after_low_scores, judge
from cxmap.demo.writing import call_number


@dataclass(frozen=True)
class Reality:
    """What really happened, and what the exports will be written from."""

    stage: Stage
    people: tuple[Person, ...]
    needs: tuple[Need, ...]
    answers: tuple[Answer, ...]

    @cached_property
    def contacts(self) -> tuple[Contact, ...]:
        """All contacts in the order in which they began."""
        found = [contact for need in self.needs for contact in need.contacts]

        return tuple(sorted(found, key=lambda c: (c.started_at, c.key)))

    @cached_property
    def owners(self) -> dict[str, Person]:
        """The people by their id."""
        return {person.person_id: person for person in self.people}

    def of(self, source: str) -> list[Contact]:
        """Return the contacts that one system saw, in order."""
        return [contact for contact in self.contacts if contact.source == source]


def draw_reality(stage: Stage, people: int) -> Reality:
    """Return the truth that the seed, the level and the number of people give.

    The cast comes first; of it, those whose stories end before the world does.
    """
    members = [m for m in cast(stage.since) if _played_out(m, stage.ends_at)]
    told = [judge(need, stage.ends_at) for member in members for need in member.needs]
    crowd = draw_people(stage.seed, people, stage.level)
    drawn = [need for person in crowd for need in draw_needs(person, stage)]
    numbers = _numbers([c for need in drawn for c in need.contacts], stage)
    needs = [judge(_numbered(need, numbers), stage.ends_at) for need in drawn]
    given = [answer for member in members for answer in member.answers]
    answers = draw_answers(crowd, needs, stage)

    return Reality(
        stage=stage,
        people=(*(member.person for member in members), *crowd),
        needs=tuple(_scored([*told, *needs], [*given, *answers])),
        answers=(*given, *answers),
    )


def _played_out(member: Member, ends_at: datetime) -> bool:
    return all(
        contact.touched_at < ends_at
        for need in member.needs
        for contact in need.contacts
    )


def _numbered(need: Need, numbers: dict[str, str]) -> Need:
    return _with(need, lambda contact: replace(contact, number=numbers[contact.key]))


def _scored(needs: list[Need], answers: list[Answer]) -> list[Need]:
    """Return the needs, with a low score where an answer or a rating was low.

    And with the switches to another channel after an answer that was low.
    """
    low = {answer.about for answer in answers if answer.low}
    unhappy = {
        answer.about: answer.responded_at
        for answer in answers
        if answer.about and answer.low and answer.survey_type == "csat"
    }

    def score(contact: Contact) -> Contact:
        if contact.key not in low and contact.rated is not False:
            return contact
        return replace(
            contact, frictions=tuple(sorted({*contact.frictions, "low_score"}))
        )

    return [after_low_scores(_with(need, score), unhappy) for need in needs]


def _with(need: Need, change: Callable[[Contact], Contact]) -> Need:
    return replace(need, contacts=tuple(map(change, need.contacts)))


def _numbers(contacts: list[Contact], stage: Stage) -> dict[str, str]:
    """Return the number that each contact's system gave it, by the contact's key."""
    ordered = sorted(contacts, key=lambda contact: (contact.started_at, contact.key))
    numbers: dict[str, str] = {}
    counts = {ZENDESK: 10_000, BOT: 0, BRANCHES: 0, CALLCENTER: 0}
    for contact in ordered:
        if contact.source == CONNECT:
            numbers[contact.key] = call_number(contact.key)
            continue
        counts[contact.source] += 1
        count = counts[contact.source]
        epoch = int(contact.started_at.timestamp()) + stage.skew(contact.started_at)
        numbers[contact.key] = {
            ZENDESK: f"{count}",
            BOT: f"BS-{count:05d}",
            BRANCHES: f"V-{count:05d}",
            CALLCENTER: f"{epoch}.{count}",
        }[contact.source]

    return numbers
