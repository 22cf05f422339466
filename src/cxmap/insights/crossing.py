"""How much the cells of a number hang together: integers that add up over buckets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import polars as pl

from cxmap import tables
from cxmap.definitions import Measure
from cxmap.measures.adding import judge, with_cell
from cxmap.measures.intervals import FEWEST

Cut = tuple[str, ...]
"""What rows are cut by; their combinations are its cells."""

PRODUCTS = ("xx", "xn", "nx", "nn")


WHOLE = "{}"
"""All cells of a cut together: beside it stands what of a customer counts anywhere."""


@dataclass(frozen=True)
class Celled:
    """Rows that know in which cell of each cut they are."""

    rows: pl.DataFrame
    cells: Mapping[str, pl.DataFrame]
    """By the column that holds a cell's number: number and cell."""


def celled(rows: pl.DataFrame, cuts: Sequence[Cut]) -> Celled:
    """Return the rows with a number for their cell of each cut.

    So the texts of a cut are compared once, however many KPIs are counted.
    """
    numbered, cells = rows, {}
    for place, given in enumerate(cuts):
        cut, column = tuple(sorted(given)), f"cell_{place}"
        named = with_cell(rows.select(cut).unique().sort(cut), cut, keep=True)
        known = named.with_row_index(column)
        numbered = numbered.join(
            known.drop("cell"), on=cut, how="left", nulls_equal=True
        )
        cells[column] = known.select(column, "cell")

    return Celled(numbered, cells)


def crossings(
    placed: Celled, measure: Measure, *, kpi: str, period: str, pairs: bool
) -> pl.DataFrame:
    """Count a measure in the cells of each cut: the table `crossings`.

    n is 1 a row; of a ratio what stands below the line.

    The rows are those of one period and hold whole customers, as for `partial`. Only
    rows that count are in it. Each cell stands beside itself and beside the whole:
    so that it can be told how far they hang together; where `pairs` are asked for,
    beside each other cell in which a customer of it counts, too.
    """
    columns = tuple(placed.cells)
    judged = judge(placed.rows, measure, columns).filter("counted")
    counted = judged.select("customer_id", *columns, "x", n="weight")
    found = [
        _named(_of_cut(counted, column, pairs=pairs), cells.rename({column: "place"}))
        for column, cells in placed.cells.items()
    ]
    told = pl.concat([tables.empty("crossings").drop("kpi", "period"), *found])
    named = told.with_columns(kpi=pl.lit(kpi), period=pl.lit(period))

    return tables.conform(named, "crossings")


def _of_cut(counted: pl.DataFrame, column: str, *, pairs: bool) -> pl.DataFrame:
    """Sum up by `place` and `other`; the latter is null for the whole."""
    rows = counted.select("customer_id", "x", "n", place=column)
    known = pl.col("customer_id").is_not_null()
    of_customer = (
        rows.filter(known)
        .group_by("customer_id", "place")
        .agg(pl.col("x", "n").sum())
        .with_columns(
            x_whole=pl.col("x").sum().over("customer_id"),
            n_whole=pl.col("n").sum().over("customer_id"),
        )
    )
    alone = rows.filter(~known).with_columns(x_whole="x", n_whole="n")
    everyone = pl.concat([of_customer, alone.select(of_customer.columns)])
    own = everyone.with_columns(other="place", x_other="x", n_other="n")
    beside = everyone.rename({"x_whole": "x_other", "n_whole": "n_other"}).with_columns(
        other=pl.lit(None, pl.UInt32())
    )
    found = [_summed(own), _summed(beside).with_columns(pl.col("x", "n") * 0)]
    if pairs:
        several = of_customer.filter(pl.len().over("customer_id") > 1)
        both = several.join(
            several.rename({"place": "other"}), on="customer_id", suffix="_other"
        ).filter(pl.col("place") != pl.col("other"))
        found.append(_summed(both).with_columns(pl.col("x", "n") * 0))

    return pl.concat(found)


def _named(summed: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    others = cells.rename({"place": "other_place", "cell": "other"})
    return (
        summed.rename({"other": "other_place"})
        .join(cells, on="place")
        .join(others, on="other_place", how="left")
        .with_columns(pl.col("other").fill_null(WHOLE))
        .select("cell", "other", "x", "n", *PRODUCTS, "customers")
    )


def _summed(pairs: pl.DataFrame) -> pl.DataFrame:
    x, n = pl.col("x").cast(pl.Int128), pl.col("n").cast(pl.Int128)
    beside, beside_n = (pl.col(f"{name}_other").cast(pl.Int128) for name in "xn")

    return pairs.group_by("place", "other").agg(
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
        """What is measured, a row; of a ratio by what stands below the line."""
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
    beside: Mapping[str, Products]
    """Of a cell with the whole."""

    @cached_property
    def whole(self) -> Cell:
        """All cells together; its customers are not told apart."""
        every = self.cells.values()
        return Cell(sum(c.x for c in every), sum(c.n for c in every), 0)

    @property
    def few(self) -> bool:
        """Whether too few rows or customers count for any interval."""
        customers = sum(one.customers for one in self.cells.values())
        return min(self.whole.n, customers) < FEWEST

    @property
    def splits(self) -> bool:
        """Whether there are cells, and each has a rate."""
        return bool(self.cells) and all(one.n for one in self.cells.values())

    def weight(self, cell: str) -> float:
        """The cell's part of all rows; 0 where there are none."""
        return self.cells[cell].n / self.whole.n if cell in self.cells else 0.0


def side(crossed: pl.DataFrame) -> Side:
    """Return the crossings of one KPI, side and cut as numbers."""
    cells: dict[str, Cell] = {}
    products: dict[tuple[str, str], Products] = {}
    beside: dict[str, Products] = {}
    for row in crossed.iter_rows(named=True):
        cell, other = row["cell"], row["other"]
        found = Products(*(row[name] for name in PRODUCTS))
        if other == WHOLE:
            beside[cell] = found
        else:
            products[cell, other] = found
        if cell == other:
            cells[cell] = Cell(row["x"], row["n"], row["customers"])

    return Side(cells, products, beside)
