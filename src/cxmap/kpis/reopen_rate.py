"""Reopen rate."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import CASE_DONE, CASE_GONE, NO_CONTACT, reopened_within
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="lower",
    section="resolution",
    shown="card",
    inputs=("reopens",),
)
def reopen_rate(*, within: timedelta = timedelta(days=7)) -> Measure:
    """Solved cases that had to be opened again.

    Over inbound contacts that were solved at least once. One solved less than
    `within` before the end of what its own source holds may still be reopened and
    is pending, even if it already was, for else the latest cases would count only
    when they fail. Where the export dates a reopening, it counts up to `within` of
    the solve (inclusive); where it only counts them, whatever their age. Where it
    does not show the messages, a thank-you that reopened a case counts too. No count
    of reopens: left out.

    Source: Zendesk, dbt_zendesk.
    """
    solved_at = pl.coalesce("resolved_at", "closed_at")
    solved = solved_at.is_not_null() | CASE_DONE | (pl.col("reopens") > 0)
    until = pl.coalesce(solved_at, "last_touch_at") + within
    may_reopen = until > pl.col("source_horizon_at")

    return share(
        reopened_within(within),
        among=pl.col("inbound") & solved,
        pending=may_reopen.fill_null(True),
        excluded={"merged_or_spam": NO_CONTACT | CASE_GONE},
    )
