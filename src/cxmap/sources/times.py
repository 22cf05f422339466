"""Times as exports write them, read as UTC instants; what cannot be read, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from cxmap.sources.forms import field_order, first_of, read_form, unread
from cxmap.tables import WHEN

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No contact centre exports an instant before: it is a sentinel or a wrong unit."""

SKEW = timedelta(days=2)
"""How far a clock may run ahead of ours."""


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
    ambiguous: int
    """Local times that a clock change repeated, read as the earlier."""


class OrderError(ValueError):
    """A column that proves both orders of day and month, with a witness of each."""

    def __init__(self, day_first: int, month_first: int) -> None:
        super().__init__("day and month stand in both orders")
        self.day_first = day_first
        self.month_first = month_first


def read_times(
    texts: pl.Series, forms: Sequence[str], zone: str, *, now: datetime
) -> Times:
    """Return the instants that `texts` write in the first of `forms` that fits.

    A text without an offset is local time of `zone`. A local time that a clock
    change skipped is `nonexistent_time`; one that it repeated is the earlier of the
    two. What lies outside 1990 … `now` + 2 days is `implausible_time`. Raises
    OrderError where the forms leave open which is the day and the column holds both.
    """
    column = texts.alias("text").to_frame()
    _refuse_both_orders(column, forms)
    read = _first_that_fits(column, forms)
    at, ambiguous = _instants(read, zone)
    judged = _judged(texts, read, at.dt.truncate("1s"), now)

    return Times(
        judged["at"].cast(WHEN),
        judged["reason"].cast(pl.String),
        judged["precision"],
        read["zoned"],
        ambiguous,
    )


def _judged(
    texts: pl.Series, read: pl.DataFrame, at: pl.Series, now: datetime
) -> pl.DataFrame:
    inside = at.is_between(EARLIEST, now + SKEW)
    reason = (
        pl.when(texts.is_null() | inside.fill_null(False))
        .then(None)
        .when(read["naive"].is_null())
        .then(pl.lit("bad_time"))
        .when(at.is_null())
        .then(pl.lit("nonexistent_time"))
        .otherwise(pl.lit("implausible_time"))
    )
    return pl.select(
        reason=reason,
        at=pl.when(inside).then(at),
        precision=pl.when(inside).then(read["precision"]),
    )


def _instants(read: pl.DataFrame, zone: str) -> tuple[pl.Series, int]:
    offset = pl.duration(seconds=pl.col("offset").fill_null(0))
    exact = (pl.col("naive") - offset).dt.replace_time_zone("UTC")
    if read["offset"].null_count() == read["naive"].null_count():
        return read.select(exact).to_series(), 0

    local = pl.when(pl.col("offset").is_null()).then(pl.col("naive"))
    early, late = (
        local.dt.replace_time_zone(zone, ambiguous=side, non_existent="null")
        for side in ("earliest", "latest")
    )
    placed = read.select(
        at=pl.when(pl.col("offset").is_null())
        .then(early.dt.convert_time_zone("UTC"))
        .otherwise(exact),
        twice=early != late,
    )

    return placed["at"], int(placed["twice"].sum())


def _refuse_both_orders(texts: pl.DataFrame, forms: Sequence[str]) -> None:
    by_separator: dict[str, dict[bool, list[str]]] = {}
    for form in forms:
        order = field_order(form)
        if order is not None:
            separator, day_first = order
            by_separator.setdefault(separator, {}).setdefault(day_first, []).append(
                form
            )
    for orders in by_separator.values():
        if len(orders) == 2:
            days, months = _fits(texts, orders[True]), _fits(texts, orders[False])
            only_day, only_month = days & ~months, months & ~days
            if only_day.any() and only_month.any():
                raise OrderError(only_day.arg_max() or 0, only_month.arg_max() or 0)


def _fits(texts: pl.DataFrame, forms: Sequence[str]) -> pl.Series:
    """Return whether each text can be read in one of the forms."""
    return _first_that_fits(texts, forms)["naive"].is_not_null()


def _first_that_fits(texts: pl.DataFrame, forms: Sequence[str]) -> pl.DataFrame:
    read = read_form(texts, forms[0])
    for form in forms[1:]:
        left = unread(texts, read)
        if left is None:
            break
        read = first_of(read, read_form(left, form))

    return read
