"""Abandon and return."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import CALL_OR_CHAT, NOBODY_TOOK, left_the_queue, seconds
from cxmap.definitions import friction


@friction(
    severity="medium",
    because="nobody answered, and tried again after {returned_after_seconds}",
    groups=("voice", "chat"),
    inputs=("disposition", "customer_id"),
)
def abandon_and_return(
    *,
    within: timedelta = timedelta(hours=24),
    short: timedelta = timedelta(seconds=5),
) -> pl.Expr:
    """Nobody answers the customer's call or chat, who has to try again.

    The customer gives up in the queue, or the queue gives up on the customer, who
    makes another contact `within` a day, on any channel. A redial within half an
    hour is part of this story: the point belongs to the attempt nobody answered, and
    the redial is no repeat. Leaving within `short` (inclusive) is a misdial, whatever
    follows.

    Source: cxmap's own.
    """
    tried = CALL_OR_CHAT & (left_the_queue(short) | NOBODY_TOOK)

    return tried & (pl.col("returned_after_seconds") <= seconds(within))
