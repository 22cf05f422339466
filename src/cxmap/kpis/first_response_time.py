"""First response time."""

import polars as pl

from cxmap.conditions import (
    NO_CONTACT,
    SERVED,
    WRITTEN,
    first_answer_seconds,
    first_wait_seconds,
)
from cxmap.definitions import Measure, kpi
from cxmap.measures import survival


@kpi(
    over="contacts",
    unit="seconds",
    better="lower",
    section="speed",
    shown="card",
    inputs=("first_response_seconds|first_response_at",),
)
def first_response_time() -> Measure:
    """How long half of the customers who write wait for a person's first answer.

    The Kaplan–Meier median over inbound written, messaging and social contacts, in
    calendar time. Those still waiting count with the time they have waited as far as
    their own source is held: left out, the number would improve while the backlog
    grows. The wait ends without an answer when the case is closed or the customer
    leaves.

    Answered contacts without a time and those whose export cannot tell whether they
    were answered are left out. Empty where fewer than half have been answered.

    Source: Zendesk, first reply time, with open ends censored.
    """
    took = first_answer_seconds()
    no_time = took.is_null()

    return survival(
        pl.coalesce(took, first_wait_seconds()),
        ended=~no_time,
        among=pl.col("inbound") & WRITTEN,
        excluded={
            "merged_or_spam": NO_CONTACT,
            "served_unknown": no_time & SERVED.is_null(),
            "time_unknown": no_time & SERVED,
        },
    )
