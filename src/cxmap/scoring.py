"""Definitions applied to tables: the parts of every score, and the scores."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import polars as pl

from cxmap import tables as dictionary
from cxmap.baselines import Baselines, beside
from cxmap.definitions import PERIOD_COLUMNS, Kpi, Measure
from cxmap.ids import lot
from cxmap.insights.crossing import Cut, celled, crossings
from cxmap.insights.timing import DRAWS, timings
from cxmap.measures import (
    Bound,
    Partials,
    Result,
    change,
    finish,
    numbered,
    partial,
    stack,
    worse_twice_running,
)
from cxmap.measures import status as judged
from cxmap.names import AGENT, DIMENSIONS
from cxmap.options import SegmentTarget, target_of
from cxmap.scorecard import Score

Tables = Mapping[str, pl.DataFrame]
Periods = Mapping[str, tuple[datetime, datetime]]
"""current, previous …: since and until, the latter exclusive."""
Only = Mapping[str, Mapping[str, tuple[str | None, ...]]]
"""By period: which values of a dimension count; None: the rows without one. A topic
stands for those below it, too."""
ALL: Only = MappingProxyType({})

WHOSE = ("customer_id", "journey_id", "contact_id", "survey_id")
"""Whose a row is: the first that is known."""

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
    only: Only = ALL,
) -> Partials:
    """Count every KPI in every period over journeys, steps, contacts and surveys.

    The tables hold whole customers; `by` are names.DIMENSIONS. Journeys are cut by
    their first inbound contact, survey answers by the contact they are about, all
    by the month in `zone` in which they belong. `baselines` are those that the
    KPIs need. Of a period in `only` the rows of a segment count alone.
    """
    rows = _placed(
        tables, kpis, by, periods=periods, zone=zone, baselines=baselines, only=only
    )
    parts = {
        (name, period): partial(placed, *kpis[name], period=period, by=by)
        for period, placed, names in rows
        for name in names
    }

    return stack(parts[key] for key in sorted(parts))


def crossed(
    tables: Tables,
    kpis: Bound,
    cuts: Sequence[Cut],
    *,
    periods: Periods,
    zone: str = "UTC",
    baselines: Baselines = MappingProxyType({}),
    only: Only = ALL,
    pairs: bool = False,
) -> pl.DataFrame:
    """Count the KPIs in the cells of each cut: the table `crossings`.

    As `partials`, over the same rows. `pairs`: also of cells that share customers.
    """
    by = tuple(sorted({name for cut in cuts for name in cut}))
    rows = _placed(
        tables, kpis, by, periods=periods, zone=zone, baselines=baselines, only=only
    )
    found = [
        crossings(cells, kpis[name][1], kpi=name, period=period, pairs=pairs)
        for period, placed, names in rows
        for cells in [celled(placed, cuts)]
        for name in names
    ]

    return pl.concat([dictionary.empty("crossings"), *found])


def timed(
    tables: Tables,
    kpis: Bound,
    cut: Cut,
    *,
    periods: Periods,
    zone: str = "UTC",
    baselines: Baselines = MappingProxyType({}),
    only: Only = ALL,
) -> pl.DataFrame:
    """Count the times of the KPIs in the cells of a cut: the table `timings`.

    As `partials`, over the same rows; for KPIs that are told from every value.
    """
    rows = _placed(
        tables,
        kpis,
        (*cut, "draw"),
        periods=periods,
        zone=zone,
        baselines=baselines,
        only=only,
    )
    found = [
        timings(cells, kpis[name][1], kpi=name, period=period)
        for period, placed, names in rows
        for cells in [celled(placed, [cut])]
        for name in names
    ]

    return pl.concat([dictionary.empty("timings"), *found])


def _drawn(rows: pl.DataFrame) -> pl.Expr:
    """In which part of the customers a row is; of an unknown one by its own id."""
    whose = [name for name in WHOSE if name in rows.columns]
    return lot(pl.coalesce(whose), DRAWS).alias("draw")


def _placed(
    tables: Tables,
    kpis: Bound,
    by: tuple[str, ...],
    *,
    periods: Periods,
    zone: str,
    baselines: Baselines,
    only: Only,
) -> Iterator[tuple[str, pl.DataFrame, Collection[str]]]:
    """Yield each period, rows that belong to it, and the KPIs counted over them."""
    cut = tuple(dict.fromkeys((*by, *(name for one in only.values() for name in one))))
    for (over, at, membership), bound in _alike(kpis).items():
        needs = sorted({name for kpi, _ in bound.values() for name in kpi.needs})
        held = beside(tables.get(over, dictionary.empty(over)), needs, baselines)
        if "draw" in by:
            held = held.with_columns(_drawn(held))
        rows = _with_dimensions(held, over, tables).select(_needed(bound, cut))
        for period, span in periods.items():
            placed = in_period(rows, at, membership, span=span, zone=zone)
            yield period, within(placed, only.get(period, {})), bound


def within(
    rows: pl.DataFrame, only: Mapping[str, tuple[str | None, ...]]
) -> pl.DataFrame:
    """Return the rows of a segment, with its dimensions as columns."""
    for name, values in only.items():
        rows = rows.filter(_is_of(name, values))

    return rows


def _is_of(dimension: str, values: tuple[str | None, ...]) -> pl.Expr:
    """Whether a row is of one of the values of a dimension."""
    column = pl.col(dimension)
    known = [value for value in values if value is not None]
    found = column.is_in(known).fill_null(value=False)
    if dimension == "topic":
        below = [column.str.starts_with(f"{value}/") for value in known]
        found = pl.any_horizontal(found, *below).fill_null(value=False)

    return found | column.is_null() if None in values else found


def demand(tables: Tables) -> pl.DataFrame:
    """Return tables.DEMAND: inbound contacts and orders on one time line.

    An order has no team and no topic; its channel is where it was placed.
    """
    one = pl.lit(1, dictionary.COUNT)
    inbound = tables["contacts"].filter("inbound")
    orders = tables.get("orders", dictionary.empty("orders"))
    asked = inbound.with_columns(at="started_at", contacts=one)
    placed = orders.with_columns(at="ordered_at", orders=one)

    return pl.concat(dictionary.conform(rows, "demand") for rows in (asked, placed))


def _alike(kpis: Bound) -> dict[tuple[str, str, str], Bound]:
    """The KPIs that are counted over the same rows."""
    alike: dict[tuple[str, str, str], dict[str, tuple[Kpi, Measure]]] = {}
    for name, (kpi, measure) in kpis.items():
        rows = (kpi.over, kpi.at, kpi.membership)
        alike.setdefault(rows, {})[name] = (kpi, measure)

    return dict(alike)


def read_of_steps(kpis: Bound) -> set[str]:
    """Return the columns of steps that counting the KPIs reads, whatever cuts them."""
    bound = {name: both for name, both in kpis.items() if both[0].over == "steps"}
    inputs = {
        name
        for kpi, _ in bound.values()
        for one in kpi.inputs
        for name in one.split("|")
    }

    return {*_needed(bound, DIMENSIONS), *inputs, "agent_id"}


def _needed(bound: Bound, by: tuple[str, ...]) -> list[str]:
    read = {name for _, measure in bound.values() for name in measure.columns}
    placed = {kpi.at for kpi, _ in bound.values()}
    wanted = {"customer_id", *read, *placed, *by} - {*PERIOD_COLUMNS, "month"}
    return sorted(wanted)


def _with_dimensions(rows: pl.DataFrame, over: str, tables: Tables) -> pl.DataFrame:
    """The table with what it is cut by, its customers numbered to be grouped fast."""
    return dimensioned(rows, over, tables).with_columns(numbered(rows["customer_id"]))


def dimensioned(rows: pl.DataFrame, over: str, tables: Tables) -> pl.DataFrame:
    """Return the rows of a table with names.DIMENSIONS, but for the month."""
    if over == "journeys":
        rows = rows.with_columns(**OF_JOURNEY)
    if over == "surveys":
        contacts = tables.get("contacts", dictionary.empty("contacts"))
        about = contacts.select("contact_id", "agent_id", about_channel="channel")
        rows = rows.join(about, on="contact_id", how="left", maintain_order="left")
        rows = rows.with_columns(
            channel=pl.coalesce("about_channel", "channel"), source="contact_source"
        )

    return _with_segment(rows.with_columns(pl.col("agent_id").alias(AGENT)), tables)


def _with_segment(rows: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Add the segment of the customer, where any customer's is known."""
    customers = tables.get("customers", dictionary.empty("customers"))
    known = customers.select("customer_id", "segment").drop_nulls()
    if known.is_empty():
        return rows.with_columns(segment=pl.lit(None, dictionary.TEXT))

    return rows.join(known, on="customer_id", how="left", maintain_order="left")


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

    return tuple(
        one
        for one in kpi.inputs
        if all(rows[name].null_count() == rows.height for name in one.split("|"))
    )


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
