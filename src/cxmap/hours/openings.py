"""Opening hours as a table of instants, and the time between two of them."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import polars as pl

from cxmap.hours.closings import closed_days
from cxmap.hours.zones import BEGIN, DAY, END, WEEK, WEEKS, shown_at
from cxmap.options import Hours, Schedule

SHUT = 1_000
"""More than any number of spans that may be open at once."""

KEPT = 32
"""How many schedules are remembered."""

SPAN = END - BEGIN


@dataclass(frozen=True)
class Openings:
    """When several schedules are open, one after the other; the usual one first.

    The seconds of schedule number k begin at k * SPAN. Whatever lies before or after
    the table is told by its first or last week, which goes on for ever.
    """

    at: pl.Series
    """When a schedule opens or closes."""
    open: pl.Series
    """1 once it has opened, 0 once it has closed, by how many of `at` are past."""
    base: pl.Series
    """What is to be added to an open time then for how long it has been open."""
    first_week: pl.Series
    last_week: pl.Series
    """How long each schedule is open in the first and in the last week."""


def business_seconds(
    start: pl.Expr, end: pl.Expr, hours: Hours, schedule: pl.Expr | None = None
) -> pl.Expr:
    """Return the opening seconds between two UTC instants; null if either is null.

    It is true time: a day of opening that the clocks make longer or shorter is as
    long as it is. `schedule` names one of the hours'; null is the usual one. An end
    before its start is zero.
    """
    number = _number(hours, schedule)
    elapsed = _opening_seconds(end, hours, number) - _opening_seconds(
        start, hours, number
    )

    return elapsed.clip(lower_bound=0)


def is_open(at: pl.Expr, hours: Hours, schedule: pl.Expr | None = None) -> pl.Expr:
    """Return whether a UTC instant lies in the opening hours; closing is outside."""
    openings = _openings(_all(hours))
    _, key = _placed(at, _number(hours, schedule))
    runs = pl.lit(openings.open).gather(_piece(openings, key)) > 0

    return pl.when(at.is_not_null()).then(runs)


def day_seconds(hours: Hours, schedule: pl.Expr | None = None) -> pl.Expr:
    """Return how long a business day is: the opening time of a week over its days."""
    lengths = [_day(one) for one in _all(hours)]

    return pl.lit(pl.Series(lengths, dtype=pl.Int64)).gather(_number(hours, schedule))


def _all(hours: Hours) -> tuple[Schedule, ...]:
    return (hours.usual, *(one.schedule for one in hours.schedules))


def _number(hours: Hours, schedule: pl.Expr | None) -> pl.Expr:
    """Return the number of a schedule by its name; the usual one is 0."""
    if schedule is None or not hours.schedules:
        return pl.lit(0, pl.Int64)
    names = {one.name: at for at, one in enumerate(hours.schedules, start=1)}

    return schedule.replace_strict(names, default=0, return_dtype=pl.Int64)


def _day(schedule: Schedule) -> int:
    days = [spans for spans in schedule.week if spans]
    whole = sum(closes - opens for spans in days for opens, closes in spans)

    return whole // len(days) if days else DAY


def _opening_seconds(instant: pl.Expr, hours: Hours, number: pl.Expr) -> pl.Expr:
    """Return how long a schedule has been open since the table began."""
    openings = _openings(_all(hours))
    beyond, key = _placed(instant, number)
    piece = _piece(openings, key)
    runs = pl.lit(openings.open).gather(piece)
    within = pl.lit(openings.base).gather(piece) + runs * key
    weekly = (
        pl.when(beyond < 0)
        .then(pl.lit(openings.first_week).gather(number))
        .otherwise(pl.lit(openings.last_week).gather(number))
    )

    return pl.when(beyond == 0).then(within).otherwise(within + beyond * weekly)


def _placed(instant: pl.Expr, number: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return how many weeks before or after the table it is, and its place within."""
    at = instant.dt.epoch("s") - BEGIN
    before, after = at // WEEK, at // WEEK - (WEEKS - 1)
    beyond = pl.when(at < 0).then(before).when(at >= SPAN).then(after).otherwise(0)

    return beyond, at - beyond * WEEK + number * SPAN


