"""Restart rate."""

import polars as pl

from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="steps",
    unit="share",
    better="lower",
    section="routing",
    shown="card",
    inputs=("continuity",),
)
def restart_rate() -> Measure:
    """Follow-up contacts in which the customer had to begin again.

    Over the hops between two inbound contacts of a journey whose continuity can be
    proven: both exports could show a common case, a link or the same person. Two
    systems that never name a case in common cannot. A hop of which they cannot tell
    is left out as unproven, so a source without case numbers makes the rate less
    certain, never better. A hop belongs to the later contact.

    Source: CEB, repeating information.
    """
    continuity = pl.col("continuity")

    return share(
        continuity == "restart",
        among=continuity.is_not_null() & pl.col("switch").is_not_null(),
        excluded={"unproven": continuity == "unknown"},
    )
