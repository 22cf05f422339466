"""Channel spray."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import seconds
from cxmap.definitions import friction

CASES = ("written", "messaging", "social")


@friction(
    severity="medium",
    because="also tried {channel}, {since_previous_seconds} after {previous_channel}",
    inputs=("customer_id", "served"),
)
def channel_spray(*, within: timedelta = timedelta(minutes=60)) -> pl.Expr:
    """The customer asks on several channels at once, in the hope that one answers.

    A message on another channel group at most `within` an hour after one that nobody
    had answered when this one began (inclusive, from start to start), about one need.
    After a call or chat that nobody took, trying elsewhere is no spray: that attempt is
    over. The point belongs to the later contact.

    Source: InternalNote, "shoot an email, web form and social message to every
    channel".
    """
    waiting = pl.col("previous_channel_group").is_in(CASES) & ~pl.col("previous_served")
    at_once = pl.col("since_previous_seconds") <= seconds(within)

    return pl.col("switch") & waiting & at_once
