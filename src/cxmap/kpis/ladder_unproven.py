"""The ladder: unproven."""

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
def ladder_unproven() -> Measure:
    """Needs of which the exports cannot tell how they went on.

    A hop whose continuity is unknown, or silence after a bot or portal. It says what
    the data cannot bear, not how good the service is.

    A step of the ladder best, better, good, unproven, none: every closed journey of
    an identified customer stands on exactly one of them, so the five shares add up
    to one. Open journeys are pending, unidentified ones left out.

    Source: cxmap's own: the ladder of good, better and best.
    """
    return share(
        pl.col("ladder") == "unproven",
        pending=pl.col("ladder") == "open",
        excluded={"unidentified": UNIDENTIFIED},
    )
