"""Contacts per journey."""

import polars as pl

from cxmap.conditions import OCCASIONS, UNIDENTIFIED
from cxmap.definitions import Measure, kpi
from cxmap.measures import mean


@kpi(
    over="journeys",
    unit="count",
    better="lower",
    section="resolution",
    shown="card",
    inputs=("customer_id",),
)
def contacts_per_journey() -> Measure:
    """How many times a customer has to get in touch about one need.

    The mean of inbound contacts over the closed journeys of identified customers; a
    contact that was merged into another is one occasion with it, and not counted.
    Open journeys may still grow and are pending; unidentified ones are always a
    journey of one, would flatter the mean, and are left out.

    Source: cxmap's own, after SQM's contacts per resolution.
    """
    return mean(
        OCCASIONS,
        pending=~pl.col("closed"),
        excluded={"unidentified": UNIDENTIFIED},
    )
