"""Unserved customers."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import (
    reached_within,
    untold_attempts,
    waits_at_the_horizon,
)
from cxmap.definitions import Measure, kpi
from cxmap.measures import count


@kpi(
    over="steps",
    unit="count",
    better="lower",
    section="speed",
    inputs=("customer_id", "served"),
)
def unserved_customers(*, within: timedelta = timedelta(hours=24)) -> Measure:
    """Customers who tried to reach us and for whom nobody was there within a day.

    Each customer once, whole and in each segment: with at least one attempt that was
    answered later than `within` a day of its start, or that nobody took and after
    which nobody was there for them `within` a day of its end either. After a lost call
    an e-mail helps when its reply comes, not when it is sent. The population is that
    of reachability, of which this is the other side.

    Source: access to service, by customer instead of by call.
    """
    return count(
        ~reached_within(within),
        among=pl.col("inbound"),
        pending=waits_at_the_horizon(within),
        excluded=untold_attempts(within),
        once="any",
    )
