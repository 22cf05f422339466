"""Business time: how long something took while the company was open."""

from datetime import time

import polars as pl

from cxmap.options import Hours

DAY = 86_400
WEEK = 7 * DAY
FIRST_MONDAY = 4 * DAY
"""1970-01-05, in seconds since the epoch."""


def business_seconds(start: pl.Expr, end: pl.Expr, hours: Hours) -> pl.Expr:
    """Return the opening seconds between two UTC instants; null if either is null.

    Time runs by the clock on the wall in the hours' own zone, so a day of opening
    is as long in the week the clocks change as in any other. An end before its
    start is zero. Closing at or before opening means the next day; midnight to
    midnight is a whole day.
    """
    elapsed = _opening_seconds(end, hours) - _opening_seconds(start, hours)

    return elapsed.clip(lower_bound=0)


def day_seconds(hours: Hours) -> int:
    """Return how long a business day is open."""
    opens, closes = _second_of_day(hours.opens), _second_of_day(hours.closes)

    return closes - opens if closes > opens else closes - opens + DAY


def _opening_seconds(instant: pl.Expr, hours: Hours) -> pl.Expr:
    wall = instant.dt.convert_time_zone(hours.zone).dt.replace_time_zone(None)
    since_monday = wall.dt.epoch("s") - FIRST_MONDAY
    spans = _weekly_spans(hours)
    weekly = sum(closes - opens for opens, closes in spans)
    so_far = since_monday // WEEK * weekly
    for opens, closes in spans:
        so_far = so_far + (since_monday % WEEK).clip(opens, closes) - opens

    return so_far


def _weekly_spans(hours: Hours) -> list[tuple[int, int]]:
    opens, length = _second_of_day(hours.opens), day_seconds(hours)
    spans: list[tuple[int, int]] = []
    for day in sorted(set(hours.days)):
        first = day * DAY + opens
        last = first + length
        spans.append((first, min(last, WEEK)))
        if last > WEEK:
            spans.append((0, last - WEEK))

    return spans


def _second_of_day(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second
