"""How well a score ranks: the area under its curve, and whether it keeps its word."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cxmap.measures.intervals import Z, wilson

Scored = tuple[float, int, int]
"""A score, rows that have it, and those of them in which the event happened."""

Foretold = tuple[float, float, int, int]
"""The same, with the chance foretold beside the score."""

DIGITS = 9
"""Scores that agree to so many digits are ties."""


@dataclass(frozen=True)
class Area:
    """The chance that a row with the event scores above one without it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Step:
    """Rows of about one score: what was foretold, and what happened."""

    foretold: float
    happened: float
    low: float
    high: float
    n: int


def area(scored: Iterable[Scored]) -> Area | None:
    """Return the area under the curve with its 95 % interval (DeLong), ties halved.

    None with fewer than two rows on a side.
    """
    rows = _tied(scored)
    events = sum(happened for _, _, happened in rows)
    others = sum(n for _, n, _ in rows) - events
    if events < 2 or others < 2:
        return None

    value, squares_event, squares_other = 0.0, 0.0, 0.0
    others_below, events_below = 0, 0
    for _, n, happened in rows:
        rest = n - happened
        above_others = (others_below + rest / 2) / others
        below_events = (events - events_below - happened / 2) / events
        value += happened * above_others / events
        squares_event += happened * above_others**2
        squares_other += rest * below_events**2
        others_below += rest
        events_below += happened
    of_events = (squares_event - events * value**2) / (events - 1)
    of_others = (squares_other - others * value**2) / (others - 1)
    reach = Z * math.sqrt(max(0.0, of_events / events + of_others / others))

    return Area(value, max(0.0, value - reach), min(1.0, value + reach))


def steps(foretold: Iterable[Foretold], *, many: int = 5) -> list[Step]:
    """Return about equal groups of rows by their score, the lowest first.

    Rows of one score stay together, so that there may be fewer groups. The share that
    happened has its Wilson interval.
    """
    rows = sorted(
        (round(score, DIGITS), chance, n, happened)
        for score, chance, n, happened in foretold
    )
    of_score: dict[float, int] = {}
    for score, _, n, _ in rows:
        of_score[score] = of_score.get(score, 0) + n
    total, before = sum(of_score.values()), 0
    place: dict[float, int] = {}
    for score, n in of_score.items():
        if n:
            place[score] = min(many - 1, int(many * (before + n / 2) / total))
        before += n
    groups: dict[int, list[tuple[float, int, int]]] = {}
    for score, chance, n, happened in rows:
        if n:
            groups.setdefault(place[score], []).append((chance, n, happened))

    return [_step(groups[one]) for one in sorted(groups)]


def _step(rows: Sequence[tuple[float, int, int]]) -> Step:
    n = sum(row[1] for row in rows)
    happened = sum(row[2] for row in rows) / n

    return Step(
        sum(chance * count for chance, count, _ in rows) / n,
        happened,
        *wilson(happened, n),
        n,
    )


def _tied(scored: Iterable[Scored]) -> list[Scored]:
    """Rows of one score together, the lowest first."""
    sums: dict[float, tuple[int, int]] = {}
    for score, n, happened in scored:
        key = round(score, DIGITS)
        had = sums.get(key, (0, 0))
        sums[key] = (had[0] + n, had[1] + happened)

    return [(score, *sums[score]) for score in sorted(sums) if sums[score][0]]
