"""What a number means, how it was counted, and on which contacts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.accounting import bound_frictions
from cxmap.baselines import beside
from cxmap.benchmarks import published
from cxmap.config import Config
from cxmap.definitions import Definition, Friction, Kpi, collect
from cxmap.desk.cells import (
    Asked,
    Cell,
    Segment,
    belongs,
    flagged_segments,
    inside_of,
    of_journeys,
    require_cell,
    segment_of,
)
from cxmap.desk.looking import with_links
from cxmap.desk.origins import options_of, origins, settings_of
from cxmap.desk.returning import Curve, repeat_curves
from cxmap.errors import UsageError
from cxmap.framing import Compare, chosen_period, compared
from cxmap.journeys.coverage import coverage, horizon
from cxmap.journeys.steps import steps
from cxmap.measures.adding import judge
from cxmap.periods import Period
from cxmap.pipeline import (
    Request,
    baselines_of,
    bound_kpis,
    report,
    require_allowed,
)
from cxmap.scorecard import Benchmark, FrictionLine, Score
from cxmap.scoring import demand, dimensioned, in_period
from cxmap.text import nearest

Tables = Mapping[str, pl.DataFrame]

KEYS = {
    "journeys": ("journey_id", "customer_id", "started_at"),
    "contacts": ("contact_id", "journey_id", "customer_id", "started_at"),
    "steps": ("contact_id", "journey_id", "customer_id", "started_at"),
    "surveys": ("survey_id", "contact_id", "customer_id", "at"),
    "demand": ("contact_id", "order_id", "customer_id", "at"),
}
"""What names a row of each table."""

WHOLE = Asked()

CHEAPEST = "identified_share"
"""The KPI that is counted where only frictions are asked for."""

CURVED = "repeat_contact_rate"
"""The KPI behind which lies a curve: how soon they come back."""


@dataclass(frozen=True)
class Explanation:
    """A definition, its settings, its number, and the rows behind it."""

    name: str
    kind: str
    doc: str
    options: Mapping[str, Any]
    """Every option with the value in force."""
    period: Period
    score: Score | FrictionLine
    rows: pl.DataFrame
    """One row a contact, journey or answer: its ids, and as what it counted."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Windows, hours and horizon that the definition rests on."""
    curves: tuple[Curve, ...] = ()
    """How soon they come back, whole and by channel group, for the repeat rate."""
    definition: Definition | None = None
    bound: Any = None
    """The measure or condition that the definition gives with these options."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Where an option, a setting, `target` or `severity` was set: a line of the
    config, or default."""
    cell: Cell = field(default_factory=dict)
    """The segment that the number is of; empty: the whole."""
    segments: tuple[Segment, ...] = ()
    """The number cut further, as was asked."""
    began: int = 0
    """For a friction: the journeys that began in the period."""
    benchmarks: tuple[Benchmark, ...] = ()
    """What is published of a KPI: to read, never to judge by."""


def explain_any(
    tables: Tables,
    config: Config,
    name: str,
    *,
    since: str | None,
    until: str | None,
    now: datetime,
    zone: ZoneInfo,
    asked: Asked = WHOLE,
) -> Explanation:
    """Return the explanation of a KPI or a friction in a period, whole or of a cell.

    Raises UsageError for a name that is neither, with the nearest that is; and for a
    cell to which no row belongs.
    """
    require_allowed(asked.dimensions, config)
    kpis, frictions = collect("kpis"), collect("frictions")
    if name not in kpis and name not in frictions:
        near = nearest(name, [*kpis, *frictions])
        every = f"KPIs: {', '.join(kpis)}; frictions: {', '.join(frictions)}"
        told = f"did you mean {near}?" if near else every
        raise UsageError(f"{name}: no KPI or friction of that name; {told}")

    contacts = tables["contacts"].filter(pl.col("started_at") <= now)
    held = coverage(contacts, config.coverage, now=now)
    period = chosen_period(
        contacts, since, until, horizon_at=horizon(held, now=now), now=now, zone=zone
    )
    if asked.previous:
        before = compared(period, asked.compare, zone=zone)
        if before is None:
            raise UsageError("--previous: --compare none names no period before")
        period = before
    if name in kpis:
        return _of_kpi(tables, config, kpis[name], period, asked, now=now, zone=zone)

    return _of_friction(
        tables, config, frictions[name], period, asked, now=now, zone=zone
    )


