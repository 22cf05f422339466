"""Days, opening hours and business time of the demo company."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from cxmap.demo.company import ZONE_NAME

ZONE = ZoneInfo(ZONE_NAME)
HOUR = 3600
DAY = 24 * HOUR


@dataclass(frozen=True)
class Opening:
    """The local hours in which somebody is there; Monday is 0."""

    days: tuple[int, ...]
    opens: int
    closes: int


OFFICE = Opening((0, 1, 2, 3, 4), 8, 18)
"""The hours in which business time runs, as the company's cxmap.yaml says."""

OPENINGS = MappingProxyType(
    {
        "voice": Opening((0, 1, 2, 3, 4, 5), 8, 20),
        "hotline": Opening((0, 1, 2, 3, 4), 8, 18),
        "chat": Opening((0, 1, 2, 3, 4, 5), 8, 20),
        "branch": Opening((0, 1, 2, 3, 4, 5), 10, 19),
    }
)
"""When each door is open; doors that are not named are always open."""


def instant(day: date, seconds: int) -> datetime:
    """Return the UTC instant `seconds` after the local midnight that begins `day`."""
    clock = time(seconds // HOUR, seconds % HOUR // 60, seconds % 60)

    return datetime.combine(day, clock, ZONE).astimezone(UTC)


def next_open(at: datetime, opening: Opening) -> datetime:
    """Return `at`, or the first instant after it at which the door is open.

    Who comes too early waits as many minutes into the day as the minute of `at`
    says, so that not everybody stands at the door when it opens.
    """
    here = at.astimezone(ZONE)
    day, seconds = here.date(), here.hour * HOUR + here.minute * 60 + here.second
    late = seconds >= opening.closes * HOUR - 20 * 60
    if day.weekday() in opening.days and opening.opens * HOUR <= seconds and not late:
        return at
    day += timedelta(days=1 if late else 0)
    while day.weekday() not in opening.days:
        day += timedelta(days=1)

    return instant(day, opening.opens * HOUR + here.minute * 60 + here.second)


def business_seconds(start: datetime, end: datetime) -> int:
    """Return the seconds of office hours from `start` to `end`."""
    here, there = start.astimezone(ZONE), end.astimezone(ZONE)
    day, total = here.date(), 0
    while day <= there.date():
        if day.weekday() in OFFICE.days:
            opens = max(start, instant(day, OFFICE.opens * HOUR))
            closes = min(end, instant(day, OFFICE.closes * HOUR))
            total += max(0, int((closes - opens).total_seconds()))
        day += timedelta(days=1)

    return total


def office_later(start: datetime, seconds: int) -> datetime:
    """Return the instant at which `seconds` of office hours have passed."""
    left, at = seconds, next_open(start, OFFICE)
    while True:
        closes = instant(at.astimezone(ZONE).date(), OFFICE.closes * HOUR)
        today = int((closes - at).total_seconds())
        if left <= today:
            return at + timedelta(seconds=left)
        left -= max(0, today)
        at = next_open(closes, OFFICE)
