"""What carries a change, in a sentence a KPI."""

from collections.abc import Sequence
from itertools import groupby

from cxmap.scorecard import Finding
from cxmap.views.symbols import UNICODE, Symbols
from cxmap.views.wording import percent, segment, sized, spelled, title

HEADING = "What changed"


def sentences(
    findings: Sequence[Finding], signs: Symbols = UNICODE, *, between: bool = False
) -> list[str]:
    """Return a sentence for each KPI: how it moved, and which cells carry that.

    `between`: two segments differ, rather than that one thing moved in time.
    """
    return [
        f"{_moved(several[0], signs, between)}: "
        f"{', '.join(_carried(one, signs, between) for one in several)}."
        for _, of_kpi in groupby(findings, key=lambda one: one.kpi)
        for several in [list(of_kpi)]
    ]


def _moved(one: Finding, signs: Symbols, between: bool) -> str:
    amount = sized(abs(one.change), one.unit, like=one.whole)
    before, now = (
        spelled(value, one.unit, signs) for value in (one.whole_before, one.whole)
    )
    if between:
        way = "above" if one.change > 0 else "below"
        return (
            f"{title(one.kpi)} of B lies {amount} {way} A ({before} {signs.to} {now})"
        )
    way = "rose" if one.change > 0 else "fell"

    return f"{title(one.kpi)} {way} by {amount} ({before} {signs.to} {now})"


def _carried(one: Finding, signs: Symbols, between: bool) -> str:
    what = "difference" if between else "rise" if one.change > 0 else "fall"
    cell = segment(one.by.values())
    weights = f"{percent(one.weight_before)} {signs.to} {percent(one.weight)} of all"
    if one.value_before is None or one.value is None:
        there = one.value if one.value_before is None else one.value_before
        values = f"{spelled(there, one.unit, signs)} there"
    else:
        before, now = (
            spelled(v, one.unit, signs) for v in (one.value_before, one.value)
        )
        values = f"{before} {signs.to} {now} there"

    return f"{100 * one.share:.0f} % of the {what} is {cell} ({values}; {weights})"
