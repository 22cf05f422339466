"""Slow first response."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import NO_CONTACT, SERVED, WRITTEN, ever_answered, seconds
from cxmap.definitions import friction


@friction(
    severity="medium",
    because="waited {waited_seconds} for a first answer",
    groups=("chat", "messaging", "social", "written"),
    inputs=("first_response_seconds|first_response_at|answered_at",),
)
def slow_first_response(
    *,
    chat: timedelta = timedelta(seconds=60),
    messaging: timedelta = timedelta(minutes=15),
    social: timedelta = timedelta(hours=4),
    written: timedelta = timedelta(hours=8),
) -> pl.Expr:
    """The customer waits for a first answer for longer than the target.

    The target is `written` of opening time for e-mails and forms, and of calendar
    time `chat`, `messaging` and `social`; exactly the target is still in time. There
    is none for calls: theirs is the long wait. Written, messaging and social contacts
    that still wait count once they have waited longer; a chat without an answer has
    ended and is an abandon. Contacts whose export cannot tell whether they were
    answered never count.

    Source: cxmap's own; first replies as in Zendesk.
    """
    left = pl.col("disposition").is_in(["abandoned", "short_abandoned"])
    waiting = WRITTEN & ~SERVED & ~left.fill_null(False)
    waited = pl.col("waited_seconds")
    targets = {"chat": chat, "messaging": messaging, "social": social}
    slow = [
        (pl.col("channel_group") == group) & (waited > seconds(target))
        for group, target in targets.items()
    ]
    in_hours = pl.col("waited_business_seconds") > seconds(written)
    slow.append((pl.col("channel_group") == "written") & in_hours)

    return pl.any_horizontal(slow) & (ever_answered() | waiting) & ~NO_CONTACT
