"""The settings that the pure rooms take: durations, windows, rules, hours.

They are plain frozen values, so that a room depends on no configuration file.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from cxmap.byhand import ByHand
from cxmap.text import nearest

Clock = Literal["last_touch", "start"]

Unit = Literal["person", "account"]

Convention = Literal["last", "all"]

Week = tuple[tuple[tuple[int, int], ...], ...]
"""Monday first: from when to when each day is open, in seconds of its local midnight;
beyond 86 400 it closes on the next day."""

UNITS = MappingProxyType(
    {
        "s": timedelta(seconds=1),
        "m": timedelta(minutes=1),
        "h": timedelta(hours=1),
        "d": timedelta(days=1),
        "w": timedelta(weeks=1),
    }
)


def is_zone(name: str) -> bool:
    """Tell whether a text names a time zone."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False

    return True


def read_zone(name: str) -> ZoneInfo:
    """Return the time zone of that name; ValueError names the one that was meant."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        zones = sorted(available_timezones())
        meant = {zone.rpartition("/")[2]: zone for zone in zones}
        near = nearest(name, [*zones, *meant]) or "Europe/Berlin"
        right = meant.get(near, near)
        raise ValueError(
            f"no time zone of that name; write one such as {right}"
        ) from None


def read_duration(text: str) -> timedelta:
    """Return the duration written as `30s`, `15m`, `24h`, `7d`, `2w` or `1d12h`.

    Raises ValueError for anything else: a bare number has no unit.
    """
    parts = re.findall(r"(\d+)([smhdw])", text)
    if not parts or "".join(n + u for n, u in parts) != text.strip():
        raise ValueError("write a duration with its unit, such as 24h or 7d")

    return sum((int(n) * UNITS[u] for n, u in parts), timedelta())


def write_duration(duration: timedelta) -> str:
    """Return the shortest text that `read_duration` reads back."""
    seconds = int(duration.total_seconds())
    words = []
    for unit in ("d", "h", "m", "s"):
        size = int(UNITS[unit].total_seconds())
        count, seconds = divmod(seconds, size)
        if count:
            words.append(f"{count}{unit}")

    return "".join(words) or "0s"


@dataclass(frozen=True)
class Window:
    """How long something may take: by topic, else by channel group, else for all."""

    default: timedelta | None
    """None switches the rule off."""
    topics: Mapping[str, timedelta] = field(default_factory=dict)
    """By topic; the deepest one above or equal wins over the channel group."""
    channel_groups: Mapping[str, timedelta] = field(default_factory=dict)
    start_clock: Clock = "last_touch"
    """Where the gap begins: at the earlier contact's last touch or its start."""

    @property
    def longest(self) -> timedelta:
        """The longest time this window can span; zero when it is off."""
        spans = [*self.topics.values(), *self.channel_groups.values()]
        return max([self.default or timedelta(), *spans])


@dataclass(frozen=True)
class LinkRules:
    """When two contacts of one customer are about the same need."""

    reference: bool = True
    same_topic: Window = Window(timedelta(days=7))
    unknown_topic: Window = Window(timedelta(hours=72))
    """A case silent for longer than this between its first answer (else its start) and
    its last touch counts as last touched then: being open ties nothing by itself."""
    unknown_topic_after_resolved: timedelta | None = timedelta(hours=24)
    unknown_topic_to: Literal["nearest", "all"] = "nearest"
    """Whether a contact without a topic goes with the nearest one that has a topic,
    or ties together all that it could link to."""
    retry: Window = Window(timedelta(hours=2))
    farthest: timedelta = timedelta(days=90)
    """No inferred link when the later contact starts longer after the earlier start."""


@dataclass(frozen=True)
class RepeatRule:
    """When a contact repeats the one before it, independent of journeys."""

    within: Window = Window(
        timedelta(days=7),
        channel_groups=MappingProxyType(
            {"written": timedelta(days=10), "social": timedelta(days=10)}
        ),
    )
    unknown_topic: Literal["count", "ignore"] = "count"
    retry: timedelta = timedelta(minutes=30)
    """A redial this soon after an unserved attempt to reach a person is a retry."""
    campaign_response: timedelta = timedelta(hours=72)
    return_call: timedelta = timedelta(hours=24)
    reopen_within: timedelta = timedelta(days=7)


