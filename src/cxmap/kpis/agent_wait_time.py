"""Agent wait time."""

import polars as pl

from cxmap.conditions import (
    CASE_DONE,
    CASE_GONE,
    CASE_OPEN,
    NO_CONTACT,
    seconds_between,
)
from cxmap.definitions import Measure, kpi
from cxmap.measures import survival


@kpi(
    over="contacts",
    unit="seconds",
    better="neither",
    section="speed",
    inputs=("agent_wait_seconds",),
)
def agent_wait_time() -> Measure:
    """How long half of the cases wait for their customer until they are solved.

    The Kaplan–Meier median of the time a case was pending, in calendar time,
    over inbound contacts of which the statuses are told. One that is not over counts
    with its time so far: up to its last change of status, and while it is pending
    now, up to where its own source is held. What waits for the company is the
    requester wait time.

    Merged, deleted and spam cases are left out.

    Source: Zendesk, agent wait time.
    """
    told = pl.col("agent_wait_seconds")
    since = seconds_between("status_since_at", "source_horizon_at")
    running = pl.when(pl.col("status") == "pending").then(since.clip(lower_bound=0))
    over = CASE_DONE | pl.col("resolved_at").is_not_null()
    ended = over.fill_null(False) & ~CASE_OPEN.fill_null(False)

    return survival(
        pl.when(ended).then(told).otherwise(told + running.fill_null(0)),
        ended=ended,
        among=pl.col("inbound") & told.is_not_null(),
        excluded={"merged_or_spam": NO_CONTACT | CASE_GONE},
    )
