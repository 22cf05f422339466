"""The scorecard: what `report` computes and every view shows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

SCHEMA = "cxmap.scorecard/1"

Status = Literal["on", "close", "off", "–"]


@dataclass(frozen=True)
class Score:
    """One KPI in one segment: never a number alone.

    Shares are fractions, durations seconds; `value` is None when nobody counts.
    """

    kpi: str
    by: Mapping[str, str | None]
    value: float | None
    numerator: int | None
    n: int
    low: float | None
    high: float | None
    pending: int
    excluded: Mapping[str, int]
    confirmed: int | None
    presumed: int | None
    unit: str
    better: str
    target: float | None
    status: Status
    previous: float | None
    change: float | None
    change_low: float | None
    change_high: float | None
    marked: bool
    """Whether the change is outside noise and material."""
    definition: str
    variant: str
    interval: str | None
    """clustered, wilson, order_statistics, greenwood; None: no interval."""
    missing_inputs: tuple[str, ...] = ()
    suppressed: bool = False
    customers: int = 0
    """Different customers counted; an unidentified row is one of its own."""
    earlier: float | None = None
    """The value in the period before `previous`; None unless that was asked for."""
    worse: bool | None = None
    """Whether it was worse two periods running; None: not asked, or not to be told."""


@dataclass(frozen=True)
class FrictionLine:
    """One friction in the period; effects and money are None until they are known."""

    friction: str
    points: int
    journeys: int
    share: float | None
    contacts_after: int
    severity: str
    csat_effect: float | None = None
    csat_low: float | None = None
    csat_high: float | None = None
    cost: int | None = None
    currency: str | None = None


@dataclass(frozen=True)
class Variation:
    """One KPI of the whole under one other setting, over the same period."""

    kpi: str
    setting: str
    """strict, normal, loose: identity.level; half, double: the windows."""
    value: float | None
    n: int
    low: float | None
    high: float | None
    pending: int
    change: float | None
    """From the value as configured to this one."""
    moved: bool | None
    """Whether it lies outside the 95 % interval of the value as configured; None:
    there is no interval, or no value."""
    suppressed: bool = False


@dataclass(frozen=True)
class Benchmark:
    """One figure of other companies, as published: to read, never to judge by."""

    kpi: str
    low: float
    high: float
    """A range; the same as `low` where one value is published."""
    unit: str
    industry: str
    source: str
    url: str
    year: int | None
    """None: the source names none."""
    method: str
    """How it was found."""
    mismatch: str
    """How it was found otherwise than our figure."""


@dataclass(frozen=True)
class SourceCoverage:
    """From when to when one source is held."""

    source: str
    contacts: int
    identified: float | None
    since: datetime | None
    until: datetime | None
    lags: bool
    complete: bool


@dataclass(frozen=True)
class Held:
    """What the period's numbers rest on."""

    contacts: int
    identified: float | None
    customers: int
    journeys: int
    sources: tuple[SourceCoverage, ...]


@dataclass(frozen=True)
class Scorecard:
    """The scores and frictions of one period, whole and by segment."""

    since: datetime
    until: datetime
    """Exclusive."""
    period: str
    """How the period was chosen, in words."""
    compared_with: tuple[datetime, datetime] | None
    now: datetime
    horizon: datetime | None
    zone: str
    coverage: Held
    scores: tuple[Score, ...]
    frictions: tuple[FrictionLine, ...]
    notes: tuple[str, ...] = field(default=())
    """What a reader must know: default hours, coverage changed, lagging sources."""
    not_comparable: Mapping[str, str] = field(default_factory=dict)
    """By KPI: why it cannot be called worse two periods running. Others can, unless
    nobody asked."""
    coverage_changed: Mapping[str, str] = field(default_factory=dict)
    """By KPI: why its change cannot be told from a change of what is held."""
    sensitivity: tuple[Variation, ...] = ()
    """Each KPI under other settings; empty unless that was asked for."""
    benchmarks: tuple[Benchmark, ...] = ()
    """What is published of its KPIs; empty unless that was asked for."""

    def as_json(self) -> dict[str, Any]:
        """Return the scorecard as `report -f json` prints it."""
        return {
            "schema": SCHEMA,
            "period": {"since": self.since, "until": self.until, "chosen": self.period},
            "now": self.now,
            "horizon": self.horizon,
            "zone": self.zone,
            "coverage": asdict(self.coverage),
            "scores": [asdict(score) for score in self.scores],
            "frictions": [asdict(line) for line in self.frictions],
            "notes": list(self.notes),
            "sensitivity": [asdict(one) for one in self.sensitivity],
            "benchmarks": [asdict(one) for one in self.benchmarks],
        }
