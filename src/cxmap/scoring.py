"""Definitions applied to tables: the parts of every score, and the scores."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import polars as pl

from cxmap import tables as dictionary
from cxmap.baselines import Baselines, beside
from cxmap.definitions import PERIOD_COLUMNS, Kpi, Measure
from cxmap.measures import (
    Bound,
    Partials,
    Result,
    change,
    finish,
    partial,
    stack,
    worse_twice_running,
)
from cxmap.measures import status as judged
from cxmap.options import SegmentTarget, target_of
from cxmap.scorecard import Score

Tables = Mapping[str, pl.DataFrame]
Periods = Mapping[str, tuple[datetime, datetime]]
"""current, previous …: since and until, the latter exclusive."""

OF_JOURNEY = MappingProxyType(
    {"channel": "first_channel", "channel_group": "first_channel_group"}
)
"""What a journey is cut by: its first inbound contact."""


def partials(
    tables: Tables,
    kpis: Bound,
    *,
    periods: Periods,
    by: tuple[str, ...] = (),
    zone: str = "UTC",
    baselines: Baselines = MappingProxyType({}),
) -> Partials:
    """Count every KPI in every period over journeys, steps, contacts and surveys.

    The tables hold whole customers; `by` are names.DIMENSIONS. Journeys are cut by
    their first inbound contact, survey answers by the contact they are about, all
    by the month in `zone` in which they belong. `baselines` are those that the
    KPIs need.
    """
    parts: dict[tuple[str, str], Partials] = {}
    for (over, at, membership), bound in _alike(kpis).items():
        needs = sorted({name for kpi, _ in bound.values() for name in kpi.needs})
        held = beside(tables.get(over, dictionary.empty(over)), needs, baselines)
        rows = _with_dimensions(held, over, tables).select(_needed(bound, by))
        for period, span in periods.items():
            placed = in_period(rows, at, membership, span=span, zone=zone)
            for name, pair in bound.items():
                parts[name, period] = partial(placed, *pair, period=period, by=by)

    return stack(parts[key] for key in sorted(parts))


def _alike(kpis: Bound) -> dict[tuple[str, str, str], Bound]:
    """The KPIs that are counted over the same rows."""
    alike: dict[tuple[str, str, str], dict[str, tuple[Kpi, Measure]]] = {}
    for name, (kpi, measure) in kpis.items():
        rows = (kpi.over, kpi.at, kpi.membership)
        alike.setdefault(rows, {})[name] = (kpi, measure)

    return dict(alike)


def _needed(bound: Bound, by: tuple[str, ...]) -> list[str]:
    read = {name for _, measure in bound.values() for name in measure.columns}
    placed = {kpi.at for kpi, _ in bound.values()}
    wanted = {"customer_id", *read, *placed, *by} - {*PERIOD_COLUMNS, "month"}
    return sorted(wanted)


def _with_dimensions(rows: pl.DataFrame, over: str, tables: Tables) -> pl.DataFrame:
    """The table with what it is cut by, its customers numbered to be grouped fast."""
    if over == "journeys":
        rows = rows.with_columns(**OF_JOURNEY)
    if over == "surveys":
        contacts = tables.get("contacts", dictionary.empty("contacts"))
        about = contacts.select("contact_id", about_channel="channel")
        rows = rows.join(about, on="contact_id", how="left", maintain_order="left")
        rows = rows.with_columns(
            channel=pl.coalesce("about_channel", "channel"), source="contact_source"
        )

    return rows.with_columns(_numbered(rows["customer_id"]))


def _numbered(customers: pl.Series) -> pl.Series:
    """Each customer's number instead of the id; runs suffice where ids are sorted."""
    in_runs = customers.is_sorted() or customers.is_sorted(nulls_last=True)
    ids = pl.col("customer_id")
    number = ids.rle_id() if in_runs else ids.rank("dense")

    return (
        customers.to_frame().select(pl.when(ids.is_not_null()).then(number)).to_series()
    )


def in_period(
    rows: pl.DataFrame,
    at: str,
    membership: str,
    *,
    span: tuple[datetime, datetime],
    zone: str,
) -> pl.DataFrame:
    """The rows that belong to a period, with its ends and their month."""
    since, until = (pl.lit(end, dictionary.WHEN) for end in span)
    moment = pl.col(at)
    begun, not_before = moment < until, moment >= since
    belongs = begun if membership == "stock" else begun & not_before

    return rows.filter(belongs).with_columns(
        since_at=since,
        until_at=until,
        month=moment.dt.convert_time_zone(zone).dt.strftime("%Y-%m"),
    )