@dataclass(frozen=True)
class IdentityRules:
    """Which identifiers may join records into one customer."""

    level: Literal["strict", "normal", "loose"] = "normal"
    email_cap: int = 2
    """An e-mail met with more external ids than this is shared."""
    caps: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType(
            {"phone": 4, "device": 3, "anonymous_id": 3, "social_handle": 2}
        )
    )
    apart: timedelta = timedelta(days=730)
    """Two groups that met an address never within this time do not share it."""
    weak_evidence: bool = True
    """Whether two groups that each hold an address of their own stay apart."""
    largest: int | None = 50
    """Keys, e-mails, phones and handles that one person may have; of a larger one only
    keys join. None: any number."""
    unit: Unit = "person"
    """Whose journeys are told: a person's, or those of all people of an account."""
    account_cap: int = 50
    """An account, or a chain of them, of more people than this makes no unit."""
    by_hand: ByHand = field(default_factory=ByHand)
    """Manual merges and splits."""


@dataclass(frozen=True)
class Holidays:
    """Days on which nobody is there, from one local midnight to the next."""

    country: str | None = None
    """ISO 3166, such as DE; None: no public holidays."""
    subdivision: str | None = None
    """Of the country, such as BE for Berlin."""
    dates: tuple[date, ...] = ()
    """Days of the company's own."""


def every(days: Iterable[int], opens: int, closes: int) -> Week:
    """Return the week that is open on `days` from `opens` to `closes`, in seconds."""
    return tuple(((opens, closes),) if day in set(days) else () for day in range(7))


OFFICE = every(range(5), 9 * 3600, 17 * 3600)


@dataclass(frozen=True)
class Schedule:
    """When somebody is there: a week that goes on and on, less the holidays."""

    zone: str = "UTC"
    week: Week = OFFICE
    holidays: Holidays = Holidays()


@dataclass(frozen=True)
class NamedSchedule:
    """A schedule of its own for some contacts; what names nothing holds for all."""

    name: str
    schedule: Schedule
    channel_groups: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hours:
    """The opening hours in which business time runs."""

    usual: Schedule = Schedule()
    schedules: tuple[NamedSchedule, ...] = ()
    """The first that holds for a contact counts; none: the usual one."""
    convention: Convention = "all"
    """Of a case that came under several: each stretch under the one then in force, or
    all of it under the last."""
    assumed: bool = True
    """Whether these are the default hours, which every view then says."""


@dataclass(frozen=True)
class Coverage:
    """From when to when one source's exports are held."""

    since: datetime | None = None
    until: datetime | None = None
    """Exclusive, and an instant: a day declared as the last one ends at midnight."""
    complete: bool = False
    """A source that will bring no more never holds the horizon back."""


@dataclass(frozen=True)
class SegmentTarget:
    """What is aimed at where every dimension named has the value named."""

    where: Mapping[str, str]
    """Dimensions (names.DIMENSIONS) and values; a topic means those below it, too."""
    target: float

    def holds(self, cell: Mapping[str, str | None]) -> bool:
        """Tell whether it is meant for a cell of these dimensions and values."""
        return all(
            name in cell and _lies_in(name, cell[name], value)
            for name, value in self.where.items()
        )

    @property
    def narrowness(self) -> tuple[int, int]:
        """How much it says of a cell: its dimensions, and how deep its topic lies."""
        return len(self.where), self.where.get("topic", "").count("/")


def target_of(
    cell: Mapping[str, str | None],
    segments: Sequence[SegmentTarget],
    whole: float | None,
) -> float | None:
    """Return the narrowest target that holds for a cell, else that of the whole.

    Of two that are equally narrow the first one counts. The whole (no dimensions)
    has its own target alone.
    """
    holding = [one for one in segments if one.holds(cell)]
    if not holding:
        return whole

    return max(holding, key=lambda one: one.narrowness).target


def _lies_in(name: str, held: str | None, wanted: str) -> bool:
    if held is None:
        return False

    return held == wanted or (name == "topic" and held.startswith(f"{wanted}/"))
