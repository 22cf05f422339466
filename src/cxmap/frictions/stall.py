"""Stall."""

import polars as pl

from cxmap.conditions import NO_CONTACT, WRITTEN
from cxmap.definitions import friction


@friction(
    severity="medium",
    because="nothing happened for {quiet_seconds} while it was ours to act",
    groups=("messaging", "social", "written"),
    inputs=("last_event_at|updated_at|longest_silence_seconds",),
)
def stall(*, days: int = 3) -> pl.Expr:
    """A case is open and nothing happens in it for days.

    For at least `days` whole business days, as long as the opening hours say, no
    message, note, hand-over or change of status, while it was new, open or on hold; a
    case that waits for the customer does not stall. One that is open now counts up
    to where its own source is held. Between two events it counts only where the
    export tells the statuses.

    Source: cxmap; an open case in which nothing happens.
    """
    return WRITTEN & (pl.col("quiet_business_days") >= days) & ~NO_CONTACT
