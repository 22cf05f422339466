"""Dropped by us."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import CALL_OR_CHAT, SERVED, seconds
from cxmap.definitions import friction


@friction(
    severity="high",
    because="broke off before the customer was helped, ended by: {ended_by}",
    groups=("voice", "chat"),
    inputs=("ended_by|dropped_on_hold",),
)
def dropped_by_us(*, back_within: timedelta = timedelta(minutes=30)) -> pl.Expr:
    """The call or chat breaks off before the customer is helped, and not by them.

    Over calls and chats that were served. The line broke; or it ended while the
    customer was on hold, whoever ended it; or our person or our system ended it and
    it was not resolved: the export or a survey says so, or the customer was back
    about the same need at most `back_within` (inclusive) later. That we hang up
    last is by itself no friction: somebody must. Nor is a customer who hangs up.

    Source: Amazon Connect, contacts disconnected by the agent or on hold.
    """
    ended = pl.col("ended_by")
    same_need = pl.col("next_rule").is_in(["reference", "same_topic", "unknown_topic"])
    back = same_need & (pl.col("next_gap_seconds") <= seconds(back_within))
    unresolved = (~pl.col("resolved")).fill_null(False) | back.fill_null(False)
    by_us = ended.is_in(["agent", "system"]) & unresolved
    broke = (ended == "line").fill_null(False)
    on_hold = pl.col("dropped_on_hold").fill_null(False)

    return CALL_OR_CHAT & SERVED & (broke | on_hold | by_us)
