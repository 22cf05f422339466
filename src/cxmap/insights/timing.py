"""A percentile's change split in two: cells weigh more, or take longer.

As in `split`, with the times F of the cells in place of their rates: where Q(w, F) is
the percentile of the cells' times mixed with the weights w,

    mix  = (Q(w1, F0) − Q(w0, F0) + Q(w1, F1) − Q(w0, F1)) ÷ 2
    rate = (Q(w0, F1) − Q(w0, F0) + Q(w1, F1) − Q(w1, F0)) ÷ 2

so that mix + rate is the change. A cell of one side only takes as long there on both.
Source: DiNardo, Fortin & Lemieux 1996 mix percentiles; Shapley takes their mean.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import sqrt

import polars as pl

from cxmap import tables
from cxmap.definitions import Measure
from cxmap.insights.crossing import Celled
from cxmap.insights.split import Effect, Split
from cxmap.measures.adding import judge
from cxmap.measures.intervals import FEWEST, ROUNDING, of_survival

DRAWS = 20
"""Into so many parts customers are drawn; each is left out once to see how sure a
percentile is."""

T = 2.093
"""How many standard errors from 20 draws make 95 % (Student, 19 degrees of freedom)."""

BOTH = (0, 1)
"""The side before and the one after."""

MIXED = tuple((weights, times) for weights in BOTH for times in BOTH)
"""Whose weights, and whose times."""

Part = tuple[int, int]
"""A percentile as a fraction."""


@dataclass(frozen=True)
class TimeSplit:
    """A change's two parts, and each cell's percentile on either side."""

    halves: Split | None
    """None where either side's percentile, or that of a mixture, is not reached."""
    cells: Mapping[str, tuple[int | None, int | None]]


def timings(placed: Celled, measure: Measure, *, kpi: str, period: str) -> pl.DataFrame:
    """Count the times of a measure in the cells of one cut: the table `timings`.

    The rows are those of one period and have a column draw: which of DRAWS parts
    their customer is in.
    """
    ((column, cells),) = placed.cells.items()
    counted = judge(placed.rows, measure, (column, "draw")).filter("counted")
    told = (
        counted.group_by(column, "draw", "value", "ended")
        .agg(rows=pl.len().cast(pl.Int64))
        .join(cells, on=column)
        .with_columns(kpi=pl.lit(kpi), period=pl.lit(period))
    )

    return tables.conform(told, "timings")


