"""Waiting misuse."""

import polars as pl

from cxmap.conditions import NO_CONTACT
from cxmap.definitions import friction


@friction(
    severity="low",
    because="set to wait for the customer without a question, times: {pending_toggles}",
    groups=("messaging", "social", "written"),
    inputs=("pending_toggles",),
)
def waiting_misuse(*, at_least: int = 2) -> pl.Expr:
    """A case is made to wait for a customer whom nobody has asked anything.

    Set to pending `at_least` so many times, though nobody had written to the customer
    since the change of status before, nor did within a minute. Once may be a slip.
    Counted only where the export tells both the statuses and our messages.

    Source: BPI Challenge 2013, "wait user".
    """
    written = pl.col("channel_group").is_in(["written", "messaging", "social"])

    return written & (pl.col("pending_toggles") >= at_least) & ~NO_CONTACT