def _piece(openings: Openings, key: pl.Expr) -> pl.Expr:
    """Return how many openings and closings are past."""
    return pl.lit(openings.at).search_sorted(key, side="right")


def _after_none(told: pl.Series) -> pl.Series:
    return pl.concat([pl.Series([0], dtype=pl.Int64), told])


@lru_cache(KEPT)
def _openings(schedules: tuple[Schedule, ...]) -> Openings:
    told = [_told(one) for one in schedules]
    whole = pl.concat(
        one.with_columns(pl.col("at") + place * SPAN) for place, one in enumerate(told)
    )

    return Openings(
        at=whole["at"],
        open=_after_none(whole["open"]),
        base=_after_none(whole["so_far"] - whole["at"] * whole["open"]),
        first_week=pl.Series([_in_week(one, 0) for one in told], dtype=pl.Int64),
        last_week=pl.Series([_in_week(one, WEEKS - 1) for one in told], dtype=pl.Int64),
    )


def _in_week(told: pl.DataFrame, week: int) -> int:
    """Return how long a schedule is open in one week of the table."""
    opens = pl.col("at")
    closes = opens.shift(-1, fill_value=SPAN)
    since, until = week * WEEK, (week + 1) * WEEK
    here = closes.clip(since, until) - opens.clip(since, until)

    return int(told.select((here * pl.col("open")).sum()).item())


@lru_cache(KEPT)
def _told(schedule: Schedule) -> pl.DataFrame:
    """Return `at`, `open` and `so_far` of one schedule, by the table's seconds.

    Spans that meet or overlap are one, and what lies in a holiday is shut.
    """
    depth = pl.concat([_spans(schedule), _holidays(schedule)])
    changes = depth.group_by("at").agg(pl.col("depth").sum()).sort("at")
    level = (pl.col("depth").cum_sum() > 0).cast(pl.Int64)
    opened = changes.select(at=pl.col("at").clip(0, SPAN), open=level).filter(
        pl.col("at") < SPAN
    )
    begun = pl.concat([pl.DataFrame({"at": [0], "open": [0]}), opened])
    told = begun.unique("at", keep="last", maintain_order=True).filter(
        (pl.col("open") != pl.col("open").shift()).fill_null(value=True)
    )
    lasted = (pl.col("at") - pl.col("at").shift(fill_value=0)) * pl.col("open").shift(
        fill_value=0
    )

    return told.with_columns(so_far=lasted.cum_sum())


def _spans(schedule: Schedule) -> pl.DataFrame:
    """Return where each span of each day begins (+1) and ends (-1)."""
    rows = [
        (weekday, opens, closes)
        for weekday, spans in enumerate(schedule.week)
        for opens, closes in spans
    ]
    names = ("weekday", "opens", "closes")
    week = pl.DataFrame(rows, dict.fromkeys(names, pl.Int64()), orient="row")
    midnight = pl.int_range(BEGIN - WEEK, END + WEEK, DAY, eager=True).alias("midnight")
    days = midnight.to_frame().with_columns(
        weekday=(pl.col("midnight") - BEGIN) // DAY % 7
    )

    return _edges(
        days.join(week, on="weekday").select(
            opens=pl.col("midnight") + pl.col("opens"),
            closes=pl.col("midnight") + pl.col("closes"),
        ),
        schedule.zone,
        depth=1,
    )


def _holidays(schedule: Schedule) -> pl.DataFrame:
    """Return where each holiday begins and ends: from local midnight to midnight."""
    first, last = date(1970, 1, 1), date(2070, 1, 14)
    closed = [day for day in closed_days(schedule.holidays) if first <= day <= last]
    opens = pl.Series("opens", closed, pl.Date()).cast(pl.Int64) * DAY

    return _edges(
        opens.to_frame().with_columns(closes=pl.col("opens") + DAY),
        schedule.zone,
        depth=-SHUT,
    )


def _edges(spans: pl.DataFrame, zone: str, *, depth: int) -> pl.DataFrame:
    ends = {"opens": depth, "closes": -depth}

    return pl.concat(
        spans.select(
            at=shown_at(pl.col(name), zone) - BEGIN,
            depth=pl.lit(change, pl.Int64),
        )
        for name, change in ends.items()
    )
