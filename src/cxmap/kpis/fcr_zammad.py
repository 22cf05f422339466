"""First contact resolution as Zammad counts it: closed at once."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import (
    CASE_DONE,
    CASE_GONE,
    NO_CONTACT,
    WRITTEN,
    seconds,
    seconds_between,
)
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="higher",
    section="resolution",
    shown="lab",
    inputs=("status", "resolved_at|closed_at"),
)
def fcr_zammad(*, within: timedelta = timedelta(minutes=15)) -> Measure:
    """Closed cases that were closed within a quarter of an hour.

    Over inbound written, messaging and social contacts that are solved or closed:
    closed no later than `within` (inclusive) after they began. It measures speed: an
    answer that took a night is none, and how many messages there were and whether
    the case was reopened is ignored. Judged by the earlier of solve and close; of
    several solves exports tell the last. Closed without a time: left out as not
    known. Merged, deleted and spam cases are left out.

    Source: Zammad, report profile "First Solution".
    """
    took = pl.min_horizontal(
        seconds_between("started_at", "resolved_at"),
        seconds_between("started_at", "closed_at"),
    )

    return share(
        took <= seconds(within),
        among=pl.col("inbound") & WRITTEN & CASE_DONE,
        excluded={"merged_or_spam": NO_CONTACT | CASE_GONE},
        failing={"later": took > seconds(within)},
    )
