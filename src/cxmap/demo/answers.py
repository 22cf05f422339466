"""Survey answers: who was asked about which contact, and what they said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cxmap.demo.clock import HOUR
from cxmap.demo.contacts import Contact, Need
from cxmap.demo.dice import Dice
from cxmap.demo.people import Person
from cxmap.demo.plots import MINUTE
from cxmap.demo.staging import Stage

ASKED = 0.16
"""Served contacts after which a survey is answered."""
NAMED = 0.6
"""Answers that name the contact they are about; the others hold an e-mail only."""
RELATIONSHIP = 0.18
"""People who answer the half-yearly question whether they would recommend us."""
DELAYS = (2 * MINUTE, 30 * MINUTE, 3 * HOUR, 12 * HOUR, 60 * HOUR)
SENT = 10 * MINUTE
"""How long after the contact the question is sent."""


@dataclass(frozen=True)
class Answer:
    """One survey answer."""

    survey_id: str
    person_id: str
    survey_type: str
    score: int
    scale_min: int
    scale_max: int
    sent_at: datetime
    responded_at: datetime
    about: str | None
    """Key of the contact it truly is about; None: about the company as a whole."""
    named: bool
    """Whether the answer names that contact."""
    channel: str | None
    email: str | None

    @property
    def low(self) -> bool:
        """Whether the answer says that something went wrong."""
        return self.score <= {"csat": 2, "nps": 6, "ces": 3}[self.survey_type]


def draw_answers(
    people: Sequence[Person], needs: Sequence[Need], stage: Stage
) -> list[Answer]:
    """Return what the people answered about their contacts and about the company."""
    owners = {person.person_id: person for person in people}
    about = [
        _about(owners[need.person_id], contact, stage)
        for need in needs
        for contact in need.contacts
    ]
    general = [_relationship(person, stage) for person in people]

    given = [answer for answer in (*about, *general) if answer]
    given.sort(key=lambda answer: (answer.responded_at, answer.person_id))

    return [
        replace(answer, survey_id=f"R-{number:05d}")
        for number, answer in enumerate(given, 1)
    ]


def _about(person: Person, contact: Contact, stage: Stage) -> Answer | None:
    dice = Dice("survey", stage.seed, contact.key)
    asked = dice.chance(ASKED) and contact.served is True
    sent = contact.touched_at + timedelta(seconds=SENT)
    responded = sent + timedelta(seconds=dice.along(DELAYS))
    named = dice.chance(NAMED)
    effort = contact.door in ("chat", "bot") and dice.chance(0.5)
    pains = contact.pains + (contact.ending in ("unsettled", "reopened"))
    if not asked or responded >= stage.ends_at:
        return None
    top = 7 if effort else 5
    score = top - min(top - 1, dice.whole(0, 1) + dice.whole(0, 1) * pains)

    return Answer(
        survey_id="",
        person_id=person.person_id,
        survey_type="ces" if effort else "csat",
        score=score,
        scale_min=1,
        scale_max=top,
        sent_at=sent,
        responded_at=responded,
        about=contact.key,
        named=named,
        channel=contact.channel,
        email=None if named else person.emails[0],
    )


def _relationship(person: Person, stage: Stage) -> Answer | None:
    dice = Dice("relationship", stage.seed, person.person_id)
    answers = dice.chance(RELATIONSHIP)
    sent = stage.ends_at - timedelta(
        seconds=dice.whole(4 * HOUR, stage.days * 24 * HOUR)
    )
    responded = sent + timedelta(seconds=dice.along(DELAYS))
    score = dice.along((0, 6, 8, 9, 10, 10))
    if not answers or responded >= stage.ends_at:
        return None

    return Answer(
        survey_id="",
        person_id=person.person_id,
        survey_type="nps",
        score=score,
        scale_min=0,
        scale_max=10,
        sent_at=sent,
        responded_at=responded,
        about=None,
        named=False,
        channel=None,
        email=person.emails[0],
    )
