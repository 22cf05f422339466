"""Systems per journey."""

import polars as pl

from cxmap.conditions import UNIDENTIFIED
from cxmap.definitions import Measure, kpi
from cxmap.measures import mean


@kpi(
    over="journeys",
    unit="count",
    better="lower",
    section="routing",
    inputs=("customer_id",),
)
def systems_per_journey() -> Measure:
    """In how many of the recorded systems one need leaves its traces.

    The mean number of different sources among the inbound contacts of closed journeys.
    It counts the exports that were given to cxmap; how many systems a person at the
    desk has to juggle is not in them and would need desktop logs. Open journeys are
    pending, unidentified ones are always one and left out.

    Source: cxmap; the clue "agents use a wide variety of systems", as far as recorded.
    """
    return mean(
        pl.col("systems"),
        pending=~pl.col("closed"),
        excluded={"unidentified": UNIDENTIFIED},
    )
