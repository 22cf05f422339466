"""Net flow."""

import polars as pl

from cxmap.conditions import CASE_GONE, CASE_TOLD, NO_CONTACT, WRITTEN, still_open
from cxmap.definitions import Measure, kpi
from cxmap.measures import count


@kpi(
    over="contacts",
    unit="count",
    better="lower",
    section="speed",
    membership="stock",
    inputs=("status|resolved_at|closed_at",),
)
def net_flow() -> Measure:
    """How many more cases came in during the period than were settled.

    The backlog at its end less the backlog at its beginning, of the same cases and by
    the same rules: above nought the pile grows, whatever the medians of those already
    solved say.

    Source: in − out of a queue; an identity with the backlog.
    """
    at_the_end = still_open("until_at").cast(pl.Int64)
    begun = pl.col("started_at") < pl.col("since_at")
    before = (begun & still_open("since_at")).cast(pl.Int64)

    return count(
        pl.when(CASE_TOLD).then(at_the_end - before),
        among=pl.col("inbound") & WRITTEN,
        excluded={"merged_or_spam": NO_CONTACT | CASE_GONE},
    )
