"""The comparison: what `compare` computes and every view shows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from cxmap.scorecard import Finding

SCHEMA = "cxmap.comparison/1"

Kind = Literal["periods", "segments", "before_after"]
Simpson = Literal["every", "weighted"]


@dataclass(frozen=True)
class Compared:
    """One of the two sides: A, which stands for before, and B."""

    label: str
    """What the reader called it."""
    since: datetime
    until: datetime
    """Exclusive."""
    words: str
    """The period in words."""
    only: Mapping[str, tuple[str | None, ...]]
    """The segment of which alone it is; empty: everything."""


@dataclass(frozen=True)
class Figure:
    """A number on one side."""

    value: float | None
    n: int
    low: float | None
    high: float | None
    pending: int


@dataclass(frozen=True)
class Movement:
    """One KPI on both sides, and its change from A to B."""

    kpi: str
    unit: str
    better: str
    definition: str
    a: Figure
    b: Figure
    change: float | None
    change_low: float | None
    change_high: float | None
    marked: bool
    """Whether the change is outside noise and material."""
    coverage_changed: str | None
    """Why the change says nothing of the service; None: it does."""
    mix: float | None
    """What of the change comes from the cells' weights; None: it cannot be split."""
    mix_low: float | None
    mix_high: float | None
    rate: float | None
    """What of it comes from the cells' own values."""
    rate_low: float | None
    rate_high: float | None
    unsplit: str | None
    """Why there is no split."""
    simpson: Simpson | None
    """Whether the whole moves one way, and every cell, or the cells weighted, the
    other."""
    missing_inputs: tuple[str, ...] = ()
    suppressed: bool = False
    """Whether too few customers are behind it on either side."""
    counted: Literal["rows", "seconds"] = "rows"
    """In what n is: of a ratio of times it is a time."""


@dataclass(frozen=True)
class Part:
    """One cell's part of the change of a KPI."""

    kpi: str
    by: Mapping[str, str | None]
    unit: str
    n_a: int
    n_b: int
    weight_a: float
    weight_b: float
    value_a: float | None
    value_b: float | None
    mix: float | None
    """None, as is what it carries, where the KPI is one of times."""
    rate: float | None
    contribution: float | None
    low: float | None
    high: float | None
    share: float | None
    """Of the whole change."""
    suppressed: bool = False
    """Whether it is hidden: too few customers on a side, or it would tell of those."""


@dataclass(frozen=True)
class Comparison:
    """Two periods or two segments beside each other."""

    kind: Kind
    a: Compared
    b: Compared
    by: tuple[str, ...]
    """What the changes are split by."""
    now: datetime
    zone: str
    horizon: datetime | None
    movements: tuple[Movement, ...]
    parts: tuple[Part, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    nobody: tuple[str, ...] = ()
    """Why a side holds nobody; empty: both hold somebody."""

    @property
    def facts(self) -> dict[str, Any]:
        """What stands beside the tables, as `compare -f json` prints it."""
        return {
            "kind": self.kind,
            "a": asdict(self.a),
            "b": asdict(self.b),
            "by": list(self.by),
            "now": self.now,
            "zone": self.zone,
            "horizon": self.horizon,
            "notes": [*self.nobody, *self.notes],
        }

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as `compare -f json` prints it."""
        return {
            "schema": SCHEMA,
            **self.facts,
            "findings": [asdict(one) for one in self.findings],
            "kpis": [asdict(one) for one in self.movements],
            "cells": [asdict(one) for one in self.parts],
        }
