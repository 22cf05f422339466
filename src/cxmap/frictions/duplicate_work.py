"""Duplicate work."""

import polars as pl

from cxmap.conditions import WRITTEN
from cxmap.definitions import friction

CASES = ("written", "messaging", "social")


@friction(
    severity="low",
    because="worked on twice: {previous_channel} and {channel} were open at once",
    groups=CASES,
    inputs=("agent_id", "customer_id"),
)
def duplicate_work() -> pl.Expr:
    """Two people work on the same need at once, and neither knows of the other.

    Two cases of one journey, of which the first was not over when the second began, and
    which two different people handled. Where an export ties them together (the same
    case, a merge, a transfer) somebody knew. Calls and chats are not open side by side,
    and cases without a known person never count. The point belongs to the later one.

    Source: InternalNote, merging tickets; Chatwoot, one person in two channels.
    """
    case_before = pl.col("previous_channel_group").is_in(CASES)
    others = pl.col("agent_id") != pl.col("previous_agent_id")
    known = pl.col("continuity").is_in(["same_case", "merged", "transfer"])

    return WRITTEN & case_before & pl.col("previous_open") & others & ~known
