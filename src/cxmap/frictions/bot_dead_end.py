"""Bot dead end."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import about_one_need, rated_badly
from cxmap.definitions import friction


@friction(
    severity="medium",
    because="the bot did not settle it, contacts after it: {contacts_after}",
    groups=("digital_self",),
    inputs=("customer_id",),
)
def bot_dead_end(
    *,
    within: timedelta = timedelta(hours=24),
    unknown_topic: timedelta = timedelta(hours=2),
) -> pl.Expr:
    """The bot keeps the customer from a person and does not help either.

    A session with a bot that it did not hand over, after which the customer makes
    another contact, on any channel: at most `within` later where both are about one
    topic or the exports tie them together, at most `unknown_topic` later where no
    topic says so. Or one that the customer rates as badly as a `low_score` by its
    defaults. What the bot itself calls it makes no difference. The point belongs to
    the session.

    Source: Ender Turing, false containment; the windows are cxmap's own.
    """
    taken_over = pl.col("disposition") == "handled"
    passed_on = pl.col("next_continuity") == "transfer"
    handed_over = (taken_over | passed_on).fill_null(False)
    again = about_one_need("next_rule", "next_gap_seconds", within, unknown_topic)

    return (pl.col("channel") == "bot") & ~handed_over & (again | rated_badly())