def _of_kpi(
    tables: Tables,
    config: Config,
    kpi: Kpi,
    period: Period,
    asked: Asked,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> Explanation:
    measure = bound_kpis(config, (kpi.name,))[kpi.name][1]
    table = beside(
        rows_of(tables, kpi.over, config),
        kpi.needs,
        baselines_of(tables, config, [kpi]),
    )
    span = (period.since, period.until)
    keys = [key for key in KEYS[kpi.over] if key != "customer_id"]
    cut = dimensioned(table, kpi.over, tables)
    inside = in_period(cut, kpi.at, kpi.membership, span=span, zone=zone.key)
    judged = judge(inside, measure, (*keys, *asked.dimensions))
    if asked.where:
        require_cell(judged, asked.where)
    counted_as = (
        pl.when(pl.col("reason").is_not_null())
        .then(pl.concat_str(pl.lit("left out: "), "reason"))
        .when("pending")
        .then(pl.lit("pending"))
        .otherwise(pl.lit("counted"))
    )
    rows = (
        judged.filter(belongs(asked.where))
        .select(
            *KEYS[kpi.over],
            *asked.dimensions,
            "value",
            *(["weight"] if measure.per is not None else []),
            "confirmed",
            counted_as=counted_as,
        )
        .sort(keys[-1], keys[0])
    )

    def scores(by: tuple[str, ...]) -> list[Score]:
        request = _request(period, kpis=(kpi.name,), by=by, compare=asked.compare)
        card = report(tables, config, request, now=now, zone=zone)
        return [one for one in card.scores if inside_of(one, asked.where, by)]

    [score] = scores(tuple(asked.where))

    return Explanation(
        name=kpi.name,
        kind="KPI",
        doc=kpi.doc,
        options=options_of(kpi, config.kpi_options.get(kpi.name, {})),
        period=period,
        score=score,
        rows=with_links(rows, tables["contacts"], config.urls),
        settings=settings_of(config, measure),
        curves=_curves(tables, config, rows) if kpi.name == CURVED else (),
        definition=kpi,
        bound=measure,
        origins=origins(config, "kpis", kpi),
        cell=asked.where,
        segments=tuple(map(segment_of, scores(asked.dimensions))) if asked.by else (),
        benchmarks=published({kpi.name}),
    )


def _curves(tables: Tables, config: Config, rows: pl.DataFrame) -> tuple[Curve, ...]:
    counted = rows.filter(pl.col("counted_as") == "counted")
    return repeat_curves(
        tables["contacts"], tables["links"], counted, rule=config.repeat
    )


def _of_friction(
    tables: Tables,
    config: Config,
    friction: Friction,
    period: Period,
    asked: Asked,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> Explanation:
    if friction.name not in bound_frictions(config):
        raise UsageError(f"{friction.name}: switched off in the config")
    named = _begun(tables, period, asked, zone=zone)
    within = of_journeys(tables, named) if asked.where else tables
    card = report(
        within, config, _request(period, kpis=(CHEAPEST,)), now=now, zone=zone
    )
    lines = {line.friction: line for line in card.frictions}

    return friction_explained(
        tables, config, friction, period, lines[friction.name], asked=asked, zone=zone
    )


def friction_explained(
    tables: Tables,
    config: Config,
    friction: Friction,
    period: Period,
    line: FrictionLine,
    *,
    zone: ZoneInfo,
    asked: Asked | None = None,
) -> Explanation:
    """Return the explanation of a friction whose line in the ledger is known.

    Its rows are the points of journeys that began in the period.
    """
    asked = asked or Asked()
    named = _begun(tables, period, asked, zone=zone)
    points = (
        tables["points"]
        .filter(pl.col("friction") == friction.name)
        .join(named, on="journey_id")
        .select(
            "contact_id", "journey_id", *asked.dimensions, "at", "because", "severity"
        )
        .sort("at", "contact_id")
    )
    bound = bound_frictions(config)[friction.name][1]

    return Explanation(
        name=friction.name,
        kind="friction",
        doc=friction.doc,
        options=options_of(friction, config.friction_options.get(friction.name, {})),
        period=period,
        score=line,
        rows=with_links(points, tables["contacts"], config.urls),
        settings=settings_of(config, bound),
        definition=friction,
        bound=bound,
        origins=origins(config, "frictions", friction),
        cell=asked.where,
        segments=flagged_segments(named, points, asked, least=config.privacy.min_cell),
        began=named.height,
    )


def _begun(
    tables: Tables, period: Period, asked: Asked, *, zone: ZoneInfo
) -> pl.DataFrame:
    """Return the journeys that began in the period, in the cell that is asked for."""
    cut = dimensioned(tables["journeys"], "journeys", tables)
    span = (period.since, period.until)
    began = in_period(cut, "started_at", "starts", span=span, zone=zone.key)
    if asked.where:
        require_cell(began, asked.where)
        began = began.filter(belongs(asked.where))

    return began.select("journey_id", "customer_id", *asked.dimensions)


def _request(
    period: Period,
    kpis: tuple[str, ...] = (),
    by: tuple[str, ...] = (),
    compare: Compare = "previous",
) -> Request:
    return Request(
        since=period.since.isoformat(),
        until=period.until.isoformat(),
        compare=compare,
        by=by,
        kpis=kpis,
    )


def rows_of(tables: Tables, over: str, config: Config) -> pl.DataFrame:
    """Return the rows that a definition over this table judges."""
    if over == "demand":
        return demand(tables)
    if over != "steps":
        return tables[over]

    return steps(
        tables["contacts"],
        tables["links"],
        tables["journeys"],
        tables["surveys"],
        hours=config.hours,
    )
