"""The ladder: best."""

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
def ladder_best() -> Measure:
    """Needs that one contact settled: one and done.

    One contact, no reopen within the reopen window, no chaser, no transfer between
    people. A bot or a menu in the same session is the entry, not a channel.

    A step of the ladder best, better, good, unproven, none: every closed journey of
    an identified customer stands on exactly one of them, so the five shares add up
    to one. Open journeys are pending, unidentified ones left out.

    Source: cxmap's own: the ladder of good, better and best.
    """
    return share(
        pl.col("ladder") == "best",
        pending=pl.col("ladder") == "open",
        excluded={"unidentified": UNIDENTIFIED},
    )
