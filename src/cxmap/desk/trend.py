"""One KPI from period to period, whole and by segment."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.comparable import coverage_changes
from cxmap.config import Config
from cxmap.definitions import Kpi
from cxmap.desk.calendar import Grid, cut_up, is_whole, last_until
from cxmap.engines.local import Question, add, cut, score_bucket
from cxmap.errors import UsageError
from cxmap.framing import notes_on
from cxmap.journeys.coverage import coverage, horizon
from cxmap.measures import Partials
from cxmap.periods import Period, read_period
from cxmap.pipeline import baselines_of, bound_kpis
from cxmap.scorecard import Score
from cxmap.scoring import scores

Tables = Mapping[str, pl.DataFrame]

State = Literal["complete", "pending", "incomplete"]

SCHEMA = "cxmap.kpi/1"


@dataclass(frozen=True)
class Asked:
    """Which periods and segments are asked for."""

    since: str | None = None
    until: str | None = None
    grid: Grid = field(default_factory=Grid)
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """One period, and how far it can be judged."""

    period: Period
    state: State
    """complete: all of it is judged; pending: some of it cannot be judged yet;
    incomplete: the data held begin or end within it, or only a part was asked for."""
    scores: tuple[Score, ...]
    """The whole, then its segments; each changed since the period before."""


@dataclass(frozen=True)
class Trend:
    """One KPI over several periods."""

    kpi: Kpi
    places: tuple[Place, ...]
    options: Mapping[str, Any]
    by: tuple[str, ...]
    now: datetime
    horizon: datetime | None
    zone: str
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the trend as `kpi -f json` prints it."""
        return {
            "schema": SCHEMA,
            "kpi": self.kpi.name,
            "doc": self.kpi.doc,
            "options": dict(self.options),
            "by": list(self.by),
            "now": self.now,
            "horizon": self.horizon,
            "zone": self.zone,
            "periods": [
                {**_spoken(place), "scores": [asdict(one) for one in place.scores]}
                for place in self.places
            ],
            "notes": list(self.notes),
        }


def _spoken(place: Place) -> dict[str, Any]:
    period = place.period
    return {
        "period": period.words,
        "since": period.since,
        "until": period.until,
        "state": place.state,
    }


def by_period(
    tables: Tables,
    config: Config,
    name: str,
    asked: Asked,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> Trend:
    """Return the KPI `name` in each of the periods asked for.

    None named: the last 13 months, or as many as the grid says, up to the one in
    which the data end. Raises UsageError where the periods cannot be.
    """
    contacts = tables["contacts"].filter(pl.col("started_at") <= now)
    held = coverage(contacts, config.coverage, now=now)
    until = horizon(held, now=now)
    begun = held["since_at"].min()
    first = begun if isinstance(begun, datetime) else None
    periods = _periods(asked, first, until, now=now, zone=zone)
    bound = bound_kpis(config, (name,))
    question = Question(
        kpis=bound,
        periods={one.words: (one.since, one.until) for one in periods},
        by=asked.by,
        zone=zone.key,
        frictions={},
        hours=config.hours,
        baselines=baselines_of(tables, config, [kpi for kpi, _ in bound.values()]),
    )
    answer = add([score_bucket(bucket, question) for bucket in cut(tables)])

    places: list[Place] = []
    before: Period | None = None
    for period in periods:
        changed = coverage_changes(tables, held, bound, period, before)
        told = scores(
            _of(answer.partials, period, before),
            bound,
            targets=config.targets,
            missing=answer.missing,
            coverage_changed=changed,
            min_cell=config.privacy.min_cell,
        )
        whole = is_whole(period, asked.grid.step, zone)
        state: State = "pending" if told[0].pending else "complete"
        if not whole or not _reached(period, first, until, zone):
            state = "incomplete"
        places.append(Place(period, state, tuple(told)))
        before = period
    kpi = bound[name][0]

    return Trend(
        kpi=kpi,
        places=tuple(places),
        options=_options(kpi, config),
        by=asked.by,
        now=now,
        horizon=until,
        zone=zone.key,
        notes=tuple(notes_on(config, held, {}, bound)),
    )


def _periods(
    asked: Asked,
    begun: datetime | None,
    horizon_at: datetime | None,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> tuple[Period, ...]:
    grid = asked.grid
    if asked.since is None and asked.until is None:
        return last_until(horizon_at or now, grid, zone, begun=begun)
    if grid.count is not None:
        raise UsageError(
            "--periods: with --since or --until say how long a period is, not how "
            f"many there are: {grid.step}"
        )
    span = read_period(
        asked.since, asked.until, now=now, zone=zone, held_until=horizon_at
    )

    return cut_up(span.since, span.until, grid.step, zone)


def _of(partials: Partials, period: Period, before: Period | None) -> Partials:
    """The parts of one period, as what is current, and of the one before it."""
    names = {period.words: "current"}
    if before is not None:
        names[before.words] = "previous"

    def named(frame: pl.DataFrame) -> pl.DataFrame:
        kept = frame.filter(pl.col("period").is_in(list(names)))
        return kept.with_columns(pl.col("period").replace(names))

    return Partials(
        *(named(one) for one in (partials.sums, partials.values, partials.exclusions))
    )


def _reached(
    period: Period, begun: datetime | None, ended: datetime | None, zone: ZoneInfo
) -> bool:
    """Tell whether data are held from the period's first day to its last."""
    if begun is None or ended is None:
        return False
    first, last = (
        moment.astimezone(zone).date()
        for moment in (period.since, period.until - timedelta(seconds=1))
    )
    held_from, held_to = (one.astimezone(zone).date() for one in (begun, ended))

    return held_from <= first and last <= held_to


def _options(kpi: Kpi, config: Config) -> dict[str, Any]:
    given = config.kpi_options.get(kpi.name, {})
    return {name: given.get(name, one.default) for name, one in kpi.options.items()}
