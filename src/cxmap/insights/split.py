"""A change split in two: other cells weigh more (mix), or cells do otherwise (rate).

With weights w and rates r of the cells before (0) and after (1), a number is Σ w·r:

    mix  = Σ (w1 − w0) · (r1 + r0) ÷ 2
    rate = Σ (r1 − r0) · (w1 + w0) ÷ 2

so that mix + rate is the change, and neither side is the one that counts. A cell of
one side only has the rate of that side on both: that it came or went is mix.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from cxmap.insights.crossing import Products, Side
from cxmap.measures.intervals import Z

NONE = Products()


@dataclass(frozen=True)
class Effect:
    """A part of a change with its 95 % interval; None where it has none."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def sure(self) -> bool:
        """Whether the interval leaves no effect out."""
        return (
            self.low is not None and self.high is not None and self.low * self.high > 0
        )


@dataclass(frozen=True)
class Split:
    """The two parts of a change, in the unit of x ÷ n."""

    mix: Effect
    rate: Effect
    against: int
    """In how many cells of both sides the rate moves against the change."""
    along: int
    """In how many it moves with it."""


@dataclass(frozen=True)
class Slope:
    """By how much an effect grows with a cell's x and n, all else as it is."""

    x: float
    n: float


def split(before: Side, after: Side) -> Split | None:
    """Return how much of a change is mix and how much is rate.

    None where a side is empty, or a cell of a ratio has nothing below the line.

    The intervals take what one customer brings as one: the variance of an effect is
    Σ over customers (Σ over cells of slope × x and n)², from the products of cells
    (delta method). The sides are taken to be independent; customers who are on both
    as a rule make the true interval narrower. None below ten rows or customers on a
    side.
    """
    if not before.splits or not after.splits:
        return None
    mix, rate = _effects(before, after)
    spreads = (None, None) if before.few or after.few else _spreads(before, after)
    change = after.whole.rate - before.whole.rate
    both = before.cells.keys() & after.cells.keys()
    moves = [change * (after.cells[c].rate - before.cells[c].rate) for c in both]

    return Split(
        mix=_effect(mix, spreads[0]),
        rate=_effect(rate, spreads[1]),
        against=sum(move < 0 for move in moves),
        along=sum(move > 0 for move in moves),
    )


def cell_effects(before: Side, after: Side, cell: str) -> tuple[float, float]:
    """Return a cell's part of mix and of rate.

    Its mix is told against the mean of both sides, so that a cell that grows adds to
    the number only where it is above it. Over all cells this changes nothing.
    """
    w0, w1 = before.weight(cell), after.weight(cell)
    middle = (before.whole.rate + after.whole.rate) / 2
    r0, r1 = rates(before, after, cell)

    return (w1 - w0) * ((r0 + r1) / 2 - middle), (r1 - r0) * (w0 + w1) / 2


def rates(before: Side, after: Side, cell: str) -> tuple[float, float]:
    """Return a cell's rates; that of the other side where it is on one only."""
    there = [side.cells[cell].rate for side in (before, after) if cell in side.cells]

    return there[0], there[-1]


def _effects(before: Side, after: Side) -> tuple[float, float]:
    every = sorted(before.cells.keys() | after.cells.keys())
    parts = [cell_effects(before, after, cell) for cell in every]

    return math.fsum(mix for mix, _ in parts), math.fsum(rate for _, rate in parts)


def _effect(value: float, spread: float | None) -> Effect:
    if spread is None:
        return Effect(value)

    return Effect(value, value - Z * spread, value + Z * spread)


def _spreads(before: Side, after: Side) -> tuple[float, float]:
    """The standard errors of mix and rate; exchanging the sides only turns signs."""
    of_mix, of_rate = 0.0, 0.0
    for here, there in ((before, after), (after, before)):
        mix, rate = _slopes(here, there)
        of_mix += variance(mix, here)
        of_rate += variance(rate, here)

    return math.sqrt(of_mix), math.sqrt(of_rate)


def variance(slopes: Mapping[str, Slope], side: Side) -> float:
    """Return Σ over customers of (Σ over cells of slope × x and n)²."""
    found = math.fsum(
        one.x * (other.x * p.xx + other.n * p.xn)
        + one.n * (other.x * p.nx + other.n * p.nn)
        for (cell, beside), p in side.products.items()
        for one, other in [(slopes[cell], slopes[beside])]
    )
    return max(0.0, found)


def _slopes(here: Side, there: Side) -> tuple[dict[str, Slope], dict[str, Slope]]:
    """The slopes of mix and rate in the cells of one side, its sign left open."""
    n = here.whole.n
    every = here.cells.keys() | there.cells.keys()
    means = {cell: sum(rates(there, here, cell)) / 2 for cell in every}
    moved = {cell: _moved(there, here, cell) for cell in every}
    usual = math.fsum(means[cell] * here.weight(cell) for cell in here.cells)
    move = math.fsum(moved[cell] * here.weight(cell) for cell in here.cells)
    mix, rate = {}, {}
    for cell, own in here.cells.items():
        shared = cell in there.cells
        grown = here.weight(cell) - there.weight(cell)
        both = here.weight(cell) + there.weight(cell)
        leaning = grown / 2 if shared else grown
        mix[cell] = Slope(
            leaning / own.n,
            -own.rate * leaning / own.n + (means[cell] - usual) / n,
        )
        steady = both / 2 if shared else 0.0
        rate[cell] = Slope(
            steady / own.n,
            -own.rate * steady / own.n + (moved[cell] - move) / (2 * n),
        )

    return mix, rate


def _moved(before: Side, after: Side, cell: str) -> float:
    r0, r1 = rates(before, after, cell)
    return r1 - r0
