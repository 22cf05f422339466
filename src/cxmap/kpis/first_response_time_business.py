"""First response time in opening hours."""

import polars as pl

from cxmap.conditions import NO_CONTACT, SERVED, WRITTEN
from cxmap.definitions import Measure, kpi
from cxmap.measures import survival


@kpi(
    over="steps",
    unit="seconds",
    better="lower",
    section="speed",
    inputs=("first_response_business_seconds",),
)
def first_response_time_business() -> Measure:
    """How long half of those who write wait for an answer while somebody is there.

    The Kaplan–Meier median of first_response_time, over the same contacts, in opening
    time: the export's own figure where it gives one, else as `hours:` in the config
    say. Those still waiting count with the opening time they have waited.

    A wait is 0 only where no opening time passed: who writes on Saturday and is
    answered on Saturday waited none, and counts as 0; so does who wrote and was
    closed then without an answer, as a wait that ended without one. Nobody drops out
    for it. What share of the answers came out of hours is out_of_hours_reply_share.

    Answered contacts without a time and those whose export cannot tell whether they
    were answered are left out. Empty where fewer than half have been answered.

    Source: Zendesk, first reply time in business hours, with open ends censored.
    """
    took = pl.col("first_response_business_seconds")
    no_time = took.is_null()

    return survival(
        pl.coalesce(took, "unanswered_business_seconds"),
        ended=~no_time,
        among=pl.col("inbound") & WRITTEN,
        excluded={
            "merged_or_spam": NO_CONTACT,
            "served_unknown": no_time & SERVED.is_null(),
            "time_unknown": no_time & SERVED,
        },
    )
