"""Reachability."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import (
    reached_within,
    untold_attempts,
    waits_at_the_horizon,
)
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="steps",
    unit="share",
    better="higher",
    section="speed",
    inputs=("customer_id", "served"),
)
def reachability(*, within: timedelta = timedelta(hours=24)) -> Measure:
    """Customers for whom somebody was there within a day, among those who tried.

    Each customer counts once, whole and in each segment, and is reached only where
    every attempt was: answered `within` a day of its start, or, where nobody took it,
    followed by another contact or a call-back in which somebody was there `within` a
    day of its end (inclusive). A call answered at once counts; so does a redial; an
    e-mail after a lost call does when its reply comes, not when it is sent. The rest
    are the unserved customers.

    Attempts that may still be answered in time are pending. Left out are unidentified
    contacts, since nobody can tell whether they tried again, what was merged or spam,
    and what the export cannot tell: whether, or when, somebody answered.

    Source: access to service, by customer instead of by call.
    """
    return share(
        reached_within(within),
        among=pl.col("inbound"),
        pending=waits_at_the_horizon(within),
        excluded=untold_attempts(within),
        once="all",
    )
