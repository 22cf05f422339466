"""Which two sides are compared: two periods, two segments, before and after a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.comparison import Compared, Kind
from cxmap.config import Config
from cxmap.config.spelling import instant
from cxmap.desk.cells import UNKNOWN, values_instead
from cxmap.errors import UsageError
from cxmap.framing import chosen_period
from cxmap.names import DIMENSIONS
from cxmap.options import read_duration
from cxmap.periods import Period, read_period, words
from cxmap.scoring import dimensioned, in_period, within
from cxmap.text import nearest, safe

WEEKS = 4
"""So many weeks lie on either side of a day, where as many are held."""
Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Asked:
    """What a reader asks of `compare`."""

    a: str | None = None
    b: str | None = None
    since: str | None = None
    until: str | None = None
    before_after: str | None = None
    span: str | None = None
    by: tuple[str, ...] = ()
    kpis: tuple[str, ...] = ()


@dataclass(frozen=True)
class Clock:
    """As of when and in which zone days are cut; up to when silence is believed."""

    now: datetime
    zone: ZoneInfo
    horizon: datetime | None


def sides_of(
    asked: Asked, contacts: pl.DataFrame, clock: Clock
) -> tuple[Kind, Compared, Compared]:
    """Return the two sides; UsageError where they cannot be told or overlap."""
    if asked.before_after is not None:
        if asked.a or asked.b or asked.since or asked.until:
            raise UsageError("--before-after: names both sides; leave out all others")
        return "before_after", *_around(asked, contacts, clock)
    if asked.span is not None:
        raise UsageError("--span: belongs to --before-after DATE")
    if asked.a is None or asked.b is None:
        raise UsageError(
            "compare: name two sides, as `2026-04 2026-05` or `channel=chat "
            "channel=voice`, or give --before-after DATE"
        )
    if ("=" in asked.a) != ("=" in asked.b):
        raise UsageError(
            "compare: name two periods or two segments, not one of each; a period "
            "for segments goes to --since"
        )
    if "=" in asked.a:
        return "segments", *_segments(asked, contacts, clock)

    return "periods", *_periods(asked, clock)


def _periods(asked: Asked, clock: Clock) -> tuple[Compared, Compared]:
    if asked.since or asked.until:
        raise UsageError("--since, --until: belong to segments; A and B are periods")
    a, b = (_period(str(word), clock) for word in (asked.a, asked.b))
    if a.since < b.until and b.since < a.until:
        raise UsageError("compare: A and B overlap; name two periods that do not")

    return _side("A", a), _side("B", b)


def _period(word: str, clock: Clock) -> Period:
    """The period of one word, or of two with `..` between them."""
    since, parted, until = word.partition("..")
    return read_period(
        since or None,
        until if parted else None,
        now=clock.now,
        zone=clock.zone,
        held_until=clock.horizon,
    )


def _segments(
    asked: Asked, contacts: pl.DataFrame, clock: Clock
) -> tuple[Compared, Compared]:
    period = chosen_period(
        contacts,
        asked.since,
        asked.until,
        horizon_at=clock.horizon,
        now=clock.now,
        zone=clock.zone,
    )
    a, b = (_segment(str(word)) for word in (asked.a, asked.b))
    (of_a, in_a), (of_b, in_b) = *a.items(), *b.items()
    if of_a == of_b and {*in_a} & {*in_b}:
        raise UsageError("compare: A and B overlap; name two segments that do not")
    if of_a != of_b:
        raise UsageError(f"compare: A is of {of_a} and B of {of_b}; name one dimension")

    return _side(str(asked.a), period, a), _side(str(asked.b), period, b)


def _segment(word: str) -> Mapping[str, tuple[str | None, ...]]:
    dimension, _, told = word.partition("=")
    name = dimension.strip()
    if name not in DIMENSIONS:
        near = nearest(name, DIMENSIONS)
        hint = f"did you mean {near}? " if near else ""
        raise UsageError(
            f"compare {safe(word)}: {hint}write one of {', '.join(DIMENSIONS)}"
        )
    values = [value.strip() for value in told.split(",") if value.strip()]
    if not values:
        raise UsageError(f"compare {safe(word)}: write a value, as {name}=…")

    return {name: tuple(None if one == UNKNOWN else one for one in values)}


def _around(
    asked: Asked, contacts: pl.DataFrame, clock: Clock
) -> tuple[Compared, Compared]:
    """Both sides: whole weeks, as many and so of the same weekdays; the day is after.

    Unless told, as many weeks as are held on both sides, at most WEEKS.
    """
    day = _day(str(asked.before_after))
    first, last = contacts["started_at"].min(), clock.horizon
    if not isinstance(first, datetime) or last is None:
        raise UsageError("--before-after: no contacts are held")
    begins, ends = (at.astimezone(clock.zone).date() for at in (first, last))
    room = {
        "before": (day - begins).days // 7,
        "after": (ends + timedelta(days=1) - day).days // 7,
    }
    wanted = _weeks(asked.span) if asked.span else None
    for where, weeks in room.items():
        if weeks < (wanted or 1):
            raise UsageError(
                f"--before-after {day}: {max(weeks, 0)} whole weeks are held {where} "
                f"it (contacts from {begins} to {ends}); "
                + ("name a shorter --span" if weeks > 0 else "name another day")
            )
    weeks = wanted or min(WEEKS, *room.values())
    ends_at = [
        datetime.combine(day + timedelta(weeks=n), time(), clock.zone).astimezone(UTC)
        for n in (-weeks, 0, weeks)
    ]
    before, after = (
        Period(since, until, words(since, until, clock.zone))
        for since, until in ((ends_at[0], ends_at[1]), (ends_at[1], ends_at[2]))
    )
    return _side("before", before), _side("after", after)


def _day(word: str) -> date:
    try:
        return date.fromisoformat(word.strip())
    except ValueError:
        raise UsageError(
            f"--before-after {safe(word)}: write a day such as 2026-05-04"
        ) from None


def _weeks(span: str) -> int:
    try:
        length = read_duration(span)
    except ValueError as error:
        raise UsageError(f"--span: {error}") from None
    weeks, rest = divmod(length, timedelta(weeks=1))
    if rest or weeks < 1:
        raise UsageError(
            f"--span {safe(span)}: write whole weeks, such as 4w, so that weekdays "
            "meet weekdays"
        )

    return weeks


def _side(
    label: str,
    period: Period,
    only: Mapping[str, tuple[str | None, ...]] | None = None,
) -> Compared:
    return Compared(label, period.since, period.until, period.words, only or {})


def annotated(
    config: Config, kind: Kind, a: Compared, b: Compared, zone: ZoneInfo
) -> list[str]:
    """Return the annotations of the config that fall into a side, and into which."""
    sides = (a,) if kind == "segments" else (a, b)
    notes = []
    for one in config.annotations:
        since = instant(one.since, zone)
        until = instant(one.until or one.since, zone, days=1)
        where = [s.label for s in sides if since < s.until and until > s.since]
        if where:
            days = f"{one.since} – {one.until}" if one.until else one.since
            beside = "" if kind == "segments" else f" (in {' and '.join(where)})"
            notes.append(f"annotated {days}: {one.text}{beside}")

    return notes


def nobody_in(side: Compared, letter: str, tables: Tables, zone: ZoneInfo) -> list[str]:
    """Return why a side holds nobody, as one sentence; nothing where it holds any."""
    span = (side.since, side.until)
    contacts = dimensioned(tables["contacts"], "contacts", tables)
    placed = in_period(contacts, "started_at", "started", span=span, zone=zone.key)
    if within(placed, side.only).height:
        return []
    if placed.is_empty():
        return [f"nobody is in {letter}: no contact began in {side.words}"]
    ((name, values),) = side.only.items()

    instead = values_instead(placed[name], values[0])

    return [f"nobody is in {letter}, {safe(side.label)}: {instead}"]
