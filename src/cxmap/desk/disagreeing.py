"""Why a vendor's figure and ours are not the same, as far as a rule can tell."""

import polars as pl

from cxmap.desk.vendors import UPDATED, Column

DIFFERING = (
    "rounding",
    "business_time",
    "calendar_time",
    "bot_or_auto_reply",
    "updated_later",
    "reopened",
    "transferred",
    "several_contacts",
    "other_hours",
    "unexplained",
)
"""Why two figures differ, in the order in which it is asked."""

ONE_SIDED = (
    "not_in_our_store",
    "changed_after_our_data",
    "not_told_by_our_exports",
    "not_told_by_the_vendor",
)
"""Why one of the two figures is missing."""

OF_A_LEG = ("queue", "talk", "hold", "wrap_up")
"""Ours that add up over the legs of a transferred contact."""

OTHER_CLOCK = {"calendar": "business_time", "business": "calendar_time"}
"""Which time the vendor's column holds, where it is not the one it says."""


def why_differs(column: Column, tolerance: int, pair: str | None) -> pl.Expr:
    """Return why `theirs` and `ours` differ, the first rule that holds.

    Reads theirs, ours, what desk.cases says, `other_clock` (our time by the other
    clock, or null) and, where the file holds the same time by another clock, the
    column `pair`, whether that one agrees.
    """
    theirs, ours = pl.col("theirs"), pl.col("ours")
    conditions: dict[str, pl.Expr] = {"rounding": _rounded(column)}
    if column.clock is not None:
        near = (theirs - pl.col("other_clock")).abs() <= tolerance
        conditions[OTHER_CLOCK[column.clock]] = near
    conditions["bot_or_auto_reply"] = _by_machine(column, tolerance)
    conditions["updated_later"] = _changed_later()
    if column.ours.startswith("resolution"):
        conditions["reopened"] = pl.col("reopens") > 0
    if column.ours in OF_A_LEG:
        conditions["transferred"] = pl.col("transfers") > 0
    conditions["several_contacts"] = pl.col("pieces") > 1
    if column.clock == "business" and pair is not None:
        conditions["other_hours"] = pl.col(pair)
    why: pl.Expr = pl.lit("unexplained")
    for name in reversed(DIFFERING[:-1]):
        if name in conditions:
            holds = conditions[name].fill_null(value=False)
            why = pl.when(holds).then(pl.lit(name)).otherwise(why)

    return pl.when(theirs.is_not_null() & ours.is_not_null()).then(why)


def _rounded(column: Column) -> pl.Expr:
    """Whether theirs is ours cut, rounded or counted up to their unit."""
    step = column.step
    if step == 1:
        return pl.lit(value=False)

    return (pl.col("theirs") - pl.col("ours")).abs() < step


def _by_machine(column: Column, tolerance: int) -> pl.Expr:
    """Whether they counted what a bot or the system wrote as an answer."""
    theirs, ours = pl.col("theirs"), pl.col("ours")
    if column.ours == "first_response":
        return (theirs - pl.col("machine")).abs() <= max(tolerance, column.step - 1)
    if column.ours == "answers":
        return (pl.col("machines") > 0) & (theirs - ours == pl.col("machines"))

    return pl.lit(value=False)


def _changed_later() -> pl.Expr:
    """Whether they changed the case after the last version that we hold."""
    return pl.col(UPDATED) > pl.coalesce("updated_at", "horizon_at")


def why_one_sided() -> pl.Expr:
    """Return why only one of `theirs` and `ours` is there."""
    theirs, ours = pl.col("theirs"), pl.col("ours")
    later = _changed_later().fill_null(value=False)
    ours_missing = (
        pl.when(pl.col("contact_id").is_null())
        .then(pl.lit("not_in_our_store"))
        .when(later)
        .then(pl.lit("changed_after_our_data"))
        .otherwise(pl.lit("not_told_by_our_exports"))
    )

    return (
        pl.when(theirs.is_not_null() & ours.is_null())
        .then(ours_missing)
        .when(theirs.is_null() & ours.is_not_null())
        .then(pl.lit("not_told_by_the_vendor"))
    )
