"""The ladder: none."""

import polars as pl

from cxmap.conditions import UNIDENTIFIED
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="journeys",
    unit="share",
    better="lower",
    section="resolution",
    shown="card",
    inputs=("customer_id", "ladder"),
)
def ladder_none() -> Measure:
    """Needs that were never met: abandoned, unanswered or unresolved.

    The outcome is that of the last served contact, unless a later attempt that
    nobody served broke the silence.

    A step of the ladder best, better, good, unproven, none: every closed journey of
    an identified customer stands on exactly one of them, so the five shares add up
    to one. Open journeys are pending, unidentified ones left out.

    Source: cxmap's own: the ladder of good, better and best.
    """
    return share(
        pl.col("ladder") == "none",
        pending=pl.col("ladder") == "open",
        excluded={"unidentified": UNIDENTIFIED},
    )
