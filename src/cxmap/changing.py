"""Which cells carry what changed since before: looked for only where it did change."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import polars as pl

from cxmap.definitions import Kpi, Measure
from cxmap.engines.local import Question, Tables, cross
from cxmap.insights.crossing import Side, side
from cxmap.insights.drivers import Looked, cuts_of, look, told
from cxmap.measures import Change, least_material
from cxmap.measures.discovery import FALSE, believed
from cxmap.scorecard import Finding, Score

SPLIT = ("share", "mean", "balance", "ratio")
"""Forms of a measure that are x ÷ n, so that a change of theirs can be split."""

USUAL = ("channel", "topic")
"""The dimensions in which a report looks for drivers, and their pairs."""

OF_TIME = ("month",)
"""Dimensions in which two periods never meet."""


def can_be_split(measure: Measure) -> bool:
    """Tell whether a KPI's change is the sum of what its cells carry.

    Counted once a customer it is not: somebody may stand in several cells.
    """
    return measure.form in SPLIT and measure.once is None


def findings(
    buckets: Iterable[Tables],
    question: Question,
    scores: Sequence[Score],
    *,
    dimensions: Sequence[str] = USUAL,
    min_cell: int,
) -> tuple[Finding, ...]:
    """Return the cells that carry the changes of the `scores`; few, and the surest.

    Looked into are the KPIs whose marked change can be believed beside those of all
    KPIs. Their cells must be believed beside all cells looked at, at a level that
    is the lower the fewer KPIs those are (Benjamini and Bogomolov): so chance alone
    brings findings in few reports.
    """
    whole = {score.kpi: score for score in scores if not score.by}
    chances = {name: _chance(score) for name, score in whole.items()}
    known = {name: chance for name, chance in chances.items() if chance is not None}
    sure = dict(zip(known, believed(list(known.values())), strict=True))
    selected = [name for name, is_sure in sure.items() if is_sure]
    moved = {
        name: question.kpis[name]
        for name in selected
        if whole[name].marked and can_be_split(question.kpis[name][1])
    }
    cuts = cuts_of([name for name in dimensions if name not in OF_TIME])
    if not moved or not cuts:
        return ()
    spans = {name: question.periods[name] for name in ("previous", "current")}
    asked = replace(question, kpis=moved, by=(), periods=spans)
    counted = cross(buckets, asked, cuts)
    looked = [one for name in moved for one in _looked(counted, name, cuts, min_cell)]
    least = {
        name: least_material(whole[name].previous or 0.0, kpi) / scale(measure)
        for name, (kpi, measure) in moved.items()
    }
    level = FALSE * len(selected) / len(known)

    return tuple(
        _finding(one, whole[one.kpi], *moved[one.kpi])
        for one in told(looked, least, level=level)
    )


def scale(measure: Measure) -> float:
    """Return by what x ÷ n is multiplied to become the number that is shown."""
    return 100.0 if measure.form == "balance" else 1 / measure.scale


def sides(counted: pl.DataFrame, kpi: str, cut: Sequence[str]) -> tuple[Side, Side]:
    """Return the two sides of a KPI in the cells of a cut, from `crossings`."""
    of_cut = _cells_of(cut)
    own = counted.filter((pl.col("kpi") == kpi) & pl.col("cell").str.contains(of_cut))
    before, after = (
        side(own.filter(pl.col("period") == period))
        for period in ("previous", "current")
    )
    return before, after


def _cells_of(cut: Sequence[str]) -> str:
    """A pattern of the cells of a cut: JSON whose keys are sorted."""
    value = r'(?:null|"(?:[^"\\]|\\.)*")'
    pairs = ",".join(f'"{name}":{value}' for name in sorted(cut))

    return rf"^\{{{pairs}\}}$"


def _looked(
    counted: pl.DataFrame, kpi: str, cuts: Sequence[Sequence[str]], min_cell: int
) -> Iterable[Looked]:
    """Yield the cells of each cut that tells anything apart."""
    for cut in cuts:
        before, after = sides(counted, kpi, cut)
        if len(before.cells.keys() | after.cells.keys()) > 1:
            yield from look(kpi, before, after, min_cell=min_cell, small=False)


def _chance(score: Score) -> float | None:
    moved = Change(score.previous, score.change, score.change_low, score.change_high)
    return moved.chance


def _finding(one: Looked, score: Score, kpi: Kpi, measure: Measure) -> Finding:
    by = scale(measure)
    low, high = (
        None if end is None else end * by
        for end in (one.contribution.low, one.contribution.high)
    )
    weight_before, weight = one.weight
    value_before, value = (rate * by for rate in one.rates)

    return Finding(
        kpi=one.kpi,
        by=one.by,
        contribution=one.contribution.value * by,
        low=low,
        high=high,
        share=one.share,
        mix=one.mix * by,
        rate=one.rate * by,
        weight_before=weight_before,
        weight=weight,
        value_before=value_before if weight_before else None,
        value=value if weight else None,
        unit=kpi.unit,
        better=kpi.better,
        whole_before=score.previous or 0.0,
        whole=score.value or 0.0,
        change=score.change or 0.0,
    )
