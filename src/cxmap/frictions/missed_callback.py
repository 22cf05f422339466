"""Missed call-back."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import NO_CONTACT, SERVED
from cxmap.definitions import friction


@friction(
    severity="high",
    because="a call-back was promised and did not come in time",
    groups=("voice", "chat", "messaging", "social", "written"),
    inputs=("callback_due_at|callback_attempts|channel",),
)
def missed_callback(
    *, grace: timedelta = timedelta(minutes=15), attempts: int = 2
) -> pl.Expr:
    """A call-back that was promised or asked for does not reach the customer in time.

    A call-back contact that nobody connected; one that took `attempts` calls or more;
    or a promised time after which our call came more than `grace` (inclusive) late.
    Where no call of ours is held, its absence proves nothing: then only the
    customer's own next contact about the same need, after the promised time, tells
    that it did not come. A call that comes early, and a customer who gets in touch
    before the time, are no miss.

    Source: Amazon Connect, call-back attempts.
    """
    asked = (pl.col("channel") == "callback").fill_null(False)
    unconnected = asked & (~SERVED).fill_null(False)
    often = (pl.col("callback_attempts") >= attempts).fill_null(False)
    late = pl.col("callback_due_at") + grace
    ours = pl.min_horizontal(
        "called_back_at", pl.when(asked & SERVED).then("answered_at")
    )
    back = pl.col("next_started_at")
    waited_in_vain = (back > late) & (ours.is_null() | (ours > back))
    too_late = ours > late

    return ~NO_CONTACT & (
        unconnected | often | (too_late | waited_in_vain).fill_null(False)
    )
