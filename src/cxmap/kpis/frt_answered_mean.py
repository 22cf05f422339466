"""First response time over the answered alone: the mean."""

import polars as pl

from cxmap.conditions import NO_CONTACT, SERVED, WRITTEN, seconds_between
from cxmap.definitions import Measure, kpi
from cxmap.measures import mean


@kpi(
    over="contacts",
    unit="seconds",
    better="lower",
    section="speed",
    shown="lab",
    inputs=("first_response_seconds|first_response_at",),
)
def frt_answered_mean() -> Measure:
    """How long those who were answered waited for it on average.

    The mean over inbound written, messaging and social contacts, in calendar time.
    Whoever still waits, or never got an answer, is left out; and a few answers after
    weeks weigh more than hundreds within the hour, so it stands far above what most
    customers see. Answered contacts without a time and merged ones are
    left out, too.

    Source: Freshdesk, Chatwoot: average first response time.
    """
    took = pl.coalesce(
        "first_response_seconds", seconds_between("started_at", "first_response_at")
    )
    no_time = took.is_null()

    return mean(
        took,
        among=pl.col("inbound") & WRITTEN,
        excluded={
            "merged_or_spam": NO_CONTACT,
            "served_unknown": no_time & SERVED.is_null(),
            "time_unknown": no_time & SERVED,
            "no_answer_yet": no_time,
        },
    )
