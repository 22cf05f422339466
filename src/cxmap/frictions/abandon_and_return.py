"""Abandon and return."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import left_the_queue, seconds
from cxmap.definitions import friction


@friction(
    severity="medium",
    because="gave up, and tried again after {returned_after_seconds}",
    inputs=("disposition", "customer_id"),
)
def abandon_and_return(
    *,
    within: timedelta = timedelta(hours=24),
    short: timedelta = timedelta(seconds=5),
) -> pl.Expr:
    """The customer gives up in the queue and has to try again.

    An abandon after which the same customer makes another contact `within` a day, on
    any channel. A redial within half an hour is part of this story: the point
    belongs to the attempt that was given up, and the redial is no repeat. Leaving
    within `short` (inclusive) is a misdial, whatever follows.
    """
    return left_the_queue(short) & (pl.col("returned_after_seconds") <= seconds(within))
