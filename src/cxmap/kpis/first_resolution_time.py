"""First resolution time."""

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
    inputs=("first_resolution_seconds",),
)
def first_resolution_time() -> Measure:
    """How long half of the cases take to be solved for the first time.

    The Kaplan–Meier median from start to the first solve, in calendar time, over
    inbound contacts that have a status or a solve. Cases never solved yet count with
    their age as far as their own source is held; a reopened one was solved the first
    time all the same, and how long it took in the end is the resolution time. A case
    closed without a solve counts as solved when it was closed.

    Merged, deleted and spam cases are left out, and solved ones of which the export
    does not say when that was first.

    Source: Zendesk, first resolution time, with open ends censored.
    """
    took = pl.col("first_resolution_seconds")
    age = seconds_between("started_at", "source_horizon_at").clip(lower_bound=0)
    solves = pl.any_horizontal(
        pl.col(name).is_not_null()
        for name in ("resolved_at", "closed_at", "resolution_seconds")
    )
    once = solves | CASE_DONE | (pl.col("reopens") > 0)
    told = took.is_not_null() | solves | pl.col("status").is_not_null()

    return survival(
        pl.coalesce(took, age),
        ended=took.is_not_null(),
        among=pl.col("inbound") & told,
        excluded={
            "merged_or_spam": NO_CONTACT | CASE_GONE,
            "time_unknown": took.is_null() & once.fill_null(False),
            "status_unknown": took.is_null() & ~CASE_OPEN.fill_null(False),
        },
    )
