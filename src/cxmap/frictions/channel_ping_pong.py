"""Channel ping pong."""

import polars as pl

from cxmap.definitions import friction


@friction(
    severity="high",
    because="from {channel_group_before} to {channel_group_last} and back",
    inputs=("customer_id",),
)
def channel_ping_pong() -> pl.Expr:
    """The customer is sent from one channel to another and back again.

    Within one journey: this contact is in the channel group of the one two steps
    before, and the step between was in another. The point belongs to the contact
    that comes back.

    Source: cxmap's own.
    """
    group = pl.col("channel_group")
    returned = group == pl.col("channel_group_before")

    return returned & (group != pl.col("channel_group_last"))
