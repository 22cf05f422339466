"""Which cells carry a change, when the worst of many cells were looked for."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from cxmap.insights.crossing import Cut, Products, Side
from cxmap.insights.split import NONE, Effect, cell_effects, rates
from cxmap.measures.discovery import FALSE, believed
from cxmap.measures.intervals import Z

MOST = 3
"""At most so many cells are told."""
OF_ONE_KPI = 2
"""At most so many of one KPI."""
STANDS_FOR = 0.75
"""A cell of two dimensions that carries this part of what a wider one carries is told
in its place."""
ALMOST = 0.9
"""A cell of two dimensions that holds this part of a wider one is that one."""


@dataclass(frozen=True)
class Looked:
    """One cell of a KPI whose change was looked into."""

    kpi: str
    cell: str
    """Segment, as JSON."""
    contribution: Effect
    mix: float
    rate: float
    share: float
    """Of the whole change; below 0 where it moves against it."""
    weight: tuple[float, float]
    """Its part of all rows, before and after."""
    rates: tuple[float, float]
    chance: float
    """How likely chance alone brings it (a p-value)."""
    small: bool
    """Whether too few customers are behind it on either side."""

    @property
    def by(self) -> Mapping[str, str | None]:
        """The segment."""
        found: dict[str, str | None] = json.loads(self.cell)
        return found


def cuts_of(dimensions: Sequence[str]) -> list[Cut]:
    """Return each dimension and each pair of them."""
    return [
        *((name,) for name in dimensions),
        *(tuple(sorted(pair)) for pair in combinations(dimensions, 2)),
    ]


def look(
    kpi: str, before: Side, after: Side, *, min_cell: int, small: bool = True
) -> Iterator[Looked]:
    """Yield every cell of a cut with what it carries of the change.

    Without those of fewer than `min_cell` customers on a side, unless `small`.

    A cell carries (x1 − R·n1) ÷ N1 − (x0 − R·n0) ÷ N0, where R is the mean of both
    sides' numbers: its mix and its rate effect. All cells together carry the change.
    Its chance is that of carrying anything, or that of carrying more than its size
    does, whichever is more likely.
    """
    if not before.splits or not after.splits:
        return
    change = after.whole.rate - before.whole.rate
    wholes = [sum(s.beside.values(), NONE) for s in (before, after)]
    for cell in sorted(before.cells.keys() | after.cells.keys()):
        there = [side.cells[cell] for side in (before, after) if cell in side.cells]
        tiny = min(one.customers for one in there) < min_cell
        if tiny and not small:
            continue
        mix, rate = cell_effects(before, after, cell)
        spread, lift_spread = _spreads(before, after, cell, wholes)
        few = before.few or after.few
        carried, reach = mix + rate, Z * spread
        lift = _lift(after, cell) - _lift(before, cell)
        yield Looked(
            kpi=kpi,
            cell=cell,
            contribution=Effect(carried)
            if few
            else Effect(carried, carried - reach, carried + reach),
            mix=mix,
            rate=rate,
            share=carried / change if change else 0.0,
            weight=(before.weight(cell), after.weight(cell)),
            rates=rates(before, after, cell),
            chance=1.0
            if few
            else max(_chance(carried, spread), _chance(lift, lift_spread)),
            small=tiny,
        )


def told(
    looked: Sequence[Looked], least: Mapping[str, float], *, level: float = FALSE
) -> list[Looked]:
    """Return the few cells that carry a change: believed, material, none small.

    Of those believed at most the share `level` is expected to be false, over all
    cells of all KPIs that were looked at (Benjamini–Hochberg). `least` says by KPI
    what matters, in the unit of x ÷ n. A cell is told only if it carries more of the
    change than its size does; cells of one KPI that are told do not overlap. In the
    order of `least`.
    """
    seen = [one for one in looked if not one.small]
    sure = believed([one.chance for one in seen], false=level)
    carrying = [
        one
        for one, is_sure in zip(seen, sure, strict=True)
        if is_sure
        and abs(one.contribution.value) >= least[one.kpi]
        and one.share > sum(one.weight) / 2
    ]
    found = [one for kpi in least for one in _of_kpi(kpi, carrying)]
    ranked = sorted(found, key=lambda one: (one.chance, one.kpi, one.cell))[:MOST]

    return [one for one in found if one in ranked]


def _of_kpi(kpi: str, carrying: Sequence[Looked]) -> list[Looked]:
    own = [one for one in carrying if one.kpi == kpi]
    nested = [(one, wide) for wide in own for one in own if _within(one, wide)]
    passed_over = {
        wide.cell if _stands_for(one, wide) else one.cell for one, wide in nested
    }
    kept: list[Looked] = []
    for one in sorted(own, key=lambda one: (-one.share, len(one.by), one.cell)):
        apart = all(_disjoint(one, other) for other in kept)
        if one.cell not in passed_over and apart and len(kept) < OF_ONE_KPI:
            kept.append(one)

    return kept


def _stands_for(one: Looked, wide: Looked) -> bool:
    narrower = sum(one.weight) < ALMOST * sum(wide.weight)
    return narrower and one.share >= STANDS_FOR * wide.share


def _within(one: Looked, wide: Looked) -> bool:
    return len(one.by) > len(wide.by) and wide.by.items() <= one.by.items()


def _disjoint(one: Looked, other: Looked) -> bool:
    both = one.by.keys() & other.by.keys()
    return any(one.by[name] != other.by[name] for name in both)


def _chance(value: float, spread: float) -> float:
    """How likely chance alone brings a value this far; without spread: no telling."""
    return math.erfc(abs(value) / spread / math.sqrt(2)) if spread > 0 else 1.0


def _lift(side: Side, cell: str) -> float:
    """By how much the cell lifts the number above what it would be at the mean."""
    own = side.cells.get(cell)
    return (own.x - side.whole.rate * own.n) / side.whole.n if own else 0.0


def _spreads(
    before: Side, after: Side, cell: str, wholes: Sequence[Products]
) -> tuple[float, float]:
    """The standard errors of what the cell carries, and of how its lift moves."""
    middle = (before.whole.rate + after.whole.rate) / 2
    carried, lifted = 0.0, 0.0
    sides = ((before, after, wholes[0]), (after, before, wholes[1]))
    for here, there, whole in sides:
        n, rate, own = here.whole.n, here.whole.rate, here.cells.get(cell)
        held = (own.x - middle * own.n) / n if own else 0.0
        grown = here.weight(cell) - there.weight(cell)
        weight, lift = here.weight(cell), _lift(here, cell)
        itself = here.products.get((cell, cell), NONE)
        crossed = here.beside.get(cell, NONE)
        carried += _quadratic(
            (1 / n, -middle / n, -grown / (2 * n), (grown * rate / 2 - held) / n),
            (itself, crossed, whole),
        )
        lifted += _quadratic(
            (1 / n, -rate / n, -weight / n, (weight * rate - lift) / n),
            (itself, crossed, whole),
        )

    return math.sqrt(carried), math.sqrt(lifted)


def _quadratic(
    slopes: tuple[float, float, float, float],
    products: tuple[Products, Products, Products],
) -> float:
    """Σ over customers of (a·x + b·n + c·X + d·N)²; capitals are the whole's."""
    a, b, c, d = slopes
    own, beside, whole = products
    found = (
        a * a * own.xx
        + 2 * a * b * own.xn
        + b * b * own.nn
        + 2 * (a * c * beside.xx + a * d * beside.xn + b * c * beside.nx)
        + 2 * b * d * beside.nn
        + c * c * whole.xx
        + 2 * c * d * whole.xn
        + d * d * whole.nn
    )
    return max(0.0, found)
