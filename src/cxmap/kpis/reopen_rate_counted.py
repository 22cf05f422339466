"""Reopen rate as exports count reopenings."""

import polars as pl

from cxmap.conditions import CASE_DONE, CASE_GONE, NO_CONTACT
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="lower",
    section="resolution",
    shown="lab",
    inputs=("reopens",),
)
def reopen_rate_counted() -> Measure:
    """Solved cases with a reopening at any time, as dashboards count them.

    Over inbound contacts that were solved at least once. However late a reopening
    came, it counts, and nothing is pending: last week's cases had no time to be
    reopened yet and make the share look better than it will be. A thank-you counts
    wherever the export counts it. No count of reopens: left out as not known; merged,
    deleted and spam cases are left out.

    Source: Zendesk, dbt_zendesk: count_reopens.
    """
    solved_at = pl.coalesce("resolved_at", "closed_at")
    again = pl.col("reopens") > 0

    return share(
        again,
        among=pl.col("inbound") & (solved_at.is_not_null() | CASE_DONE | again),
        excluded={"merged_or_spam": NO_CONTACT | CASE_GONE},
    )
