"""Resolution time."""

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
    better="lower",
    section="speed",
    shown="card",
    inputs=("resolution_seconds|resolved_at|closed_at",),
)
def resolution_time() -> Measure:
    """How long half of the cases take to be solved for good.

    The Kaplan–Meier median from start to the last solve, in calendar time, over
    inbound contacts that have a status or a solve. Open and reopened cases count
    with their age as far as their own source is held; left out, the number would
    improve while the backlog grows. A case closed without a solve counts as solved
    when it was closed.

    Merged, deleted and spam cases are left out, and solved ones without a time.

    Source: Zendesk, full resolution time, with open ends censored.
    """
    took = pl.coalesce(
        "resolution_seconds",
        seconds_between("started_at", "resolved_at"),
        seconds_between("started_at", "closed_at"),
    )
    ended = took.is_not_null() & ~CASE_OPEN.fill_null(False)
    age = seconds_between("started_at", "source_horizon_at").clip(lower_bound=0)
    told = took.is_not_null() | pl.col("status").is_not_null()

    return survival(
        pl.when(ended).then(took).otherwise(age),
        ended=ended,
        among=pl.col("inbound") & told,
        excluded={
            "merged_or_spam": NO_CONTACT | CASE_GONE,
            "time_unknown": took.is_null() & CASE_DONE,
            "status_unknown": took.is_null() & (pl.col("status") == "unknown"),
        },
    )
