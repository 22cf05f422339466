"""Times as exports write them, read as UTC instants; what cannot be read, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import polars as pl

from cxmap.sources.witnesses import (
    first_that_fits,
    refuse_other_order,
    refuse_other_unit,
)
from cxmap.tables import WHEN

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No contact centre exports an instant before: it is a sentinel or a wrong unit."""

SKEW = timedelta(days=2)
"""How far a clock may run ahead of ours."""

Skipped = Literal["reject", "later"]
Repeated = Literal["earlier", "later", "reject"]


@dataclass(frozen=True)
class ClockChange:
    """What becomes of local times that a clock change made doubtful."""

    skipped: Skipped = "reject"
    """Of those that never were; `later`: the clock had not been put forward yet."""
    repeated: Repeated = "earlier"
    """Of those that were twice."""


USUAL = ClockChange()


@dataclass(frozen=True)
class Times:
    """A column of instants, and what is known of each."""

    at: pl.Series
    """UTC, cut to whole seconds; null where empty or unreadable."""
    reason: pl.Series
    """Why a filled cell gave no instant: one of names.REJECT_REASONS."""
    precision: pl.Series
    """Index into forms.PRECISIONS; null where there is no instant."""
    zoned: pl.Series
    """`offset` or `utc` where the text says so itself; null: the zone was applied."""
    repeated: int
    """Local times that a clock change repeated, read as one of the two."""
    skipped: int
    """Local times that a clock change skipped, read all the same."""


@dataclass(frozen=True)
class _Placed:
    """A column of times, put on the UTC line."""

    at: pl.Series
    doubt: pl.Series
    """`skipped` or `repeated` for local times that a clock change made doubtful."""


def read_times(
    texts: pl.Series,
    forms: Sequence[str],
    zone: str,
    *,
    now: datetime,
    change: ClockChange = USUAL,
) -> Times:
    """Return the instants that `texts` write in the first of `forms` that fits.

    A text without an offset is local time of `zone`; `change` says how those are
    read that a clock change skipped or repeated (rejected, they are
    `nonexistent_time` and `ambiguous_time`). What lies outside 1990 … `now` + 2 days
    is `implausible_time`. Raises ContradictionError where the column proves another
    order of day and month, or another unit, than the forms declare.
    """
    column = texts.alias("text").to_frame()
    read = first_that_fits(column, forms)
    refuse_other_order(column, forms, read)
    placed = _placed(read, zone, change)
    inside = placed.at.is_between(EARLIEST, now + SKEW).fill_null(value=False)
    window = pl.col("naive").is_between(_naive(EARLIEST), _naive(now + SKEW))
    refuse_other_unit(column, forms, inside, window)
    judged = _judged(texts, read, placed, inside)
    doubts = placed.doubt.filter(inside)

    return Times(
        judged["at"].cast(WHEN),
        judged["reason"].cast(pl.String),
        judged["precision"],
        read["zoned"],
        int((doubts == "repeated").sum()),
        int((doubts == "skipped").sum()),
    )


def _naive(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)


def _judged(
    texts: pl.Series, read: pl.DataFrame, placed: _Placed, inside: pl.Series
) -> pl.DataFrame:
    doubtful = {"skipped": "nonexistent_time", "repeated": "ambiguous_time"}
    reason = (
        pl.when(texts.is_null() | inside)
        .then(None)
        .when(read["naive"].is_null())
        .then(pl.lit("bad_time"))
        .when(placed.at.is_null())
        .then(placed.doubt.replace_strict(doubtful, default=None))
        .otherwise(pl.lit("implausible_time"))
    )
    return pl.select(
        reason=reason,
        at=pl.when(inside).then(placed.at),
        precision=pl.when(inside).then(read["precision"]),
    )


def _placed(read: pl.DataFrame, zone: str, change: ClockChange) -> _Placed:
    offset = pl.duration(seconds=pl.col("offset").fill_null(0))
    exact = (pl.col("naive") - offset).dt.replace_time_zone("UTC").dt.truncate("1s")
    if read["offset"].null_count() == read["naive"].null_count():
        at = read.select(exact).to_series()
        return _Placed(at, pl.repeat(None, at.len(), dtype=pl.String, eager=True))

    local = pl.when(pl.col("offset").is_null()).then(pl.col("naive"))
    early, late = _side(local, zone, "earliest"), _side(local, zone, "latest")
    repeated = early != late
    skipped = local.is_not_null() & early.is_null()
    sides = {"earlier": early, "later": late, "reject": pl.when(~repeated).then(early)}
    forward = _forward(local, zone) if change.skipped == "later" else None
    placed = read.select(
        at=pl.when(pl.col("offset").is_not_null())
        .then(exact)
        .when(skipped)
        .then(forward)
        .otherwise(sides[change.repeated])
        .dt.truncate("1s"),
        doubt=pl.when(repeated)
        .then(pl.lit("repeated"))
        .when(skipped)
        .then(pl.lit("skipped")),
    )

    return _Placed(placed["at"], placed["doubt"])


def _side(local: pl.Expr, zone: str, side: Literal["earliest", "latest"]) -> pl.Expr:
    return local.dt.replace_time_zone(
        zone, ambiguous=side, non_existent="null"
    ).dt.convert_time_zone("UTC")


def _forward(local: pl.Expr, zone: str) -> pl.Expr:
    """Return the instant by the offset of the day before, when no clock had moved."""
    day = timedelta(days=1)
    return _side(local - day, zone, "earliest") + day
