"""Backlog age."""

import polars as pl

from cxmap.conditions import (
    CASE_GONE,
    CASE_TOLD,
    NO_CONTACT,
    WRITTEN,
    seconds_between,
    still_open,
)
from cxmap.definitions import Measure, kpi
from cxmap.measures import p90


@kpi(
    over="contacts",
    unit="seconds",
    better="lower",
    section="speed",
    membership="stock",
    inputs=("status|resolved_at|closed_at",),
)
def backlog_age_p90() -> Measure:
    """How old nine in ten of the open cases are at most.

    The nearest-rank 90th percentile of the age, in calendar time from its start to
    the end of the period, of the cases that the backlog counts. A backlog that stays
    as large but grows older is worse, and no count shows it.

    Source: age of the backlog, as service desks report it.
    """
    open_at_the_end = still_open("until_at") & CASE_TOLD

    return p90(
        seconds_between("started_at", "until_at"),
        among=pl.col("inbound") & WRITTEN & open_at_the_end,
        excluded={"merged_or_spam": NO_CONTACT | CASE_GONE},
    )
