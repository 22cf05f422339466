"""The definition lab: the same data under every definition of a number."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.baselines import beside
from cxmap.config import Config
from cxmap.definitions import Kpi, Measure, collect
from cxmap.desk.differing import Difference, Judged, difference, listed, paired
from cxmap.desk.explaining import rows_of
from cxmap.desk.families import Family, Repeats, Way
from cxmap.desk.rejudging import rejudged, rule_of
from cxmap.desk.verdicts import verdicts
from cxmap.engines.local import cut
from cxmap.framing import chosen_period, notes_on
from cxmap.journeys.coverage import coverage, horizon
from cxmap.measures import Bound, Partials, merge
from cxmap.periods import Period
from cxmap.pipeline import baselines_of
from cxmap.scorecard import Score
from cxmap.scoring import in_period, missing_inputs, partials, scores

Tables = Mapping[str, pl.DataFrame]

SCHEMA = "cxmap.lab/1"


@dataclass(frozen=True)
class Tried:
    """The number by one definition, and how it differs from ours."""

    label: str
    score: Score
    over: str
    """Whose rows it counts: journeys, contacts, surveys …"""
    options: Mapping[str, Any]
    settings: Mapping[str, str]
    doc: str
    difference: Difference | None
    """None: it is the one the others are compared with, or finds nothing to judge."""


@dataclass(frozen=True)
class Lab:
    """A family of definitions over the same data and period."""

    family: str
    period: Period
    tried: tuple[Tried, ...]
    """The first one is what the others are compared with."""
    rows: pl.DataFrame
    """The contacts, journeys or answers on which they differ, with their ids."""
    now: datetime
    horizon: datetime | None
    zone: str
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the lab as `kpi --lab -f json` prints it."""
        period = self.period
        return {
            "schema": SCHEMA,
            "family": self.family,
            "period": {
                "since": period.since,
                "until": period.until,
                "chosen": period.words,
            },
            "now": self.now,
            "horizon": self.horizon,
            "zone": self.zone,
            "ways": [_as_json(one) for one in self.tried],
            "notes": list(self.notes),
        }


def _as_json(one: Tried) -> dict[str, Any]:
    return {
        "label": one.label,
        "over": one.over,
        "options": dict(one.options),
        "settings": dict(one.settings),
        "doc": one.doc,
        **asdict(one.score),
        "difference": None if one.difference is None else asdict(one.difference),
    }


@dataclass(frozen=True)
class _Bound:
    """A way with its expressions, and the tables it is counted over."""

    way: Way
    kpi: Kpi
    measure: Measure
    tables: Tables


def try_all(
    tables: Tables,
    config: Config,
    family: Family,
    *,
    since: str | None,
    until: str | None,
    now: datetime,
    zone: ZoneInfo,
) -> Lab:
    """Return every definition of a family over the same period.

    Undated it is the last month that can be judged. Only repeats are judged anew
    under other settings; no export is read again.
    """
    contacts = tables["contacts"].filter(pl.col("started_at") <= now)
    held = coverage(contacts, config.coverage, now=now)
    reach = horizon(held, now=now)
    period = chosen_period(contacts, since, until, horizon_at=reach, now=now, zone=zone)
    bound = list(_bound(tables, config, family))
    scored = _scored(bound, config, period, zone)
    judged = [
        None if score.missing_inputs else _judged(one, config, period, zone)
        for one, score in zip(bound, scored, strict=True)
    ]
    usual = judged[0]
    pairs = [
        None
        if usual is None or one is None or one.rows.is_empty()
        else paired(usual, one, tables["contacts"])
        for one in judged[1:]
    ]
    differences = [
        None
        if frame is None or usual is None or one is None
        else difference(frame, usual, one)
        for frame, one in zip(pairs, judged[1:], strict=True)
    ]
    labels = [one.way.label for one in bound]

    return Lab(
        family=family.name,
        period=period,
        tried=tuple(
            _tried(one, score, apart, config)
            for one, score, apart in zip(
                bound, scored, [None, *differences], strict=True
            )
        ),
        rows=listed(
            [
                (label, frame)
                for label, frame in zip(labels[1:], pairs, strict=True)
                if frame is not None
            ]
        ),
        now=now,
        horizon=reach,
        zone=zone.key,
        notes=tuple(notes_on(config, held, {}, [one.kpi.name for one in bound])),
    )


