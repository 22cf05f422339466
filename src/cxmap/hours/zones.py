"""When the clock on a zone's wall first shows a time: local time as instants."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import polars as pl

DAY = 86_400
WEEK = 7 * DAY

BEGIN = 4 * DAY
"""The Monday 1970-01-05, in seconds since the epoch."""
WEEKS = 5_218
END = BEGIN + WEEKS * WEEK
"""A hundred years later."""


def shown_at(wall: pl.Expr, zone: str) -> pl.Expr:
    """Return when the zone's clock first shows `wall` or later, both in seconds.

    A time that the clock skips is the moment of the skip, one that it shows twice is
    the first of both: so time that one span ends with is what the next begins with,
    and a day of 23 or 25 hours is as long as it is.
    """
    begins, offsets, ends = _pieces(zone)
    piece = pl.lit(ends).search_sorted(wall, side="right")

    return pl.max_horizontal(
        pl.lit(begins).gather(piece), wall - pl.lit(offsets).gather(piece)
    )


@cache
def _pieces(zone: str) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Return from when each offset holds, the offset, and the latest time it shows."""
    changes = _changes(ZoneInfo(zone))
    begins = pl.Series([at for at, _ in changes], dtype=pl.Int64)
    offsets = pl.Series([offset for _, offset in changes], dtype=pl.Int64)
    until = begins.shift(-1, fill_value=END + 2 * WEEK)

    return begins, offsets, (until + offsets).cum_max()


def _changes(zone: ZoneInfo) -> list[tuple[int, int]]:
    """Return every change of the zone's offset from UTC, and the one it begins with."""
    first = BEGIN - WEEK
    changes = [(first, _offset(first, zone))]
    for at in range(first + WEEK, END + 2 * WEEK, WEEK):
        if _offset(at, zone) != changes[-1][1]:
            changes.append(_change(at - WEEK, at, zone))

    return changes


def _change(before: int, after: int, zone: ZoneInfo) -> tuple[int, int]:
    """Return when, between two instants, the later one's offset began."""
    offset = _offset(after, zone)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(middle, zone) == offset:
            after = middle
        else:
            before = middle

    return after, offset


def _offset(at: int, zone: ZoneInfo) -> int:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at)
    offset = moment.astimezone(zone).utcoffset() or timedelta()

    return offset // timedelta(seconds=1)
