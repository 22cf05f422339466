"""Channel ping pong."""

import polars as pl

from cxmap.definitions import friction


@friction(
    severity="high",
    because="from {channel_group_before} to {previous_channel_group} and back",
    inputs=("customer_id",),
)
def channel_ping_pong() -> pl.Expr:
    """The customer is sent from one channel to another and back again.

    Within one journey: this contact is in the channel group of the one two steps
    before, and the hop between came from another group. The point belongs to the
    contact that comes back.
    """
    returned = pl.col("channel_group") == pl.col("channel_group_before")

    return pl.col("switch") & returned
