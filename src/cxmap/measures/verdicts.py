"""What a number means: its status against a target, its change since before."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cxmap.definitions import Kpi
from cxmap.measures.discovery import believed
from cxmap.measures.intervals import FEWEST, Z, of_difference
from cxmap.measures.results import Bound, Result
from cxmap.scorecard import Status

MATERIAL_POINTS = MappingProxyType({"share": 0.01, "points": 1.0})
"""A change this large matters whatever the value: one point."""
MATERIAL_PART = 0.05
"""Else a change matters when it is this part of the value before."""

RUNNING = ("current", "previous", "earlier")
"""The periods, latest first, over which a number can be worse twice running."""

Cell = tuple[str, str]
"""A KPI's name and a segment, as JSON."""


def status(result: Result, kpi: Kpi, target: float | None) -> Status:
    """Return on or off only where the whole interval is on one side of the target.

    A count is exact and is its own interval. `–` without a target, without anybody
    to count, or where neither direction is better; close below ten rows.
    """
    if target is None or result.n == 0 or kpi.better == "neither":
        return "–"

    exact = result.form == "count"
    low = result.value if exact else result.low
    high = result.value if exact else result.high
    if result.n < FEWEST or low is None:
        return "close"

    lower, upper = low, math.inf if high is None else high
    if kpi.better == "higher":
        return "on" if lower >= target else "off" if upper < target else "close"
    return "on" if upper <= target else "off" if lower > target else "close"


@dataclass(frozen=True)
class Change:
    """How a number moved since before; None throughout where that cannot be told."""

    previous: float | None = None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    marked: bool = False
    """Whether it is outside noise and large enough to matter."""

    @property
    def chance(self) -> float | None:
        """How likely chance alone moves a number this far, either way (a p-value).

        The half of the interval that points to no change is read as 1.96 standard
        errors of a normal distribution; so the chance is below 5 % exactly where the
        interval leaves no change out. None where there is no interval.
        """
        if self.change is None or self.low is None or self.high is None:
            return None

        reach = self.change - self.low if self.change > 0 else self.high - self.change
        if reach <= 0:
            return 0.0 if self.change else 1.0
        return math.erfc(abs(self.change) / reach * Z / math.sqrt(2))


def change(
    result: Result, before: Result | None, kpi: Kpi, *, coverage_changed: bool = False
) -> Change:
    """Return the change since `before`, with its interval.

    Never marked where the coverage changed: what is held differs, not the service.
    """
    if before is None or result.value is None or before.value is None:
        return Change(previous=before.value if before else None)

    moved = result.value - before.value
    band = of_difference(
        result.value, (result.low, result.high), before.value, (before.low, before.high)
    )
    if band is None:
        return Change(before.value, moved)

    low, high = band
    outside_noise = low > 0 or high < 0
    marked = outside_noise and abs(moved) >= least_material(before.value, kpi)
    return Change(before.value, moved, low, high, marked and not coverage_changed)


def least_material(before: float, kpi: Kpi) -> float:
    """Return the least change since `before` that matters."""
    return min(MATERIAL_POINTS.get(kpi.unit, math.inf), MATERIAL_PART * abs(before))


def worse_twice_running(results: Iterable[Result], kpis: Bound) -> dict[Cell, bool]:
    """Say of each KPI and cell whether it was worse two periods running.

    Worse is a marked change for the worse that can still be believed beside all the
    changes from one period to the next, segments included (see `discovery`); where
    neither direction is better nothing is worse. Twice running: `previous` was worse
    than `earlier` and `current` is worse still. Only cells are in it whose changes
    both have an interval.
    """
    held: dict[str, dict[Cell, Result]] = {period: {} for period in RUNNING}
    for result in results:
        if result.period in held:
            held[result.period][result.kpi, result.cell] = result
    current, previous, earlier = held.values()
    once, again = _worse(previous, earlier, kpis), _worse(current, previous, kpis)

    return {cell: worse and once[cell] for cell, worse in again.items() if cell in once}


def _worse(
    later: Mapping[Cell, Result], sooner: Mapping[Cell, Result], kpis: Bound
) -> dict[Cell, bool]:
    moved = {
        cell: change(result, sooner.get(cell), kpis[result.kpi][0])
        for cell, result in later.items()
    }
    chances = {cell: one.chance for cell, one in moved.items()}
    known = {cell: chance for cell, chance in chances.items() if chance is not None}
    sure = dict(zip(known, believed(list(known.values())), strict=True))

    return {
        cell: sure[cell] and _for_the_worse(moved[cell], kpis[cell[0]][0])
        for cell in known
    }


def _for_the_worse(moved: Change, kpi: Kpi) -> bool:
    falls = moved.change is not None and moved.change < 0
    return moved.marked and kpi.better == ("higher" if falls else "lower")
