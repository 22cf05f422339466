"""How parts of a number add up: integers over buckets of whole customers."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TypeVar

import polars as pl

from cxmap import tables
from cxmap.definitions import Definition, Measure, Once
from cxmap.measures.forms import EVERY_ROW

NOT_KNOWN = "not_known"
"""Why a row of the population is left out whose value the export does not say."""

Rows = TypeVar("Rows", pl.DataFrame, pl.LazyFrame)

TIMED = ("quantile", "survival", "gap")
"""Forms that are told from every value, and not from sums."""

KEYS = ("kpi", "period", "cell", "group", "value", "ended", "reason")
"""Columns of the partial tables that name a part; the others add up."""


@dataclass(frozen=True)
class Partials:
    """Parts of numbers: the tables sums, values and exclusions."""

    sums: pl.DataFrame
    values: pl.DataFrame
    exclusions: pl.DataFrame


def partial(
    rows: pl.DataFrame,
    definition: Definition,
    measure: Measure,
    *,
    period: str,
    by: tuple[str, ...] = (),
) -> Partials:
    """Count a measure on the rows of its table that fall into one period.

    `rows` hold whole customers (`customer_id`; a row without one is a customer of
    its own) and the columns `by`. Each table has the whole, cell `{}`, even when
    there are no rows, and one cell for each combination of `by`.
    """
    judged = judge(rows, measure, by)
    cuts = [(), tuple(sorted(by))] if by else [()]
    lines = judged.lazy()

    def table(name: str, parts: list[pl.LazyFrame]) -> pl.DataFrame:
        columns = tables.schema(name)
        of_cell = [column for column in KEYS[2:] if column in columns]
        told = pl.concat(parts).with_columns(
            kpi=pl.lit(definition.name), period=pl.lit(period)
        )
        typed = [pl.col(column).cast(dtype) for column, dtype in columns.items()]
        return told.select(typed).sort(of_cell).collect()

    sums = table("sums", [_sums(lines, cut, once=measure.once) for cut in cuts])
    values, exclusions = tables.empty("values"), tables.empty("exclusions")
    if measure.form in TIMED:
        counted = lines.filter("counted")
        values = table("values", [_tally(counted, cut) for cut in cuts])
    if judged["reason"].null_count() < judged.height:
        exclusions = table("exclusions", [_reasons(lines, cut) for cut in cuts])

    return Partials(sums, values, exclusions)


def numbered(customers: pl.Series) -> pl.Series:
    """Each customer's number instead of the id; runs suffice where ids are sorted."""
    in_runs = customers.is_sorted() or customers.is_sorted(nulls_last=True)
    ids = pl.col("customer_id")
    number = ids.rle_id() if in_runs else ids.rank("dense")

    return (
        customers.to_frame().select(pl.when(ids.is_not_null()).then(number)).to_series()
    )


def judge(rows: pl.DataFrame, measure: Measure, by: tuple[str, ...]) -> pl.DataFrame:
    """Each row of the population: left out, pending or counted, and its value."""
    reason = pl.lit(None, pl.String)
    for name, condition in reversed(list(measure.excluded.items())):
        reason = (
            pl.when(condition.fill_null(False)).then(pl.lit(name)).otherwise(reason)
        )
    never = pl.lit(False)
    waiting = (never if measure.pending is None else measure.pending).fill_null(False)
    proven = (never if measure.confirmed is None else measure.confirmed).fill_null(
        False
    )
    ended = (EVERY_ROW if measure.ended is None else measure.ended).fill_null(False)
    left_out, pending = pl.col("reason").is_not_null(), pl.col("pending")
    silent = ~left_out & ~pending & pl.col("value").is_null()

    return (
        rows.lazy()
        .select(
            "customer_id",
            *sorted(by),
            meant=measure.among.fill_null(False),
            value=measure.of.cast(pl.Int64),
            weight=(pl.lit(1) if measure.per is None else measure.per).cast(pl.Int64),
            group=pl.lit(None, pl.String) if measure.group is None else measure.group,
            reason=reason,
            pending=waiting,
            ended=ended,
            confirmed=proven & measure.of.cast(pl.Boolean),
        )
        .filter("meant")
        .drop("meant")
        .with_columns(
            pending=pending & ~left_out,
            reason=pl.when(silent).then(pl.lit(NOT_KNOWN)).otherwise("reason"),
        )
        .with_columns(counted=~left_out & ~pending)
        .with_columns(
            x=pl.col("ended").cast(pl.Int64)
            if measure.form in ("survival", "gap")
            else pl.col("value")
        )
        .collect()
    )


