"""How much the cells of a number hang together: integers that add up over buckets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import polars as pl

from cxmap import tables
from cxmap.definitions import Measure
from cxmap.measures.adding import judge, with_cell

Cut = tuple[str, ...]
"""What rows are cut by; their combinations are its cells."""

PRODUCTS = ("xx", "xn", "nx", "nn")


def crossings(
    rows: pl.DataFrame, measure: Measure, cuts: Sequence[Cut], *, kpi: str, period: str
) -> pl.DataFrame:
    """Count a measure in the cells of each cut: the table `crossings`.

    `rows` are those of one period and hold whole customers, as for `partial`. Only
    rows that count are in it. Where a customer counts in two cells of a cut, the two
    have a row together, in either order: so that it can be told how far what one of
    them shows by chance the other shows, too.
    """
    columns = tuple(sorted({name for cut in cuts for name in cut}))
    judged = judge(rows, measure, columns).filter("counted")
    counted = judged.select("customer_id", *columns, "x", n=pl.lit(1, pl.Int64()))
    found = [_of_cut(counted, tuple(sorted(cut))) for cut in cuts]
    told = pl.concat([tables.empty("crossings").drop("kpi", "period"), *found])
    named = told.with_columns(kpi=pl.lit(kpi), period=pl.lit(period))

    return tables.conform(named, "crossings")


def _of_cut(counted: pl.DataFrame, cut: Cut) -> pl.DataFrame:
    cells = with_cell(counted.select(cut).unique().sort(cut), cut, keep=True)
    places = cells.with_row_index("place")
    placed = counted.join(places, on=cut, nulls_equal=True)
    known = pl.col("customer_id").is_not_null()
    of_customer = (
        placed.filter(known)
        .group_by("customer_id", "place")
        .agg(pl.col("x", "n").sum())
    )
    parts = ("place", "x", "n")
    alone = placed.filter(~known).select(parts)
    own = _summed(
        pl.concat([of_customer.select(parts), alone]).with_columns(
            place_other="place", x_other="x", n_other="n"
        )
    )
    several = of_customer.filter(pl.len().over("customer_id") > 1)
    both = several.join(several, on="customer_id", suffix="_other")
    apart = _summed(both.filter(pl.col("place") != pl.col("place_other"))).with_columns(
        pl.col("x", "n") * 0
    )
    names = places.select("place", "cell")

    return (
        pl.concat([own, apart])
        .join(names, on="place")
        .join(names.rename({"place": "place_other", "cell": "other"}), on="place_other")
        .select("cell", "other", "x", "n", *PRODUCTS, "customers")
    )


def _summed(pairs: pl.DataFrame) -> pl.DataFrame:
    x, n = pl.col("x").cast(pl.Int128), pl.col("n").cast(pl.Int128)
    beside, beside_n = (pl.col(f"{name}_other").cast(pl.Int128) for name in "xn")

    return pairs.group_by("place", "place_other").agg(
        x=x.sum(),
        n=n.sum(),
        xx=(x * beside).sum(),
        xn=(x * beside_n).sum(),
        nx=(n * beside).sum(),
        nn=(n * beside_n).sum(),
        customers=pl.len().cast(pl.Int64()),
    )


def merge_crossings(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Add up the crossings of several buckets, in a total order."""
    keys = ["kpi", "period", "cell", "other"]
    stacked = pl.concat([tables.empty("crossings"), *parts])
    summed = stacked.group_by(keys).agg(pl.exclude(keys).sum())

    return summed.select(stacked.columns).sort(keys)


@dataclass(frozen=True)
class Cell:
    """What counts in a cell on one side: Σ of what is measured, rows, customers."""

    x: int
    n: int
    customers: int

    @property
    def rate(self) -> float:
        """What is measured, a row."""
        return self.x / self.n


@dataclass(frozen=True)
class Products:
    """Σ over customers of one cell's x or n times another's (or its own)."""

    xx: int = 0
    xn: int = 0
    nx: int = 0
    nn: int = 0

    def __add__(self, other: Self) -> "Products":
        return Products(
            self.xx + other.xx,
            self.xn + other.xn,
            self.nx + other.nx,
            self.nn + other.nn,
        )


@dataclass(frozen=True)
class Side:
    """One of two sides that are compared, cut into cells that are disjoint."""

    cells: Mapping[str, Cell]
    """By segment, as JSON; one without rows is not in it."""
    products: Mapping[tuple[str, str], Products]
    """Of a cell with itself, and of two that customers have in common."""

    @cached_property
    def whole(self) -> Cell:
        """All cells together; its customers are not told apart."""
        every = self.cells.values()
        return Cell(sum(c.x for c in every), sum(c.n for c in every), 0)

    def weight(self, cell: str) -> float:
        """The cell's part of all rows; 0 where there are none."""
        return self.cells[cell].n / self.whole.n if cell in self.cells else 0.0


def side(crossed: pl.DataFrame) -> Side:
    """Return the crossings of one KPI, side and cut as numbers."""
    cells: dict[str, Cell] = {}
    products: dict[tuple[str, str], Products] = {}
    for row in crossed.iter_rows(named=True):
        cell, other = row["cell"], row["other"]
        products[cell, other] = Products(*(row[name] for name in PRODUCTS))
        if cell == other:
            cells[cell] = Cell(row["x"], row["n"], row["customers"])

    return Side(cells, products)
