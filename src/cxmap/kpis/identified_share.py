"""Identified share."""

import polars as pl

from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="higher",
    section="coverage",
    shown="card",
)
def identified_share() -> Measure:
    """Contacts of which the exports say whose they are.

    Over all inbound contacts. The rest cannot be followed from one channel to the
    next: they are left out of every figure about journeys and repeats, so this
    share says how much of the service those figures speak for.

    Source: cxmap's own; blank callers are set apart as in QueueMetrics.
    """
    return share(pl.col("customer_id").is_not_null(), among=pl.col("inbound"))