def _sums(
    judged: pl.LazyFrame, cut: tuple[str, ...], *, once: Once | None
) -> pl.LazyFrame:
    counted = pl.col("counted")
    of_row = judged.select(
        "customer_id",
        *cut,
        x=pl.when(counted).then("x").otherwise(0),
        n=pl.when(counted).then("weight").otherwise(0),
        confirmed=(counted & pl.col("confirmed")).fill_null(False).cast(pl.Int64),
        pending=pl.col("pending").cast(pl.Int64),
    )
    known = pl.col("customer_id").is_not_null()
    parts = ("x", "n", "confirmed", "pending")
    of_customer = (
        of_row.filter(known).group_by("customer_id", *cut).agg(pl.col(*parts).sum())
    )
    everyone = pl.concat(
        [frame.select(*cut, *parts) for frame in (of_customer, of_row.filter(~known))]
    )
    if once:
        everyone = _told_once(everyone, once)
    return _per_cell(everyone, cut, _moments())


def _told_once(everyone: pl.LazyFrame, once: Once) -> pl.LazyFrame:
    """One of each customer: pending only where no row of theirs is counted."""
    x, n = pl.col("x"), pl.col("n")
    whole = (n > 0) & (x == n)
    told = {
        "x": x > 0 if once == "any" else whole,
        "n": n > 0,
        "confirmed": pl.col("confirmed") > 0,
        "pending": (pl.col("pending") > 0) & (n == 0),
    }

    return everyone.with_columns(**{k: e.cast(pl.Int64) for k, e in told.items()})


def _moments() -> list[pl.Expr]:
    x, n = pl.col("x").cast(pl.Int128), pl.col("n").cast(pl.Int128)
    return [
        x.sum().alias("x"),
        n.sum().alias("n"),
        (x * x).sum().alias("xx"),
        (x * n).sum().alias("xn"),
        (n * n).sum().alias("nn"),
        (pl.col("n") > 0).sum().cast(pl.Int64).alias("customers"),
        pl.col("confirmed", "pending").sum(),
    ]


def _tally(counted: pl.LazyFrame, cut: tuple[str, ...]) -> pl.LazyFrame:
    told = (*cut, "group", "value", "ended")
    rows = counted.group_by(told).agg(rows=pl.len().cast(pl.Int64))
    return with_cell(rows, cut)


def _reasons(judged: pl.LazyFrame, cut: tuple[str, ...]) -> pl.LazyFrame:
    left_out = judged.filter(pl.col("reason").is_not_null())
    rows = left_out.group_by(*cut, "reason").agg(rows=pl.len().cast(pl.Int64))
    return with_cell(rows, cut)


def _per_cell(
    rows: pl.LazyFrame, cut: tuple[str, ...], totals: list[pl.Expr]
) -> pl.LazyFrame:
    summed = rows.group_by(*cut).agg(totals) if cut else rows.select(totals)
    return with_cell(summed, cut)


def with_cell(rows: Rows, cut: tuple[str, ...], *, keep: bool = False) -> Rows:
    """Return the rows with their `cell` of the cut, in whose place it stands.

    `keep`: the columns of the cut stay, too.
    """
    cell = pl.struct(*cut).struct.json_encode() if cut else pl.lit("{}")
    named = rows.with_columns(cell=cell)

    return named if keep else named.drop(*cut)


def stack(parts: Iterable[Partials]) -> Partials:
    """Put parts of different KPIs and periods, in order of both, into one."""
    several = list(parts)

    def stacked(table: str) -> pl.DataFrame:
        every: list[pl.DataFrame] = [getattr(part, table) for part in several]
        return pl.concat([tables.empty(table), *every])

    return Partials(*(stacked(field.name) for field in fields(Partials)))


def merge(parts: Iterable[Partials]) -> Partials:
    """Add up the parts of several buckets, in a total order."""
    stacked = stack(parts)

    def added(table: str) -> pl.DataFrame:
        columns = tables.schema(table).names()
        keys = [name for name in columns if name in KEYS]
        rest = [name for name in columns if name not in KEYS]
        every: pl.DataFrame = getattr(stacked, table)
        totals = every.group_by(keys).agg(pl.col(rest).sum())

        return totals.select(columns).sort(keys)

    return Partials(*(added(field.name) for field in fields(Partials)))
