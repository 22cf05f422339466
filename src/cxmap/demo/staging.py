"""Plots played by people: needs drawn, beats turned into contacts with times."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from cxmap.demo.clock import HOUR, OPENINGS, instant, next_open
from cxmap.demo.company import TOPICS, TREE
from cxmap.demo.contacts import UNSERVED, Contact, Need
from cxmap.demo.dice import Dice
from cxmap.demo.difficulty import Difficulty
from cxmap.demo.people import Person
from cxmap.demo.plots import PLOTS, Beat
from cxmap.demo.showing import show
from cxmap.demo.timing import spend_live, spend_written

NEEDS = {0: 12.0, 1: 28.0, 2: 24.0, 3: 16.0, 4: 10.0, 5: 6.0, 7: 3.0, 10: 1.0}
"""Needs a person has in half a year, and how common that is."""
HOURS_OF_DAY = (7 * HOUR, 9 * HOUR, 11 * HOUR, 14 * HOUR, 17 * HOUR, 22 * HOUR)
WEEKDAYS = (1.0, 0.9, 0.8, 0.8, 0.8, 0.5, 0.3)
"""How likely a need that falls on a weekday stays there; Monday first."""


@dataclass(frozen=True)
class Stage:
    """The half year in which the world plays."""

    seed: int
    since: date
    days: int
    level: Difficulty

    @property
    def since_at(self) -> datetime:
        """The local midnight with which the world begins."""
        return instant(self.since, 0)

    @property
    def ends_at(self) -> datetime:
        """The instant at which the exports were drawn: a local midnight."""
        return instant(self.since + timedelta(days=self.days), 0)

    def skew(self, at: datetime) -> int:
        """Return by how many seconds the second hotline's clock is ahead at `at`.

        It drifts from Monday on and is set right again every week.
        """
        return self.level.skew * at.weekday() // 6


def draw_needs(person: Person, stage: Stage) -> list[Need]:
    """Return the needs of one person, those of the last days cut off at the end."""
    dice = Dice("needs", stage.seed, person.person_id)
    wanted = dice.weighted(NEEDS) * stage.days / 181
    count = int(wanted) + dice.chance(wanted - int(wanted))
    days = sorted(_day(dice, stage) for _ in range(count))
    needs: list[Need] = []
    for number, day in enumerate(days):
        begins = instant(stage.since + timedelta(days=day), dice.along(HOURS_OF_DAY))
        topic = dice.weighted({topic.node: topic.weight for topic in TOPICS})
        earlier = needs[-1] if needs else None
        if earlier and dice.chance(stage.level.parallel):
            begins = earlier.contacts[0].started_at + timedelta(hours=dice.whole(2, 72))
            topic = _another(topic, earlier.topic)
        elif earlier and dice.chance(stage.level.lookalike):
            begins = earlier.contacts[-1].touched_at + timedelta(days=dice.whole(9, 21))
            topic = earlier.topic
        need = _need(person, number, topic, begins, stage)
        if need.contacts:
            needs.append(need)

    return needs


def _day(dice: Dice, stage: Stage) -> int:
    day = dice.whole(0, stage.days - 1)
    weekday = (stage.since + timedelta(days=day)).weekday()

    return day if dice.chance(WEEKDAYS[weekday]) else min(day + 1, stage.days - 1)


def _another(topic: str, taken: str) -> str:
    return TREE[topic].neighbour if topic == taken else topic


@dataclass(frozen=True)
class Script:
    """What one person is to play: a need, its topic and its beats."""

    person: Person
    need_id: str
    topic: str
    beats: tuple[Beat, ...]


def _need(
    person: Person, number: int, topic: str, begins: datetime, stage: Stage
) -> Need:
    need_id = f"n{person.number:05d}-{number + 1:02d}"
    dice = Dice("plot", stage.seed, need_id)
    name = dice.weighted({name: plot.weight for name, plot in PLOTS.items()})
    played = play(Script(person, need_id, topic, PLOTS[name].beats), begins, stage)
    kept = [contact for contact in played if contact.started_at < stage.ends_at]

    return Need(need_id, person.person_id, topic, name, tuple(kept))


def play(script: Script, begins: datetime, stage: Stage) -> list[Contact]:
    """Return the contacts of one need, beat by beat."""
    contacts: list[Contact] = []
    at = begins
    for step, beat in enumerate(script.beats):
        dice = Dice("contact", stage.seed, script.need_id, step)
        before = contacts[-1] if contacts else None
        if before:
            ended = before.started_at if _unheard(before) else before.touched_at
            at = ended + timedelta(seconds=dice.whole(*beat.after))
        draft = _draft(script, step, at, stage.level, dice)
        if draft.live:
            contact = spend_live(draft, dice)
        else:
            contact = spend_written(draft, dice, stage.ends_at)
        if before and beat.follow_up:
            contact = _following(contact, before)
        contacts.append(contact)

    return contacts


def _unheard(contact: Contact) -> bool:
    """Tell whether the customer had heard nothing yet when they turned elsewhere."""
    return contact.ending in ("waiting", "ignored")


def _draft(
    script: Script, step: int, at: datetime, level: Difficulty, dice: Dice
) -> Contact:
    """Return the contact that a beat makes, before its times are known."""
    beat = script.beats[step]
    opening = OPENINGS.get(beat.door)

    return Contact(
        key=f"{script.need_id}/{step + 1}",
        person_id=script.person.person_id,
        need_id=script.need_id,
        door=beat.door,
        ending=beat.ending,
        topic=script.topic,
        recorded=_recorded(script.topic, beat, level, dice),
        started_at=next_open(at, opening) if opening else at,
        touched_at=at,
        transfers=beat.transfers,
        shown=show(script.person, beat.door, level, dice),
        resent=dice.chance(level.resent),
    )


def _recorded(topic: str, beat: Beat, level: Difficulty, dice: Dice) -> str | None:
    missing, wrong = dice.chance(level.topic_missing), dice.chance(level.topic_wrong)
    unspoken = beat.ending in (*UNSERVED, "ignored")
    if missing or unspoken or beat.door in ("hotline", "voicemail"):
        return None

    return TREE[topic].neighbour if wrong else topic


def _following(contact: Contact, before: Contact) -> Contact:
    return replace(
        contact,
        follows=before.key,
        shown=before.shown,
        agents=before.agents or contact.agents,
    )
