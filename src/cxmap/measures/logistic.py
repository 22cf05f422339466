"""Logistic regression whose weights are never negative, over counted patterns.

The rows are flags that show or not, so that only the patterns and their counts matter:
a fit over millions of rows is one over a few hundred patterns, in plain Python.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cxmap.measures.intervals import Z

Pattern = frozenset[int]
"""Which flags show, by their place."""

Counts = Mapping[Pattern, tuple[int, int]]
"""By pattern: rows, and those of them in which it happened."""

Matrix = list[list[float]]
Row = tuple[tuple[int, ...], int, int]

PULL = 0.25
"""Every weight is drawn a little toward nought (ridge; a prior deviation of 2), so
that a flag that was never seen without the event has a weight at all."""

STEPS = 200
CLOSE = 1e-9
"""How near to nought the slope of what is free must come, per row."""


@dataclass(frozen=True)
class Fit:
    """The log odds of the event: an intercept, and what each flag adds."""

    intercept: float
    weights: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    """95 % intervals by Fisher information, cut off at nought."""

    def score(self, pattern: Pattern) -> float:
        """Return what these flags add to the log odds of the event."""
        return sum(self.weights[flag] for flag in sorted(pattern))

    def chance(self, pattern: Pattern) -> float:
        """Return the chance of the event where these flags show."""
        return _chance(self.intercept + self.score(pattern))


def fit(counts: Counts, flags: int) -> Fit:
    """Return the weights of most likelihood, none of them below nought.

    Projected Newton: weights held at nought, which would fall below it, are left out
    of each step; the others take it, shortened until the likelihood rises.
    """
    rows = _rows(counts)
    total, events = sum(n for _, n, _ in rows), sum(event for _, _, event in rows)
    if not 0 < events < total:
        raise ValueError("both outcomes must have happened")

    at = [math.log(events / (total - events)), *([0.0] * flags)]
    for _ in range(STEPS):
        slope, curve = _derivatives(rows, at)
        free = [j for j, one in enumerate(at) if j == 0 or one > 0 or slope[j] < 0]
        if max(abs(slope[j]) for j in free) <= CLOSE * total:
            break
        step = _step(slope, curve, free)
        moved = _shortened(rows, at, slope, step)
        if moved == at:
            break
        at = moved

    return _with_intervals(rows, at)


def _rows(counts: Counts) -> list[Row]:
    """Each pattern with the places of its weights; 0 is that of the intercept."""
    in_order = sorted(counts.items(), key=lambda one: sorted(one[0]))

    return [
        ((0, *sorted(flag + 1 for flag in pattern)), n, happened)
        for pattern, (n, happened) in in_order
        if n
    ]


def _derivatives(
    rows: Sequence[Row], at: Sequence[float]
) -> tuple[list[float], Matrix]:
    """Slope and curvature of the loss, the pull included."""
    size = len(at)
    slope = [PULL * one if j else 0.0 for j, one in enumerate(at)]
    curve = [[PULL * (i == j > 0) for j in range(size)] for i in range(size)]
    for places, n, happened in rows:
        chance = _chance(sum(at[j] for j in places))
        miss, weight = n * chance - happened, n * chance * (1 - chance)
        for i in places:
            slope[i] += miss
            for j in places:
                curve[i][j] += weight

    return slope, curve


def _loss(rows: Sequence[Row], at: Sequence[float]) -> float:
    loss = PULL / 2 * sum(one * one for one in at[1:])
    for places, n, happened in rows:
        odds = sum(at[j] for j in places)
        softplus = max(odds, 0.0) + math.log1p(math.exp(-abs(odds)))
        loss += n * softplus - happened * odds

    return loss


def _step(slope: Sequence[float], curve: Matrix, free: Sequence[int]) -> list[float]:
    inverse = inverted([[curve[i][j] for j in free] for i in free])
    step = [0.0] * len(slope)
    for place, j in enumerate(free):
        step[j] = -sum(
            part * slope[i] for part, i in zip(inverse[place], free, strict=True)
        )

    return step


def _shortened(
    rows: Sequence[Row],
    at: list[float],
    slope: Sequence[float],
    step: Sequence[float],
) -> list[float]:
    """The point one step on, halved until the loss falls; `at` where it cannot."""
    before, length = _loss(rows, at), 1.0
    while length > 1e-12:
        moved = [
            one + length * way if j == 0 else max(0.0, one + length * way)
            for j, (one, way) in enumerate(zip(at, step, strict=True))
        ]
        fall = sum(
            one * (new - old) for one, new, old in zip(slope, moved, at, strict=True)
        )
        if _loss(rows, moved) <= before + 1e-4 * fall:
            return moved
        length /= 2

    return at


def _with_intervals(rows: Sequence[Row], at: Sequence[float]) -> Fit:
    """The fit with intervals; of a weight held at nought, around where it would be."""
    slope, curve = _derivatives(rows, at)
    inverse = inverted(curve)
    lows, highs = [], []
    for j in range(1, len(at)):
        middle = at[j] if at[j] > 0 else -slope[j] * inverse[j][j]
        reach = Z * math.sqrt(inverse[j][j])
        lows.append(max(0.0, middle - reach))
        highs.append(max(0.0, middle + reach))

    return Fit(at[0], tuple(at[1:]), tuple(lows), tuple(highs))


def inverted(matrix: Matrix) -> Matrix:
    """Return the inverse of a small matrix, by Gauss and Jordan with pivots.

    Raises ValueError where there is none.
    """
    size = len(matrix)
    work = [
        [*map(float, row), *(float(i == j) for j in range(size))]
        for i, row in enumerate(matrix)
    ]
    for column in range(size):
        pivot = max(range(column, size), key=lambda i: abs(work[i][column]))
        if abs(work[pivot][column]) < 1e-300:
            raise ValueError("the matrix has no inverse")
        work[column], work[pivot] = work[pivot], work[column]
        head = work[column][column]
        work[column] = [one / head for one in work[column]]
        for i in range(size):
            factor = work[i][column]
            if i != column and factor:
                pairs = zip(work[i], work[column], strict=True)
                work[i] = [one - factor * other for one, other in pairs]

    return [row[size:] for row in work]


def _chance(odds: float) -> float:
    if odds >= 0:
        return 1 / (1 + math.exp(-odds))

    return math.exp(odds) / (1 + math.exp(odds))