def missing_inputs(tables: Tables, kpi: Kpi) -> tuple[str, ...]:
    """Return the `kpi.inputs` that hold nothing at all in their table.

    Of an input `a|b` either column will do. Over several buckets an input is
    missing only where every bucket misses it.
    """
    rows = tables.get(kpi.over, dictionary.empty(kpi.over))
    held = {name for name in rows.columns if rows[name].null_count() < rows.height}

    return tuple(one for one in kpi.inputs if held.isdisjoint(one.split("|")))


def scores(
    partials: Partials,
    kpis: Bound,
    *,
    targets: Mapping[str, float],
    missing: Mapping[str, tuple[str, ...]],
    coverage_changed: Collection[str] = (),
    not_comparable: Collection[str] = (),
    min_cell: int = 0,
    segment_targets: Mapping[str, Sequence[SegmentTarget]] = MappingProxyType({}),
) -> list[Score]:
    """Return the scores of the period `current`, each compared with `previous`.

    In the order of `kpis`, the whole before its segments. A KPI in `missing` has
    no value but says what it needs; one in `coverage_changed` is never marked. A
    segment is judged by the narrowest of its KPI's `segment_targets` that holds for
    it, and where none does by the KPI's own in `targets`, as the whole is. One with
    fewer than `min_cell` customers is marked as suppressed. Where the partials hold a
    period `earlier`, too, each score says whether it was worse two periods running,
    but for those in `not_comparable`.
    """
    results = finish(partials, kpis)
    before = {(r.kpi, r.cell): r for r in results if r.period == "previous"}
    apart = {*missing, *coverage_changed, *not_comparable}
    earlier = {
        (r.kpi, r.cell): r.value
        for r in results
        if r.period == "earlier" and r.kpi not in apart
    }
    worse = worse_twice_running([r for r in results if r.kpi not in apart], kpis)
    order = {name: place for place, name in enumerate(kpis)}
    current = [r for r in results if r.period == "current" and r.kpi not in missing]
    lacking = [_nobody(name, kpis[name][1]) for name in missing if name in kpis]

    return [
        _score(
            result,
            kpis[result.kpi][0],
            before.get((result.kpi, result.cell)),
            variant=kpis[result.kpi][1].variant,
            target=target_of(
                json.loads(result.cell),
                segment_targets.get(result.kpi, ()),
                targets.get(result.kpi),
            ),
            coverage_changed=result.kpi in coverage_changed,
            missing=missing.get(result.kpi, ()),
            min_cell=min_cell,
            earlier=earlier.get((result.kpi, result.cell)),
            worse=worse.get((result.kpi, result.cell)),
        )
        for result in sorted(
            [*current, *lacking], key=lambda r: (order[r.kpi], r.cell != "{}", r.cell)
        )
    ]


def _nobody(name: str, measure: Measure) -> Result:
    return Result(
        kpi=name,
        period="current",
        cell="{}",
        form=measure.form,
        value=None,
        numerator=None,
        n=0,
        customers=0,
        low=None,
        high=None,
        interval=None,
        pending=0,
        excluded={},
        confirmed=None,
        presumed=None,
    )


def _score(
    result: Result,
    kpi: Kpi,
    before: Result | None,
    *,
    variant: str,
    target: float | None,
    coverage_changed: bool,
    missing: tuple[str, ...],
    min_cell: int,
    earlier: float | None,
    worse: bool | None,
) -> Score:
    moved = change(result, before, kpi, coverage_changed=coverage_changed)
    return Score(
        kpi=kpi.name,
        by=json.loads(result.cell),
        value=result.value,
        numerator=result.numerator,
        n=result.n,
        low=result.low,
        high=result.high,
        pending=result.pending,
        excluded=result.excluded,
        confirmed=result.confirmed,
        presumed=result.presumed,
        unit=kpi.unit,
        better=kpi.better,
        target=target,
        status=judged(result, kpi, target),
        previous=moved.previous,
        change=moved.change,
        change_low=moved.low,
        change_high=moved.high,
        marked=moved.marked,
        definition=kpi.sentence,
        variant=variant,
        interval=result.interval,
        missing_inputs=missing,
        suppressed=0 < result.customers < min_cell,
        customers=result.customers,
        earlier=earlier,
        worse=worse,
    )
