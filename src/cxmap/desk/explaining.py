"""What a number means, how it was counted, and on which contacts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.baselines import beside
from cxmap.benchmarks import published
from cxmap.config import Config
from cxmap.definitions import Definition, Friction, Kpi, collect
from cxmap.desk.returning import Curve, repeat_curves
from cxmap.errors import UsageError
from cxmap.framing import chosen_period
from cxmap.journeys.coverage import coverage, horizon
from cxmap.journeys.steps import steps
from cxmap.measures.adding import judge
from cxmap.periods import Period
from cxmap.pipeline import (
    Request,
    baselines_of,
    bound_frictions,
    bound_kpis,
    report,
)
from cxmap.scorecard import Benchmark, FrictionLine, Score
from cxmap.scoring import in_period
from cxmap.text import nearest

Tables = Mapping[str, pl.DataFrame]

KEYS = {
    "journeys": ("journey_id", "customer_id", "started_at"),
    "contacts": ("contact_id", "journey_id", "customer_id", "started_at"),
    "steps": ("contact_id", "journey_id", "customer_id", "started_at"),
    "surveys": ("survey_id", "contact_id", "customer_id", "at"),
}
"""What names a row of each table."""

CURVED = "repeat_contact_rate"
"""The KPI behind which lies a curve: how soon they come back."""

ON_WINDOWS = {
    "repeat_window_seconds",
    "repeated",
    "repeats_contact_id",
    "trigger_repeated",
    "trigger_window_seconds",
}
"""Columns that hang on the windows of a repeat."""

ON_HOURS = {"waited_business_seconds", "waited_business_days"}
"""Columns that are counted in opening hours."""

ON_OWN_HORIZON = {"source_horizon_at", "waited_seconds", *ON_HOURS}
"""Columns that hang on how far the contact's own source is held."""

ON_HORIZON = {"horizon_at", "closed", "ladder", "outcome"}
"""Columns that need silence in every source."""


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
) -> Explanation:
    """Return the explanation of a KPI or a friction in a period.

    Raises UsageError for a name that is neither, with the nearest that is.
    """
    kpis, frictions = collect("kpis"), collect("frictions")
    if name not in kpis and name not in frictions:
        near = nearest(name, [*kpis, *frictions])
        hint = f"did you mean {near}? " if near else ""
        raise UsageError(
            f"{name}: no KPI or friction of that name; {hint}"
            f"KPIs: {', '.join(kpis)}; frictions: {', '.join(frictions)}"
        )

    contacts = tables["contacts"].filter(pl.col("started_at") <= now)
    held = coverage(contacts, config.coverage, now=now)
    period = chosen_period(
        contacts, since, until, horizon_at=horizon(held, now=now), now=now, zone=zone
    )
    if name in kpis:
        return _of_kpi(tables, config, kpis[name], period, now=now, zone=zone)

    return _of_friction(tables, config, frictions[name], period, now=now, zone=zone)


def _of_kpi(
    tables: Tables,
    config: Config,
    kpi: Kpi,
    period: Period,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> Explanation:
    card = report(
        tables, config, _request(period, kpis=(kpi.name,)), now=now, zone=zone
    )
    measure = bound_kpis(config, (kpi.name,))[kpi.name][1]
    table = beside(
        _table(tables, kpi.over, config),
        kpi.needs,
        baselines_of(tables, config, [kpi]),
    )
    span = (period.since, period.until)
    keys = [key for key in KEYS[kpi.over] if key != "customer_id"]
    inside = in_period(table, kpi.at, kpi.membership, span=span, zone=zone.key)
    judged = judge(inside, measure, tuple(keys))
    counted_as = (
        pl.when(pl.col("reason").is_not_null())
        .then(pl.concat_str(pl.lit("left out: "), "reason"))
        .when("pending")
        .then(pl.lit("pending"))
        .otherwise(pl.lit("counted"))
    )
    rows = judged.select(
        *KEYS[kpi.over],
        "value",
        "confirmed",
        counted_as=counted_as,
    ).sort(keys[-1], keys[0])

    return Explanation(
        name=kpi.name,
        kind="KPI",
        doc=kpi.doc,
        options=_options(kpi, config.kpi_options.get(kpi.name, {})),
        period=period,
        score=card.scores[0],
        rows=rows,
        settings=_settings(config, _columns_of(measure)),
        curves=_curves(tables, config, rows) if kpi.name == CURVED else (),
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
    *,
    now: datetime,
    zone: ZoneInfo,
) -> Explanation:
    card = report(tables, config, _request(period), now=now, zone=zone)
    lines = {line.friction: line for line in card.frictions}
    if friction.name not in bound_frictions(config):
        raise UsageError(f"{friction.name}: switched off in the config")
    began = tables["journeys"].filter(
        pl.col("started_at").is_between(period.since, period.until, closed="left")
    )
    points = (
        tables["points"]
        .filter(pl.col("friction") == friction.name)
        .join(began, on="journey_id", how="semi")
        .select("contact_id", "journey_id", "at", "because", "severity")
        .sort("at", "contact_id")
    )

    return Explanation(
        name=friction.name,
        kind="friction",
        doc=friction.doc,
        options=_options(friction, config.friction_options.get(friction.name, {})),
        period=period,
        score=lines[friction.name],
        rows=points,
        settings=_settings(
            config, _columns_of(bound_frictions(config)[friction.name][1])
        ),
    )


def _request(period: Period, kpis: tuple[str, ...] = ()) -> Request:
    return Request(
        since=period.since.isoformat(),
        until=period.until.isoformat(),
        kpis=kpis,
    )


def _table(tables: Tables, over: str, config: Config) -> pl.DataFrame:
    if over != "steps":
        return tables[over]

    return steps(
        tables["contacts"],
        tables["links"],
        tables["journeys"],
        tables["surveys"],
        hours=config.hours,
    )


def _options(definition: Definition, given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: given.get(name, option.default)
        for name, option in definition.options.items()
    }


def _columns_of(definition: object) -> set[str]:
    """Return every column that the expressions of a definition read."""
    if isinstance(definition, pl.Expr):
        return set(definition.meta.root_names())
    parts: list[Any] = []
    if is_dataclass(definition):
        parts = [getattr(definition, one.name) for one in fields(definition)]
    elif isinstance(definition, Mapping):
        parts = list(definition.values())
    elif isinstance(definition, tuple | list):
        parts = list(definition)

    return set().union(*(_columns_of(part) for part in parts))


def _settings(config: Config, columns: set[str]) -> dict[str, str]:
    """Return the windows, hours and horizon that a definition rests on."""
    settings = _windows(config) if columns & ON_WINDOWS else {}
    if columns & ON_HORIZON:
        settings["horizon"] = "up to which every source is held"
    elif columns & ON_OWN_HORIZON:
        settings["horizon"] = "up to which its own source is held"
    hours = config.hours
    if columns & ON_HOURS:
        settings["hours"] = f"{hours.opens:%H:%M}–{hours.closes:%H:%M} {hours.zone}" + (
            " (assumed)" if hours.assumed else ""
        )

    return settings


def _windows(config: Config) -> dict[str, str]:
    from cxmap.options import write_duration

    within = config.repeat.within
    named = {f"repeat.within for {g}": w for g, w in within.channel_groups.items()}

    return {
        name: write_duration(window) if window else "off"
        for name, window in {"repeat.within": within.default, **named}.items()
    }
