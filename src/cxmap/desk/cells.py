"""A cell of a scorecard: what is asked of it, and which rows belong to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from cxmap.errors import UsageError
from cxmap.framing import Compare
from cxmap.names import DIMENSIONS
from cxmap.scorecard import Score
from cxmap.text import nearest, safe

Tables = Mapping[str, pl.DataFrame]

OF_JOURNEYS = ("journeys", "points")
"""The tables that the lines of frictions are counted on."""

UNKNOWN = "(unknown)"
"""How the segment is written of which the exports do not say the value."""

MOST = 20
"""So many values are listed where one is not found."""

Cell = Mapping[str, str | None]
"""Dimension → value; None where it is not known; empty: the whole."""


@dataclass(frozen=True)
class Asked:
    """Which number of a scorecard is to be explained."""

    where: Cell = field(default_factory=dict)
    """The segment; empty: the whole."""
    by: tuple[str, ...] = ()
    """By what it is to be cut further."""
    compare: Compare = "previous"
    previous: bool = False
    """Whether the period it is compared with is meant."""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """All that the rows are cut by."""
        return tuple(dict.fromkeys((*self.where, *self.by)))


@dataclass(frozen=True)
class Segment:
    """One segment of a number, as it is listed beside others."""

    by: Cell
    value: float | None
    numerator: int | None
    n: int
    pending: int
    left_out: int
    suppressed: bool


def read_where(given: Sequence[str]) -> dict[str, str | None]:
    """Return the segment that `channel=voice` and the like name, several together.

    Raises UsageError for what is no dimension, or names one twice.
    """
    found: dict[str, str | None] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or name not in DIMENSIONS:
            near = nearest(name, DIMENSIONS)
            hint = f"did you mean {near}=…? " if near else ""
            raise UsageError(
                f"--where {safe(one)}: {hint}write a dimension, = and a value, such as "
                f"channel=voice; dimensions: {', '.join(DIMENSIONS)}"
            )
        if name in found:
            raise UsageError(f"--where {name}: named twice; a row has one {name}")
        found[name] = None if value in ("", UNKNOWN) else value

    return found


def belongs(cell: Cell) -> pl.Expr:
    """Return whether a row, with its dimensions as columns, is of a cell."""
    same = [pl.col(name).eq_missing(pl.lit(value)) for name, value in cell.items()]

    return pl.all_horizontal(pl.lit(value=True), *same)


def require_cell(rows: pl.DataFrame, cell: Cell) -> None:
    """Raise UsageError where no row is of a cell, with the values that rows have."""
    if rows.filter(belongs(cell)).height:
        return
    for name, value in cell.items():
        if rows.filter(belongs({name: value})).height:
            continue
        said = safe(UNKNOWN if value is None else value)
        instead = values_instead(rows[name], value)
        raise UsageError(f"--where {name}={said}: {instead}")

    raise UsageError("--where: no row of the period is all of these at once")


def values_instead(column: pl.Series, value: str | None) -> str:
    """Say which values rows have of a dimension, where `value` is none of them.

    The commonest first.
    """
    name = column.name
    counts = column.value_counts(name="rows")
    often = counts.sort("rows", name, descending=[True, False], nulls_last=True)
    told = often[name].to_list()
    shown = [UNKNOWN if one is None else safe(one) for one in told[:MOST]]
    near = nearest(value or "", [one for one in told if one is not None])
    hint = f"did you mean {name}={safe(near)}? " if near else ""

    return f"{hint}rows of the period have {', '.join(shown) or 'none'}"


def segment_of(score: Score) -> Segment:
    """Return a score of a scorecard as one segment among others."""
    return Segment(
        by=score.by,
        value=score.value,
        numerator=score.numerator,
        n=score.n,
        pending=score.pending,
        left_out=sum(score.excluded.values()),
        suppressed=score.suppressed,
    )


def inside_of(score: Score, cell: Cell, by: tuple[str, ...]) -> bool:
    """Tell whether a score is of a cell, or of a part of it, cut by just that."""
    return set(score.by) == set(by) and score.by.items() >= cell.items()


def of_journeys(tables: Tables, some: pl.DataFrame) -> Tables:
    """Return the tables as if only `some` journeys had begun."""
    ids = some.select("journey_id")
    kept = {n: tables[n].join(ids, on="journey_id", how="semi") for n in OF_JOURNEYS}

    return {**tables, **kept}


def flagged_segments(
    began: pl.DataFrame, points: pl.DataFrame, asked: Asked, *, least: int
) -> tuple[Segment, ...]:
    """Return the flagged journeys among all that began, by what was asked.

    A segment of fewer than `least` customers is marked as suppressed.
    """
    if not asked.by:
        return ()
    flagged = pl.col("journey_id").is_in(points["journey_id"].implode())
    whose = pl.coalesce("customer_id", "journey_id")
    cells = (
        began.group_by(asked.dimensions)
        .agg(
            n=pl.len(),
            numerator=flagged.sum(),
            customers=whose.filter(flagged).n_unique(),
        )
        .sort(asked.dimensions, nulls_last=True)
    )

    return tuple(
        Segment(
            by={name: row[name] for name in asked.dimensions},
            value=row["numerator"] / row["n"],
            numerator=row["numerator"],
            n=row["n"],
            pending=0,
            left_out=0,
            suppressed=0 < row["customers"] < least,
        )
        for row in cells.iter_rows(named=True)
    )
