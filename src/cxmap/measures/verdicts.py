"""What a number means: its status against a target, its change since before."""

import math
from dataclasses import dataclass
from types import MappingProxyType

from cxmap.definitions import Kpi
from cxmap.measures.intervals import FEWEST, of_difference
from cxmap.measures.results import Result
from cxmap.scorecard import Status

MATERIAL_POINTS = MappingProxyType({"share": 0.01, "points": 1.0})
"""A change this large matters whatever the value: one point."""
MATERIAL_PART = 0.05
"""Else a change matters when it is this part of the value before."""


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
    marked = outside_noise and _material(moved, before.value, kpi)
    return Change(before.value, moved, low, high, marked and not coverage_changed)


def _material(moved: float, before: float, kpi: Kpi) -> bool:
    points = MATERIAL_POINTS.get(kpi.unit, math.inf)
    return abs(moved) >= points or abs(moved) >= MATERIAL_PART * abs(before)
