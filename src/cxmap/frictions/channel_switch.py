"""Channel switch."""

import polars as pl

from cxmap.definitions import friction


@friction(
    severity="medium",
    because="moved from {previous_channel} to {channel} after {gap_seconds}",
    inputs=("customer_id",),
)
def channel_switch() -> pl.Expr:
    """The customer moves to another channel because the first did not do the job.

    A change of channel group is friction only where the contact before was unserved
    or unresolved when this one began, or where the customer had to begin again. A
    continuous hop after an answer is a service, not a friction; within a group (a
    call, then a call-back) there is no switch.

    Source: CEB, SQM.
    """
    let_down = ~pl.col("previous_served") | ~pl.col("previous_resolved")
    began_again = pl.col("continuity") == "restart"

    return pl.col("switch") & (let_down | began_again)
