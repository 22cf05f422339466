"""The ladder: better."""

import polars as pl

from cxmap.conditions import UNIDENTIFIED
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="journeys",
    unit="share",
    better="higher",
    section="resolution",
    shown="card",
    inputs=("customer_id", "ladder"),
)
def ladder_better() -> Measure:
    """Needs that took several contacts, each picked up where the last one was left.

    Every hop is continuous: the same case, a merge, a transfer, the same person, or
    a retry after an attempt nobody answered.

    A step of the ladder best, better, good, unproven, none: every closed journey of
    an identified customer stands on exactly one of them, so the five shares add up
    to one. Open journeys are pending, unidentified ones left out.

    Source: cxmap's own: the ladder of good, better and best.
    """
    return share(
        pl.col("ladder") == "better",
        pending=pl.col("ladder") == "open",
        excluded={"unidentified": UNIDENTIFIED},
    )