def merge_timings(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Add up the timings of several buckets, in a total order."""
    keys = ["kpi", "period", "cell", "draw", "value", "ended"]
    stacked = pl.concat([tables.empty("timings"), *parts])

    return stacked.group_by(keys).agg(pl.col("rows").sum()).sort(keys)


def split_times(before: pl.DataFrame, after: pl.DataFrame, part: Part) -> TimeSplit:
    """Return how much of a percentile's change is mix and how much is rate.

    Both sides are timings of one KPI. Times still running are taken into account as
    Kaplan and Meier do. The intervals leave out one draw of customers at a time
    (delete-a-group jackknife, Kott 2001), on both sides at once, so that customers
    who are on both count as what they are; none below ten rows on a side or ten
    draws.
    """
    sides = pl.concat(
        [before.with_columns(side=pl.lit(0)), after.with_columns(side=pl.lit(1))]
    )
    cells = {
        cell: (_of_cell(before, cell, part), _of_cell(after, cell, part))
        for cell in sides["cell"].unique().sort()
    }
    if before.is_empty() or after.is_empty():
        return TimeSplit(None, cells)
    left_out = [None, *sides["draw"].unique().sort()]
    found = _percentiles(sides, left_out, part)
    parts = [
        _parts([mixed[place] for mixed in found]) for place in range(len(left_out))
    ]
    whole = parts[0]
    if whole is None:
        return TimeSplit(None, cells)
    few = min(before["rows"].sum(), after["rows"].sum()) < FEWEST
    mix, rate = (
        _effect(whole[which], None if few else [p and p[which] for p in parts[1:]])
        for which in BOTH
    )
    moves = [
        (b - a) * sum(whole)
        for a, b in cells.values()
        if a is not None and b is not None
    ]

    return TimeSplit(
        Split(
            mix,
            rate,
            against=sum(move < 0 for move in moves),
            along=sum(move > 0 for move in moves),
        ),
        cells,
    )


def _of_cell(side: pl.DataFrame, cell: str, part: Part) -> int | None:
    return of_survival(side.filter(cell=cell), part)[0]


def _percentiles(
    sides: pl.DataFrame, left_out: list[int | None], part: Part
) -> list[list[int | None]]:
    """Return the percentile of each of MIXED, whole and without each draw.

    Each row weighs, beside its number, what its cell must to weigh as much as on the
    side whose weights are taken. All mixtures are told in one pass over the times.
    """
    factors, names = _factors(sides, left_out)
    rows, draw = pl.col("rows"), pl.col("draw")
    weights = {
        name: pl.col(name) * rows * (True if gone is None else draw != gone)
        for name, gone in names
    }
    level = 1 - part[0] / part[1] + ROUNDING
    alike = (
        sides.join(factors, on=["side", "cell"])
        .with_columns(**weights)
        .group_by("value")
        .agg(
            *(pl.col(name).sum() for name, _ in names),
            *(
                pl.col(name).filter("ended").sum().alias(f"{name}_ended")
                for name, _ in names
            ),
        )
        .sort("value")
    )
    first = alike.select(_first(name, level) for name, _ in names).row(0)

    return [list(first[at :: len(MIXED)]) for at in range(len(MIXED))]


def _first(name: str, level: float) -> pl.Expr:
    """Return the first time at which no more than `level` of a mixture still runs."""
    here, ended = pl.col(name), pl.col(f"{name}_ended")
    at_risk = here.cum_sum(reverse=True)
    ending = pl.when(at_risk > ROUNDING).then(ended / at_risk).otherwise(0.0)
    alive = (1 - ending).cum_prod()

    return pl.col("value").filter(alive <= level).first().alias(name)


def _factors(
    sides: pl.DataFrame, left_out: list[int | None]
) -> tuple[pl.DataFrame, list[tuple[str, int | None]]]:
    """Return side and cell with a factor for each mixture, and the mixtures' names.

    A factor is the cell's weight on the side whose weights are taken ÷ its rows on
    the side whose times are.
    """
    counted = sides.group_by("side", "cell", "draw").agg(pl.col("rows").sum())
    held = {row[:3]: row[3] for row in counted.iter_rows()}
    whole: dict[tuple[int, str], int] = {}
    for (side, cell, _), rows in held.items():
        whole[side, cell] = whole.get((side, cell), 0) + rows
    every = sorted({cell for _, cell in whole})
    columns: dict[str, list[float]] = {}
    names = []
    for place, gone in enumerate(left_out):
        many = {
            (side, cell): whole.get((side, cell), 0) - held.get((side, cell, gone), 0)
            for side in BOTH
            for cell in every
        }
        for mixed in MIXED:
            name = f"m{place}_{mixed[0]}{mixed[1]}"
            names.append((name, gone))
            columns[name] = list(_mixture(many, every, *mixed))
    keys = {
        "side": [side for side in BOTH for _ in every],
        "cell": [cell for _ in BOTH for cell in every],
    }

    return pl.DataFrame({**keys, **columns}, schema_overrides={"side": pl.Int32}), names


def _mixture(
    many: Mapping[tuple[int, str], int], every: list[str], weights: int, times: int
) -> Iterator[float]:
    """Yield the factor of each cell on each side: nought where no times are taken."""
    total = sum(many[weights, cell] for cell in every)
    for side in BOTH:
        for cell in every:
            source = times if many[times, cell] else weights
            if side != source or not many[side, cell] or not total:
                yield 0.0
            else:
                yield many[weights, cell] / total / many[side, cell]


def _parts(mixed: list[int | None]) -> tuple[float, float] | None:
    """Return mix and rate from the percentiles of MIXED; None where one is missing."""
    known = [one for one in mixed if one is not None]
    if len(known) < len(mixed):
        return None
    w0_f0, w0_f1, w1_f0, w1_f1 = known

    return (
        (w1_f0 - w0_f0 + w1_f1 - w0_f1) / 2,
        (w0_f1 - w0_f0 + w1_f1 - w1_f0) / 2,
    )


def _effect(value: float, without: list[float | None] | None) -> Effect:
    """Return an effect with its interval, from its values without each draw."""
    if without is None or len(without) < FEWEST:
        return Effect(value)
    known = [one for one in without if one is not None]
    if len(known) < len(without):
        return Effect(value)
    many = len(known)
    middle = sum(known) / many
    spread = sqrt((many - 1) / many * sum((one - middle) ** 2 for one in known))

    return Effect(value, value - T * spread, value + T * spread)
