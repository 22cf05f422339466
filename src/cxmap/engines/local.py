"""Runs the rooms on this machine, one bucket of whole customers at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from cxmap.definitions import Friction
from cxmap.flagging import flag
from cxmap.journeys.steps import steps
from cxmap.journeys.stitch import stitch
from cxmap.journeys.surveys import attribute
from cxmap.options import Hours, LinkRules, RepeatRule
from cxmap.tables import DERIVED_TABLES, conform, empty

BUCKET = 2_000_000
"""Contacts a bucket holds at most, unless one customer has more."""


@dataclass(frozen=True)
class Plan:
    """What every bucket is told: rules and definitions, the same for all."""

    links: LinkRules
    repeat: RepeatRule
    hours: Hours
    horizon_at: datetime | None
    now: datetime
    provable: frozenset[str]
    frictions: Mapping[str, tuple[Friction, pl.Expr]] = field(default_factory=dict)
    severities: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bucket:
    """The records of some whole customers: contacts, references, orders, surveys."""

    contacts: pl.DataFrame
    references: pl.DataFrame
    orders: pl.DataFrame
    surveys: pl.DataFrame


def run_bucket(bucket: Bucket, plan: Plan) -> dict[str, pl.DataFrame]:
    """Return the bucket's contacts, links, journeys, points and surveys.

    Pure: the same customers give the same rows in whatever bucket they come.
    """
    surveys, contacts = attribute(bucket.surveys, bucket.contacts)
    stitched = stitch(
        contacts,
        bucket.references,
        bucket.orders,
        links=plan.links,
        repeat=plan.repeat,
        horizon_at=plan.horizon_at,
        now=plan.now,
        provable=plan.provable,
    )
    walked = steps(
        stitched.contacts, stitched.links, stitched.journeys, hours=plan.hours
    )
    points = flag(walked, plan.frictions, severities=plan.severities)

    return {
        "contacts": stitched.contacts,
        "links": stitched.links,
        "journeys": stitched.journeys,
        "points": points,
        "surveys": surveys,
    }
