"""Two periods or segments beside each other: what changed, by mix or by rate."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.changing import USUAL, findings, scale
from cxmap.comparable import Changes, coverage_changes, told
from cxmap.comparison import Comparison, Figure, Movement, Simpson
from cxmap.config import Config
from cxmap.definitions import Measure
from cxmap.desk.cutting import CutUp, cut_up, parts_of, scaled
from cxmap.desk.siding import Asked, Clock, annotated, nobody_in, sides_of
from cxmap.engines.local import (
    Answer,
    Question,
    add,
    cut,
    score_bucket,
)
from cxmap.errors import UsageError
from cxmap.insights.split import Split
from cxmap.journeys.coverage import coverage, horizon
from cxmap.measures import Result, finish
from cxmap.periods import Period
from cxmap.pipeline import baselines_of, bound_kpis, with_steps
from cxmap.scorecard import Score
from cxmap.scoring import scores

Tables = Mapping[str, pl.DataFrame]

WHY_NOT = {
    "quantile": "the percentile is not reached on one side or in a mixture of both",
    "survival": "the median is not reached on one side or in a mixture of both",
    "count": "a count is no rate",
    "gap": "a gap between groups has no parts that add up",
    "ratio": "a cell has nothing to divide by",
}
"""By form: why a change cannot be split."""

NOBODY = "nobody to count on one side"
ONCE = "a customer who counts once may stand in several cells"


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
    told = with_steps(tables, config, kpis)
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
    cuts = cut_up(told, question, answer, by, least)
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
        parts=tuple(parts_of(question, cuts, min_cell=least)),
        findings=findings(
            cut(told),
            question,
            scored,
            dimensions=looked_in,
            min_cell=least,
        ),
        nobody=(
            *nobody_in(a, "A", {**tables, "contacts": contacts}, zone),
            *nobody_in(b, "B", {**tables, "contacts": contacts}, zone),
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


def _movements(
    scored: Iterable[Score],
    answer: Answer,
    question: Question,
    *,
    changed: Changes,
    cuts: Mapping[str, CutUp],
    min_cell: int,
) -> Iterator[Movement]:
    results = {(r.kpi, r.period): r for r in finish(answer.partials, question.kpis)}
    for score in scored:
        before = results[score.kpi, "previous"]
        measure = question.kpis[score.kpi][1]
        parts = cuts.get(score.kpi)
        halves = parts.halves if parts else None
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
    mix = scaled(halves.mix, by) if halves else (None, None, None)
    rate = scaled(halves.rate, by) if halves else (None, None, None)
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
        unsplit=_unsplit(measure, halves, nobody=not (before.n and score.n)),
        simpson=_simpson(score, halves),
        missing_inputs=score.missing_inputs,
        suppressed=small,
        counted="seconds" if measure.timed else "rows",
    )


def _unsplit(measure: Measure, halves: Split | None, *, nobody: bool) -> str | None:
    if halves is not None:
        return None
    if measure.once is not None:
        return ONCE
    if nobody and measure.form != "count":
        return NOBODY

    return WHY_NOT.get(measure.form, NOBODY)


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
