"""Two periods or segments beside each other: what changed, by mix or by rate."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.changing import USUAL, can_be_split, findings, scale, sides
from cxmap.comparable import Changes, coverage_changes, told
from cxmap.comparison import Comparison, Figure, Movement, Part, Simpson
from cxmap.config import Config
from cxmap.definitions import Measure
from cxmap.desk.siding import Asked, Clock, annotated, sides_of
from cxmap.engines.local import (
    Answer,
    Question,
    add,
    cross,
    cut,
    score_bucket,
    walked_once,
)
from cxmap.errors import UsageError
from cxmap.insights.crossing import Side
from cxmap.insights.drivers import Looked, look
from cxmap.insights.split import Effect, Split, split
from cxmap.journeys.coverage import coverage, horizon
from cxmap.measures import Result, finish
from cxmap.periods import Period
from cxmap.pipeline import baselines_of, bound_kpis
from cxmap.scorecard import Score
from cxmap.scoring import scores

Tables = Mapping[str, pl.DataFrame]

WHY_NOT = {
    "quantile": "a percentile has no parts that add up",
    "survival": "a median of open times has no parts that add up",
    "count": "a count is no rate",
}
"""By form: why a change cannot be split."""


@dataclass(frozen=True)
class _Cut:
    """A KPI in its cells on both sides."""

    before: Side
    after: Side
    looked: tuple[Looked, ...]


def compare(
    tables: Tables, config: Config, asked: Asked, *, now: datetime, zone: ZoneInfo
) -> Comparison:
    """Return the two sides that are asked for beside each other.

    Raises UsageError where the sides cannot be told.
    """
    contacts = tables["contacts"].filter(pl.col("started_at") <= now)
    held = coverage(contacts, config.coverage, now=now)
    clock = Clock(now, zone, horizon(held, now=now))
    kind, a, b = sides_of(asked, contacts, clock)
    by = _by(asked, {*a.only})
    kpis = bound_kpis(config, asked.kpis)
    periods = [Period(side.since, side.until, side.words) for side in (a, b)]
    changed = coverage_changes(tables, held, kpis, periods[1], periods[0])
    told = walked_once(tables, config.hours)
    question = Question(
        kpis=kpis,
        periods={"previous": (a.since, a.until), "current": (b.since, b.until)},
        by=(),
        zone=zone.key,
        frictions={},
        hours=config.hours,
        baselines=baselines_of(told, config, [kpi for kpi, _ in kpis.values()]),
        only={"previous": a.only, "current": b.only},
    )
    answer = add([score_bucket(bucket, question) for bucket in cut(told)])
    scored = scores(
        answer.partials,
        kpis,
        targets={},
        missing=answer.missing,
        coverage_changed=changed,
        min_cell=config.privacy.min_cell,
    )
    least = config.privacy.min_cell
    cuts = _cut_up(cut(told), question, answer, by, least)
    looked_in = tuple(
        name for name in dict.fromkeys((*by, *USUAL)) if name not in a.only
    )

    return Comparison(
        kind=kind,
        a=a,
        b=b,
        by=by,
        now=now,
        zone=zone.key,
        horizon=clock.horizon,
        movements=tuple(
            _movements(
                scored, answer, question, changed=changed, cuts=cuts, min_cell=least
            )
        ),
        parts=tuple(_parts(question, cuts)),
        findings=findings(
            cut(told),
            question,
            scored,
            dimensions=looked_in,
            min_cell=least,
        ),
        notes=(
            *_lengths(kind, periods, zone),
            *annotated(config, kind, a, b, zone),
            *_coverage_notes(changed, kpis),
        ),
    )


def _by(asked: Asked, apart: set[str]) -> tuple[str, ...]:
    """What the changes are split by: what was asked, else the first usual one."""
    same = [name for name in asked.by if name in apart]
    if same:
        raise UsageError(f"--by {same[0]}: the sides differ in it; name another one")
    usual = [name for name in USUAL if name not in apart]

    return tuple(sorted(asked.by)) or (usual[0],)


def _cut_up(
    buckets: Iterable[Tables],
    question: Question,
    answer: Answer,
    by: tuple[str, ...],
    least: int,
) -> dict[str, _Cut]:
    """Return each KPI whose change can be split, in its cells."""
    asked = {
        name: pair
        for name, pair in question.kpis.items()
        if can_be_split(pair[1]) and name not in answer.missing
    }
    counted = cross(buckets, replace(question, kpis=asked), [by], pairs=True)
    found = {}
    for name in asked:
        before, after = sides(counted, name, by)
        looked = tuple(look(name, before, after, min_cell=least))
        found[name] = _Cut(before, after, looked)

    return found


def _movements(
    scored: Iterable[Score],
    answer: Answer,
    question: Question,
    *,
    changed: Changes,
    cuts: Mapping[str, _Cut],
    min_cell: int,
) -> Iterator[Movement]:
    results = {(r.kpi, r.period): r for r in finish(answer.partials, question.kpis)}
    for score in scored:
        before = results[score.kpi, "previous"]
        measure = question.kpis[score.kpi][1]
        parts = cuts.get(score.kpi)
        halves = split(parts.before, parts.after) if parts else None
        small = 0 < before.customers < min_cell or score.suppressed
        yield _movement(score, before, changed, measure, halves, small=small)


def _movement(
    score: Score,
    before: Result,
    changed: Changes,
    measure: Measure,
    halves: Split | None,
    *,
    small: bool,
) -> Movement:
    by = scale(measure)
    mix = _scaled(halves.mix, by) if halves else (None, None, None)
    rate = _scaled(halves.rate, by) if halves else (None, None, None)
    lacking = bool(score.missing_inputs)
    a = Figure(before.value, before.n, before.low, before.high, before.pending)
    nobody = Figure(None, 0, None, None, 0)

    return Movement(
        kpi=score.kpi,
        unit=score.unit,
        better=score.better,
        definition=score.definition,
        a=nobody if lacking else a,
        b=Figure(score.value, score.n, score.low, score.high, score.pending),
        change=score.change,
        change_low=score.change_low,
        change_high=score.change_high,
        marked=score.marked,
        coverage_changed=changed.get(score.kpi),
        mix=mix[0],
        mix_low=mix[1],
        mix_high=mix[2],
        rate=rate[0],
        rate_low=rate[1],
        rate_high=rate[2],
        unsplit=_unsplit(measure, halves),
        simpson=_simpson(score, halves),
        missing_inputs=score.missing_inputs,
        suppressed=small,
    )


def _scaled(effect: Effect, by: float) -> tuple[float, float | None, float | None]:
    low, high = (None if e is None else e * by for e in (effect.low, effect.high))
    return effect.value * by, low, high


def _unsplit(measure: Measure, halves: Split | None) -> str | None:
    if halves is not None:
        return None

    return WHY_NOT.get(measure.form, "nobody to count on one side")


def _simpson(score: Score, halves: Split | None) -> Simpson | None:
    """Tell whether the whole moves one way and its cells the other.

    Only where one of the two movements is outside noise.
    """
    change, low, high = score.change, score.change_low, score.change_high
    if halves is None or change is None or change * halves.rate.value >= 0:
        return None
    moves = low is not None and high is not None and low * high > 0
    if not moves and not halves.rate.sure:
        return None

    return "every" if halves.against and not halves.along else "weighted"


def _parts(question: Question, cuts: Mapping[str, _Cut]) -> Iterator[Part]:
    for name, parts in cuts.items():
        kpi, measure = question.kpis[name]
        hidden = _hidden(parts.looked, parts.before, parts.after)
        for one in parts.looked:
            yield _part(one, parts, kpi.unit, scale(measure), one.cell in hidden)


def _hidden(looked: Iterable[Looked], before: Side, after: Side) -> set[str]:
    """Return the cells to hide: the small ones, and one more where one is alone.

    A single cell could be reckoned from the whole and all the others.
    """
    every = list(looked)
    small = {one.cell for one in every if one.small}
    others = [one.cell for one in every if not one.small]
    if len(small) == 1 and others:

        def rows(cell: str) -> int:
            return sum(s.cells[cell].n for s in (before, after) if cell in s.cells)

        small.add(min(others, key=lambda cell: (rows(cell), cell)))

    return small


def _part(one: Looked, parts: _Cut, unit: str, by: float, hidden: bool) -> Part:
    here = [side.cells.get(one.cell) for side in (parts.before, parts.after)]
    n_a, n_b = (cell.n if cell else 0 for cell in here)
    carried, low, high = _scaled(one.contribution, by)
    change = parts.after.whole.rate - parts.before.whole.rate

    return Part(
        kpi=one.kpi,
        by=json.loads(one.cell),
        unit=unit,
        n_a=n_a,
        n_b=n_b,
        weight_a=one.weight[0],
        weight_b=one.weight[1],
        value_a=one.rates[0] * by if n_a else None,
        value_b=one.rates[1] * by if n_b else None,
        mix=one.mix * by,
        rate=one.rate * by,
        contribution=carried,
        low=low,
        high=high,
        share=one.share if change else None,
        suppressed=hidden,
    )


def _lengths(kind: str, periods: list[Period], zone: ZoneInfo) -> Iterator[str]:
    """Say where counts of two periods are not alike, for one is longer."""
    days = [
        (p.until.astimezone(zone).date() - p.since.astimezone(zone).date()).days
        for p in periods
    ]
    if kind == "periods" and days[0] != days[1]:
        yield f"A has {days[0]} days and B {days[1]}: counts are not alike"


def _coverage_notes(changed: Changes, kpis: Mapping[str, object]) -> Iterator[str]:
    for why, names in told(changed, tuple(kpis)):
        where = f" for {', '.join(names)}" if names else ""
        yield f"{why}; no change is marked{where}"
