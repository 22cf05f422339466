"""A stretch of time cut into days, weeks, months or quarters, in a zone."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from cxmap.errors import UsageError
from cxmap.periods import Period
from cxmap.text import safe

Step = Literal["day", "week", "month", "quarter"]

STEPS: tuple[Step, ...] = get_args(Step)

USUAL = 13
"""Periods shown where nobody says how many: a month and the same one a year ago."""

MOST = 400
"""Periods that one table may hold."""

LETTERS: Mapping[str, Step] = MappingProxyType(
    {"d": "day", "w": "week", "m": "month", "q": "quarter"}
)

COUNTED = re.compile(r"([1-9]\d{0,3})([dwmq])?")

ACCEPTED = f"13, 13m, 26w, 30d, 4q, or {', '.join(STEPS)}"


@dataclass(frozen=True)
class Grid:
    """How long a period is, and how many of them; None: as many as there are."""

    step: Step = "month"
    count: int | None = None


def read_grid(word: str | None) -> Grid:
    """Return what `--periods` says: `13m` is thirteen months, `week` weeks.

    Raises UsageError listing what is accepted.
    """
    text = "month" if word is None else word.strip().casefold()
    if text in STEPS:
        return Grid(text)
    found = COUNTED.fullmatch(text)
    if found is None or int(found[1]) > MOST:
        raise UsageError(
            f"--periods {safe(word)}: write one of {ACCEPTED}; at most {MOST} periods"
        )

    return Grid(LETTERS[found[2] or "m"], int(found[1]))


def cut_up(
    since: datetime, until: datetime, step: Step, zone: ZoneInfo
) -> tuple[Period, ...]:
    """Return the periods between two instants, the first and last cut off there.

    Raises UsageError where they would be more than MOST.
    """
    day, after = _begin(since.astimezone(zone).date(), step), since
    found: list[Period] = []
    while after < until:
        following = _after(day, step)
        before, after = _midnight(day, zone), _midnight(following, zone)
        found.append(Period(max(before, since), min(after, until), _name(day, step)))
        day = following
        if len(found) > MOST:
            raise UsageError(
                f"--periods: more than {MOST} {step}s; ask for fewer or longer ones"
            )

    return tuple(found)


def last_until(
    end: datetime, grid: Grid, zone: ZoneInfo, *, begun: datetime | None
) -> tuple[Period, ...]:
    """Return the last periods up to the one in which the data end, whole.

    Those over before `begun`, when the first contact was held, are left out.
    """
    moment = end - timedelta(microseconds=1)
    last = _begin(moment.astimezone(zone).date(), grid.step)
    days = [last]
    for _ in range((grid.count or USUAL) - 1):
        days.append(_begin(days[-1] - timedelta(days=1), grid.step))
    periods = [
        Period(
            _midnight(day, zone),
            _midnight(_after(day, grid.step), zone),
            _name(day, grid.step),
        )
        for day in reversed(days)
    ]

    return tuple(one for one in periods if begun is None or one.until > begun)


def is_whole(period: Period, step: Step, zone: ZoneInfo) -> bool:
    """Tell whether the period is a whole day, week, month or quarter."""
    day = period.since.astimezone(zone).date()
    starts = _midnight(_begin(day, step), zone) == period.since

    return starts and _midnight(_after(day, step), zone) == period.until


def _begin(day: date, step: Step) -> date:
    begins: Mapping[Step, Callable[[], date]] = {
        "day": lambda: day,
        "week": lambda: day - timedelta(days=day.weekday()),
        "month": lambda: day.replace(day=1),
        "quarter": lambda: day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1),
    }

    return begins[step]()


def _after(day: date, step: Step) -> date:
    """Return the first day after the period that holds `day`."""
    first = _begin(day, step)
    if step in ("day", "week"):
        return first + timedelta(days=7 if step == "week" else 1)
    ahead = 3 if step == "quarter" else 1
    year, month = divmod(first.year * 12 + first.month - 1 + ahead, 12)

    return date(year, month + 1, 1)


def _name(day: date, step: Step) -> str:
    if step == "week":
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    if step == "quarter":
        return f"{day.year}-Q{(day.month + 2) // 3}"

    return f"{day:%Y-%m}" if step == "month" else day.isoformat()


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
