"""Slow next response."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import NO_CONTACT, seconds
from cxmap.definitions import friction


@friction(
    severity="medium",
    because="waited {longest_wait_seconds} for an answer in the middle of it",
    groups=("chat", "messaging", "social", "written"),
    inputs=("longest_response_seconds|owed_since_at",),
)
def slow_next_response(
    *,
    times: int = 2,
    chat: timedelta = timedelta(seconds=60),
    messaging: timedelta = timedelta(minutes=15),
    social: timedelta = timedelta(hours=4),
    written: timedelta = timedelta(hours=8),
) -> pl.Expr:
    """Once answered, the customer writes again and waits for far too long.

    The longest wait for a person's answer after the first one, from the first message
    that was not answered, is more than `times` the target of a first answer: `written`
    of opening time for e-mails and forms, and of calendar time `chat`, `messaging` and
    `social`. Exactly that long is still in time. Who still waits counts as soon as it
    has been longer, while the case is open; what was solved instead of answered does
    not. The first answer is the slow first response's.

    Source: Chatwoot, waiting time after each customer message.
    """
    targets = {"chat": chat, "messaging": messaging, "social": social}
    slow = [
        (pl.col("channel_group") == group)
        & (pl.col("longest_wait_seconds") > times * seconds(target))
        for group, target in targets.items()
    ]
    in_hours = pl.col("longest_wait_business_seconds") > times * seconds(written)
    slow.append((pl.col("channel_group") == "written") & in_hours)

    return pl.any_horizontal(slow) & ~NO_CONTACT
