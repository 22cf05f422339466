"""Store hand-off break."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import at_or_below, seconds
from cxmap.definitions import friction


@friction(
    severity="high",
    because="began again in person, {gap_seconds} after {previous_channel}",
    groups=("in_person",),
    inputs=("continuity",),
)
def store_handoff_break(
    *, within: timedelta = timedelta(days=7), planned: str = "collection,pick_up"
) -> pl.Expr:
    """The customer comes to the shop or branch, and nobody there knows why.

    A visit at most `within` a week after a contact on another channel, about one need,
    in which the customer had to begin again: the exports could show that it was picked
    up, and nothing does. Visits on one of the `planned` topics or below (written with
    commas) are what the contact before arranged, and no friction.

    Source: online to in-store transitions as a critical friction area; the restart.
    """
    visit = pl.col("channel_group") == "in_person"
    elsewhere = pl.col("previous_channel_group") != "in_person"
    again = pl.col("continuity") == "restart"
    arranged = at_or_below("topic", planned).fill_null(False)
    soon = pl.col("gap_seconds") <= seconds(within)

    return visit & elsewhere & again & soon & ~arranged
