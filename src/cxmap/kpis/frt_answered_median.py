"""First response time over the answered alone: the median."""

import polars as pl

from cxmap.conditions import NO_CONTACT, SERVED, WRITTEN, seconds_between
from cxmap.definitions import Measure, kpi
from cxmap.measures import median


@kpi(
    over="contacts",
    unit="seconds",
    better="lower",
    section="speed",
    shown="lab",
    inputs=("first_response_seconds|first_response_at",),
)
def frt_answered_median() -> Measure:
    """How long half of those who were answered waited for it.

    The median over inbound written, messaging and social contacts, in calendar time.
    Whoever still waits, or never got an answer, is left out: the number improves while
    the backlog grows, and says nothing of those who gave up. Answered contacts without
    a time and merged ones are left out, too.

    Source: Zendesk, median first reply time.
    """
    took = pl.coalesce(
        "first_response_seconds", seconds_between("started_at", "first_response_at")
    )
    no_time = took.is_null()

    return median(
        took,
        among=pl.col("inbound") & WRITTEN,
        excluded={
            "merged_or_spam": NO_CONTACT,
            "served_unknown": no_time & SERVED.is_null(),
            "time_unknown": no_time & SERVED,
            "no_answer_yet": no_time,
        },
    )
