"""Waiting misuse."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import NO_CONTACT, seconds
from cxmap.definitions import friction


@friction(
    severity="low",
    because="set to wait for the customer without a question, times: "
    "{pending_toggles}; at the nearest {pending_before_due_seconds} before a deadline",
    groups=("messaging", "social", "written"),
    inputs=("pending_toggles|pending_before_due_seconds",),
)
def waiting_misuse(
    *, at_least: int = 2, within: timedelta = timedelta(minutes=5)
) -> pl.Expr:
    """A case is made to wait for a customer whom nobody has asked anything.

    Set to pending `at_least` so many times, though nobody had written to the customer
    since the change of status before, nor did within a minute. Once may be a slip, save
    at most `within` five minutes (inclusive) before the case was due: that stops the
    clock in time. Times are counted only where the export tells both the statuses and
    our messages. When the case was due is known only where its versions or events told
    so before it was set to pending; where no messages are shown, nobody was asked.

    Source: BPI Challenge 2013, "wait user".
    """
    written = pl.col("channel_group").is_in(["written", "messaging", "social"])
    often = pl.col("pending_toggles") >= at_least
    stopped = pl.col("pending_before_due_seconds") <= seconds(within)
    misused = often.fill_null(value=False) | stopped.fill_null(value=False)

    return written & misused & ~NO_CONTACT
