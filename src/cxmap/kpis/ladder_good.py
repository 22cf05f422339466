"""The ladder: good."""

import polars as pl

from cxmap.conditions import UNIDENTIFIED
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="journeys",
    unit="share",
    better="neither",
    section="resolution",
    shown="card",
    inputs=("customer_id", "ladder"),
)
def ladder_good() -> Measure:
    """Needs that were answered, though the customer had to begin again.

    At least one hop is a restart. Neither direction is better by itself: the share
    falls when needs are settled at once, and also when they are not settled at all.

    A step of the ladder best, better, good, unproven, none: every closed journey of
    an identified customer stands on exactly one of them, so the five shares add up
    to one. Open journeys are pending, unidentified ones left out.

    Source: cxmap's own: the ladder of good, better and best.
    """
    return share(
        pl.col("ladder") == "good",
        pending=pl.col("ladder") == "open",
        excluded={"unidentified": UNIDENTIFIED},
    )
