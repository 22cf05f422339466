"""Survey bias: who answers, and what the answers would be if all had answered alike."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, cast
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.accounting import bound_frictions
from cxmap.config import Config
from cxmap.definitions import Kpi, Measure, collect
from cxmap.errors import UsageError
from cxmap.flagging import implied
from cxmap.framing import chosen_period
from cxmap.insights.responding import STRATA, Response, asked, responses
from cxmap.insights.reweighting import Form, Reweighted, reweighted
from cxmap.journeys.coverage import coverage, horizon
from cxmap.periods import Period
from cxmap.text import safe

Tables = Mapping[str, pl.DataFrame]

SCHEMA = "cxmap.bias/1"

PERCEIVED = ("csat", "csat_mean", "nps", "ces")
"""The KPIs whose answers can be held against the journeys that gave none."""


@dataclass(frozen=True)
class Bias:
    """Who answered one kind of survey, among all journeys of a period."""

    kpi: Kpi
    period: Period
    journeys: int
    answered: int
    customers: int
    whole: Reweighted | None
    """None below ten answers."""
    classes: tuple[Response, ...]
    """By channel group, contacts, frictions, and each friction by itself."""
    rows: pl.DataFrame
    """Each journey: its id, classes, frictions met, and its answer; null: none."""
    now: datetime
    horizon: datetime | None
    zone: str
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the bias as `kpi --bias -f json` prints it."""
        period = self.period
        return {
            "schema": SCHEMA,
            "kpi": self.kpi.name,
            "unit": self.kpi.unit,
            "doc": self.kpi.doc,
            "period": {
                "since": period.since,
                "until": period.until,
                "chosen": period.words,
            },
            "now": self.now,
            "horizon": self.horizon,
            "zone": self.zone,
            "journeys": self.journeys,
            "answered": self.answered,
            "customers": self.customers,
            "reweighted": None if self.whole is None else asdict(self.whole),
            "classes": [asdict(one) for one in self.classes],
            "notes": list(self.notes),
        }


def survey_bias(
    tables: Tables,
    config: Config,
    name: str,
    *,
    since: str | None,
    until: str | None,
    now: datetime,
    zone: ZoneInfo,
) -> Bias:
    """Return who answered, of the journeys that began in a period; see `Bias`.

    Undated it is the last month that can be judged. A journey counts as answered if
    the KPI would count an answer about any of its contacts; of several, the last.
    Frictions that are read off answers are not counted: only who answers can have
    them. Raises UsageError for a KPI that is no survey's.
    """
    if name not in PERCEIVED:
        raise UsageError(
            f"{safe(name)} --bias: is not what a survey says; "
            f"KPIs: {', '.join(PERCEIVED)}"
        )
    contacts = tables["contacts"].filter(pl.col("started_at") <= now)
    reach = horizon(coverage(contacts, config.coverage, now=now), now=now)
    period = chosen_period(contacts, since, until, horizon_at=reach, now=now, zone=zone)
    began = pl.col("started_at").is_between(period.since, period.until, "left")
    journeys = tables["journeys"].filter(began & (pl.col("started_at") <= now))
    kpi = collect("kpis")[name]
    measure = kpi.bind(config.kpi_options.get(name, {}))
    met = _met(tables["points"], journeys, config)
    rows = asked(_with_frictions(journeys, met), _answers(tables["surveys"], measure))
    scale = measure.scale / (100 if measure.form == "balance" else 1)

    return Bias(
        kpi=kpi,
        period=period,
        journeys=rows.height,
        answered=int(rows["value"].count()),
        customers=rows["who"].n_unique(),
        whole=reweighted(rows, cast("Form", measure.form), scale=scale),
        classes=responses(rows, _by_friction(met), scale=scale),
        rows=_listed(rows, met, scale),
        now=now,
        horizon=reach,
        zone=zone.key,
    )


def _answers(surveys: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Return the last answer of each journey that the KPI counts: journey_id, value."""
    left_out = [why.fill_null(False) for why in measure.excluded.values()]
    counts = measure.among & ~reduce(or_, left_out, pl.lit(False))

    return (
        surveys.filter(counts)
        .select(
            "journey_id",
            "responded_at",
            "survey_id",
            value=measure.of.cast(pl.Int64),
        )
        .drop_nulls(["journey_id", "value"])
        .sort("responded_at", "survey_id")
        .unique("journey_id", keep="last", maintain_order=True)
        .select("journey_id", "value")
    )


def _met(points: pl.DataFrame, journeys: pl.DataFrame, config: Config) -> pl.DataFrame:
    """Return journey_id and friction of what they met, but for what answers tell."""
    told = [
        name
        for name, (_, condition) in bound_frictions(config).items()
        if implied(condition).answers
    ]

    return (
        points.join(journeys, on="journey_id", how="semi")
        .filter(~pl.col("friction").is_in(told))
        .select("journey_id", "friction")
        .unique()
    )


def _with_frictions(journeys: pl.DataFrame, met: pl.DataFrame) -> pl.DataFrame:
    many = met.group_by("journey_id").agg(frictions=pl.len())
    return journeys.drop("frictions").join(many, on="journey_id", how="left")


def _by_friction(met: pl.DataFrame) -> dict[str, pl.Series]:
    return {
        name: met.filter(pl.col("friction") == name)["journey_id"].sort()
        for name in met["friction"].unique().sort()
    }


def _listed(rows: pl.DataFrame, met: pl.DataFrame, scale: float) -> pl.DataFrame:
    """Return the journeys with the names of what they met, those answered first."""
    names = met.group_by("journey_id").agg(met=pl.col("friction").sort().str.join(" "))

    return (
        rows.join(names, on="journey_id", how="left")
        .select("journey_id", *STRATA, "met", value=pl.col("value") / scale)
        .sort(pl.col("value").is_null(), "journey_id")
    )
