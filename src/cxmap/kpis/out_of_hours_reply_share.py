"""Share of first answers out of hours."""

import polars as pl

from cxmap.conditions import NO_CONTACT, SERVED, WRITTEN
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="neither",
    section="speed",
    inputs=("answered_in_hours",),
)
def out_of_hours_reply_share() -> Measure:
    """How many first answers come when nobody should be there.

    Of the inbound written, messaging and social contacts that were answered, those
    whose first answer came outside the opening hours they fall under then. What part
    of such a wait lay outside counts as nothing in first_response_time_business, so
    that a high share flatters it: read both together.

    Answered contacts without a time, or of which only the day is told, are left out.

    Source: cxmap, since dbt_zendesk shows such answers as 0 without saying so.
    """
    inside = pl.col("answered_in_hours")

    return share(
        ~inside,
        among=pl.col("inbound") & WRITTEN & SERVED,
        excluded={"merged_or_spam": NO_CONTACT, "time_unknown": inside.is_null()},
    )
