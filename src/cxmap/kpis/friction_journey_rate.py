"""Friction journey rate."""

import polars as pl

from cxmap.conditions import UNIDENTIFIED
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="journeys",
    unit="share",
    better="lower",
    section="routing",
    inputs=("customer_id",),
)
def friction_journey_rate() -> Measure:
    """Needs on whose way at least one friction showed.

    Over the closed journeys of identified customers: those with a point of any friction
    that is switched on, so the share hangs on the config's `frictions:` and compares
    only under the same ones. Open journeys may still rub and are pending;
    unidentified ones show only what a single contact can, and are left out.

    Source: cxmap.
    """
    return share(
        pl.col("frictions") > 0,
        pending=~pl.col("closed"),
        excluded={"unidentified": UNIDENTIFIED},
    )
