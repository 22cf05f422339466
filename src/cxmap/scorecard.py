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
    """One friction in the period; effects, time and money are None until known."""

    friction: str
    points: int
    journeys: int
    share: float | None
    contacts_after: int
    severity: str
    csat_effect: float | None = None
    """Share satisfied of flagged journeys less that of comparable unflagged ones."""
    csat_low: float | None = None
    csat_high: float | None = None
    csat_n: int = 0
    """Answers of flagged journeys that were compared."""
    csat_n_unflagged: int = 0
    csat_kinds: int = 0
    """Kinds of journeys in which both sides answered."""
    csat_kinds_dropped: int = 0
    """Kinds without an answer of a comparable unflagged journey."""
    csat_n_dropped: int = 0
    """Answers of flagged journeys in those."""
    contacts_followed: int = 0
    """Contacts after it, our own calls out and a return itself included."""
    contacts_untimed: int = 0
    """Of these, those whose handling time cannot be told."""
    handling_seconds: int | None = None
    """Handling time that followed; at least so much where some are untimed."""
    handling_seconds_guessed: int | None = None
    """Part of it that is what is usual on the channel."""
    handling_share: float | None = None
    """Of all handling time of all journeys of the period."""
    cost: int | None = None
    """In minor units."""
    currency: str | None = None
    cost_share: float | None = None
    cost_year: int | None = None
    """The cost as a year of such periods would bring it."""
    contacts_unpriced: int | None = None
    by: Mapping[str, str | None] = field(default_factory=dict)
    customers: int = 0
    """Different customers of the flagged journeys."""
    suppressed: bool = False


@dataclass(frozen=True)
class Assumptions:
    """What the ledger's time and money rest on."""

    usual_handling_seconds: Mapping[str, int] = field(default_factory=dict)
    """By channel group, for contacts without a handling time of their own."""
    second_contact_ratio: float | None = None
    """Mean handling time of later contacts ÷ that of comparable first ones."""
    second_contact_low: float | None = None
    second_contact_high: float | None = None
    second_contact_n: int = 0
    first_contact_n: int = 0
    currency: str | None = None
    contact_prices: Mapping[str, int] = field(default_factory=dict)
    """Minor units a contact, by channel group."""
    hour_price: int | None = None
    """Minor units an hour."""
    year_factor: float | None = None
    """What a cost of the period is multiplied with for a year's."""


@dataclass(frozen=True)
class Ledger:
    """Every friction of one period, whole and by segment, and what it rests on."""

    since: datetime
    until: datetime
    """Exclusive."""
    period: str
    now: datetime
    horizon: datetime | None
    zone: str
    journeys: int
    lines: tuple[FrictionLine, ...]
    assumptions: Assumptions
    notes: tuple[str, ...] = ()


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
class Finding:
    """One cell that carries a change of a KPI: believed, material, never small."""

    kpi: str
    by: Mapping[str, str | None]
    """The cell: a value of one dimension, or of two."""
    contribution: float
    """What it carries of the change, in the KPI's unit: mix and rate together."""
    low: float | None
    high: float | None
    share: float
    """Which part of the whole change that is; above 1 where others weigh against it."""
    mix: float
    """What of it comes from its weight."""
    rate: float
    """What of it comes from its own value."""
    weight_before: float
    """Its part of all rows counted."""
    weight: float
    value_before: float | None
    """The KPI in this cell; None where it was not there."""
    value: float | None
    unit: str
    better: str
    whole_before: float
    """The KPI over all cells."""
    whole: float
    change: float


@dataclass(frozen=True)
class Restated:
    """A figure that was published and is not the same any more."""

    kpi: str
    by: Mapping[str, str | None]
    unit: str
    published: float | None
    published_n: int
    value: float | None
    """What it is now."""
    n: int
    because: Mapping[str, int]
    """What changed in the records that the KPI can see, counted; and judged_since:
    rows that could not be judged then."""
    defined_anew: bool
    """Whether the KPI's definition is not what it was."""
    settings: tuple[str, ...]
    """Keys of the KPI's own settings that changed."""


@dataclass(frozen=True)
class Published:
    """The card that was frozen for the same period, against this one."""

    frozen_at: datetime
    version: str
    """The cxmap that wrote it."""
    restated: tuple[Restated, ...]
    settings: tuple[str, ...]
    """Keys of all settings that changed since, targets included."""
    notes: tuple[str, ...] = ()


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
    assumptions: Assumptions = field(default_factory=Assumptions)
    """What the frictions' time and money rest on."""
    findings: tuple[Finding, ...] = ()
    """What carries the changes since `compared_with`; few, and the surest."""
    published: Published | None = None
    """The card frozen for this period; None: none was."""
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
            "assumptions": asdict(self.assumptions),
            "notes": list(self.notes),
            "sensitivity": [asdict(one) for one in self.sensitivity],
            "findings": [asdict(one) for one in self.findings],
            "published": asdict(self.published) if self.published else None,
            "benchmarks": [asdict(one) for one in self.benchmarks],
        }
