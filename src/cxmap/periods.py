"""Periods: a small grammar of dates, resolved in a time zone and said back in words."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from cxmap.errors import UsageError
from cxmap.text import safe

ACCEPTED = (
    "2026-09-01, 2026-09, 2026-W36, 2026-Q3, 2026, today, yesterday, 28d, 4w, "
    "last-week, last-month, or an instant such as 2026-09-01T06:00:00Z"
)
ASSESSABLE = 0.95
"""A month is shown undated once this share of it can be judged."""
COMPLETE_DAYS = 28

FIRST_YEAR, LAST_YEAR = 1970, 2199
YEARS_BACK = 3
"""How far back the last month that can be judged is looked for."""

DAY = re.compile(r"\d{4}-\d\d-\d\d")
MONTH = re.compile(r"(\d{4})-(\d\d)")
WEEK = re.compile(r"(\d{4})-W(\d\d)")
QUARTER = re.compile(r"(\d{4})-Q([1-4])")
YEAR = re.compile(r"(\d{4})")
BACK = re.compile(r"([1-9]\d{0,3})([dw])")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True)
class Period:
    """A span of time, from `since` up to, not including, `until`; both in UTC."""

    since: datetime
    until: datetime
    words: str
    """What it is and how it was chosen: every view says so."""


@dataclass(frozen=True)
class _Named:
    """What one word of the grammar names."""

    since: datetime
    until: datetime
    closed: bool
    """Whether the word alone is a whole period, rather than a beginning."""


def read_period(
    since: str | None,
    until: str | None,
    *,
    now: datetime,
    zone: ZoneInfo,
    held_until: datetime | None = None,
) -> Period:
    """Return the period that `--since` and `--until` name.

    A month, week, quarter, year, `yesterday` or `28d` alone is that period; a day or
    an instant alone begins a period that ends with the data: with the day of
    `held_until`, or with now where that is earlier or nothing later is held. In
    `until` everything is included up to the end of what it names; an instant is
    exclusive.
    Raises UsageError listing what is accepted.
    """
    if since is None and until is None:
        raise UsageError(f"--since: name a period, one of {ACCEPTED}")
    begin = _named(since, "--since", now, zone) if since is not None else None
    end = _named(until, "--until", now, zone) if until is not None else None
    if begin is None and end is not None and not end.closed:
        raise UsageError("--until: say --since, too; a day alone ends no period")
    if until and BACK.fullmatch(until):
        raise UsageError("--until: a span back such as 28d belongs to --since")

    start = (begin or end or _today(now, zone)).since
    if end is not None:
        stop = end.until
    else:
        open_end = _data_end(start, held_until, now=now, zone=zone)
        stop = begin.until if begin and begin.closed else open_end
    if start >= stop:
        raise UsageError(
            "--since, --until: the period is empty; --since must lie before --until"
        )

    return Period(start, stop, words(start, stop, zone))


def default_period(
    assessable_until: datetime | None,
    *,
    now: datetime,
    zone: ZoneInfo,
    assessable_share: Callable[[datetime, datetime], float],
) -> Period:
    """Return the last calendar month that is ≥ 95 % assessable, else 28 whole days.

    `assessable_share(since, until)` says which share of a period can be judged; a
    period that holds nothing has the share 0. The days end with the last whole one
    before `assessable_until` (None: before now).
    """
    today = min(now, assessable_until or now).astimezone(zone).date()
    month = _this_month(today)
    if month[1] > now.astimezone(zone).date():
        month = _months_back(month[0], 1)
    for _ in range(12 * YEARS_BACK):
        since, until = (_midnight(day, zone) for day in month)
        if assessable_share(since, until) >= ASSESSABLE:
            chosen = f"{words(since, until, zone)} (last month that can be judged)"
            return Period(since, until, chosen)
        month = _months_back(month[0], 1)

    since = _midnight(today - timedelta(days=COMPLETE_DAYS), zone)
    until = _midnight(today, zone)
    chosen = f"{words(since, until, zone)} (last {COMPLETE_DAYS} complete days)"
    return Period(since, until, chosen)


def previous(period: Period, *, zone: ZoneInfo) -> Period:
    """Return the period before this one.

    The month, quarter or year before where the period is one; else the period
    shifted by as many whole weeks as cover it, so that weekdays meet weekdays.
    """
    first, end = _dates(period, zone)
    months = _whole_months(first, end) if _whole_days(period, zone) else 0
    if months in (1, 3, 12):
        since, until = (_midnight(d, zone) for d in _months_back(first, months))
        return Period(since, until, words(since, until, zone))
    local = period.until.astimezone(zone).replace(
        tzinfo=None
    ) - period.since.astimezone(zone).replace(tzinfo=None)

    return _shifted(period, 7 * -(-local // timedelta(weeks=1)), zone)


def year_before(period: Period, *, zone: ZoneInfo) -> Period:
    """Return the period 364 days earlier: the same weekdays."""
    return _shifted(period, 364, zone)


def months_until(end: datetime, count: int, zone: ZoneInfo) -> list[Period]:
    """Return the last calendar months that are over by `end`, the oldest first.

    Their words are the months themselves: `2026-05`.
    """
    first = end.astimezone(zone).date().replace(day=1)
    starts = [_months_on(first, -back) for back in range(count, -1, -1)]

    return [
        Period(_midnight(start, zone), _midnight(after, zone), f"{start:%Y-%m}")
        for start, after in pairwise(starts)
    ]


def whole_weeks_until(end: datetime, count: int, zone: ZoneInfo) -> list[Period]:
    """Return the last weeks, Monday to Sunday, that are over by `end`, oldest first."""
    today = end.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    starts = [monday - timedelta(weeks=back) for back in range(count, -1, -1)]
    ends = [_midnight(start, zone) for start in starts]

    return [
        Period(since, until, words(since, until, zone))
        for since, until in pairwise(ends)
    ]


def words(since: datetime, until: datetime, zone: ZoneInfo) -> str:
    """Return the period in words, days cut in `zone`: `7 Sep – 4 Oct 2026`."""
    period = Period(since, until, "")
    if not _whole_days(period, zone):
        first, end = since.astimezone(zone), until.astimezone(zone)
        return f"{_day(first)} {first:%H:%M} – {_day(end)} {end:%H:%M}"
    first_day, after = _dates(period, zone)
    last = after - timedelta(days=1)
    months = _whole_months(first_day, after)
    if months == 12:
        return f"{last.year}"
    if months == 3:
        return f"Q{(last.month + 2) // 3} {last.year}"
    if months == 1:
        return f"{MONTHS[last.month - 1]} {last.year}"
    if first_day == last:
        return _day(last)
    week = f" (W{last.isocalendar().week:02})" if _is_week(first_day, after) else ""

    return f"{_day(first_day, year=first_day.year != last.year)} – {_day(last)}{week}"


def _data_end(
    start: datetime, held_until: datetime | None, *, now: datetime, zone: ZoneInfo
) -> datetime:
    """Return the end of the last day held, never after now nor before `start`."""
    at = now.astimezone(UTC)
    if held_until is None or held_until < start:
        return at
    last = held_until.astimezone(zone).date()

    return min(at, _midnight(last + timedelta(days=1), zone))


def _named(word: str, flag: str, now: datetime, zone: ZoneInfo) -> _Named:
    text = word.strip()
    try:
        if MOMENT.fullmatch(text):
            at = datetime.fromisoformat(text)
            at = (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
            return _Named(at, at, closed=False)
        first, end, closed = _days(text, now.astimezone(zone).date())
        if not FIRST_YEAR <= first.year <= LAST_YEAR:
            raise ValueError(text)  # noqa: TRY301
        return _Named(_midnight(first, zone), _midnight(end, zone), closed)
    except (ValueError, OverflowError):
        raise UsageError(f"{flag} {safe(word)}: write one of {ACCEPTED}") from None


def _days(text: str, today: date) -> tuple[date, date, bool]:
    """Return the first day, the day after the last, and whether that is a period."""
    if DAY.fullmatch(text):
        day = date.fromisoformat(text)
        return day, day + timedelta(days=1), False
    if found := MONTH.fullmatch(text):
        return *_this_month(date(int(found[1]), int(found[2]), 1)), True
    if found := WEEK.fullmatch(text):
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        return monday, monday + timedelta(weeks=1), True
    if found := QUARTER.fullmatch(text):
        first = date(int(found[1]), 3 * int(found[2]) - 2, 1)
        return first, _months_on(first, 3), True
    if found := YEAR.fullmatch(text):
        first = date(int(found[1]), 1, 1)
        return first, _months_on(first, 12), True

    return _counted(text, today)


def _counted(text: str, today: date) -> tuple[date, date, bool]:
    if found := BACK.fullmatch(text):
        days = int(found[1]) * (7 if found[2] == "w" else 1)
        return today - timedelta(days=days), today, True

    return _spoken(text.casefold(), today)


def _spoken(text: str, today: date) -> tuple[date, date, bool]:
    monday = today - timedelta(days=today.weekday())
    one = timedelta(days=1)
    spoken = {
        "today": (today, today + one, False),
        "yesterday": (today - one, today, True),
        "last-week": (monday - timedelta(weeks=1), monday, True),
        "last-month": (*_months_back(today.replace(day=1), 1), True),
    }
    if text not in spoken:
        raise ValueError(text)

    return spoken[text]


def _today(now: datetime, zone: ZoneInfo) -> _Named:
    return _named("today", "--since", now, zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _months_on(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _this_month(day: date) -> tuple[date, date]:
    first = day.replace(day=1)
    return first, _months_on(first, 1)


def _months_back(first: date, months: int) -> tuple[date, date]:
    return _months_on(first, -months), first


def _dates(period: Period, zone: ZoneInfo) -> tuple[date, date]:
    return period.since.astimezone(zone).date(), period.until.astimezone(zone).date()


def _whole_days(period: Period, zone: ZoneInfo) -> bool:
    first, end = _dates(period, zone)
    return (_midnight(first, zone), _midnight(end, zone)) == (
        period.since,
        period.until,
    )


def _whole_months(first: date, end: date) -> int:
    """Return how many months a month, quarter or year spans; 0 for anything else."""
    for months in (1, 3, 12):
        begins = first.day == 1 and (first.month - 1) % months == 0
        if begins and _months_on(first, months) == end:
            return months

    return 0


def _is_week(first: date, end: date) -> bool:
    return first.weekday() == 0 and end - first == timedelta(weeks=1)


def _shifted(period: Period, days: int, zone: ZoneInfo) -> Period:
    def back(at: datetime) -> datetime:
        local = at.astimezone(zone).replace(tzinfo=None) - timedelta(days=days)
        return local.replace(tzinfo=zone).astimezone(UTC)

    since, until = back(period.since), back(period.until)
    return Period(since, until, words(since, until, zone))


def _day(day: date, *, year: bool = True) -> str:
    return f"{day.day} {MONTHS[day.month - 1][:3]}" + (f" {day.year}" if year else "")