def _bound(tables: Tables, config: Config, family: Family) -> Iterator[_Bound]:
    """Yield the ways with their expressions; the tables of like settings are one."""
    kpis = collect("kpis")
    judged: dict[Repeats | None, Tables] = {None: tables}
    for way in family.ways:
        if way.repeat is not None and way.repeat not in judged:
            rule = rule_of(config.repeat, way.repeat)
            judged[way.repeat] = rejudged(tables, rule, topics=way.repeat.topics)
        kpi = kpis[way.kpi]
        options = {**config.kpi_options.get(way.kpi, {}), **way.options}
        yield _Bound(way, kpi, kpi.bind(options), judged[way.repeat])


def _scored(
    bound: list[_Bound], config: Config, period: Period, zone: ZoneInfo
) -> list[Score]:
    """Return the score of every way; those over the same tables are counted at once."""
    found: dict[str, Score] = {}
    for repeat in dict.fromkeys(one.way.repeat for one in bound):
        alike = [one for one in bound if one.way.repeat == repeat]
        named = {
            one.way.label: (replace(one.kpi, name=one.way.label), one.measure)
            for one in alike
        }
        parts, missing = _counted(named, alike[0].tables, config, period, zone)
        told = scores(
            parts,
            named,
            targets={
                one.way.label: config.targets[one.kpi.name]
                for one in alike
                if one.kpi.name in config.targets
            },
            missing=missing,
            min_cell=config.privacy.min_cell,
        )
        found |= {score.kpi: score for score in told}

    return [replace(found[one.way.label], kpi=one.kpi.name) for one in bound]


def _counted(
    named: Bound, tables: Tables, config: Config, period: Period, zone: ZoneInfo
) -> tuple[Partials, dict[str, tuple[str, ...]]]:
    """Return the parts of every way over the same tables, and what each lacks."""
    span = {"current": (period.since, period.until)}
    baselines = baselines_of(tables, config, [kpi for kpi, _ in named.values()])
    parts, lacks = [], []
    for bucket in cut(tables):
        own = {kpi.over: rows_of(bucket, kpi.over, config) for kpi, _ in named.values()}
        read = {**bucket, **own}
        parts.append(
            partials(read, named, periods=span, zone=zone.key, baselines=baselines)
        )
        lacks.append(
            {way: missing_inputs(read, kpi) for way, (kpi, _) in named.items()}
        )
    missing = {
        way: tuple(one for one in needs if all(one in lack[way] for lack in lacks))
        for way, needs in lacks[0].items()
    }

    return merge(parts), {way: needs for way, needs in missing.items() if needs}


def _judged(one: _Bound, config: Config, period: Period, zone: ZoneInfo) -> Judged:
    kpi = one.kpi
    table = beside(
        rows_of(one.tables, kpi.over, config),
        kpi.needs,
        baselines_of(one.tables, config, [kpi]),
    )
    span = (period.since, period.until)
    inside = in_period(table, kpi.at, kpi.membership, span=span, zone=zone.key)

    return Judged(
        over=kpi.over,
        unit=kpi.unit,
        share=one.measure.form == "share",
        rows=verdicts(inside, kpi, one.measure, one.tables),
    )


def _tried(
    one: _Bound, score: Score, apart: Difference | None, config: Config
) -> Tried:
    given = {**config.kpi_options.get(one.kpi.name, {}), **one.way.options}
    return Tried(
        label=one.way.label,
        score=score,
        over=one.kpi.over,
        options={
            name: given.get(name, option.default)
            for name, option in one.kpi.options.items()
        },
        settings=one.way.repeat.words if one.way.repeat else {},
        doc=one.kpi.doc,
        difference=apart,
    )
