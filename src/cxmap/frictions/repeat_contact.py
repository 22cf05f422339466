"""Repeat contact."""

import polars as pl

from cxmap.definitions import friction


@friction(
    severity="high",
    because="back {repeat_gap_seconds} after a contact that should have been enough",
    inputs=("customer_id",),
)
def repeat_contact() -> pl.Expr:
    """The customer has to come back about the same or an unknown topic.

    The repeat relation: the nearest earlier inbound contact within the repeat
    window, which the config sets. Retries, answers to campaigns, return calls
    and contacts merged into another are no repeats. The point belongs to the later
    contact.

    Source: QueueMetrics, Capturi.
    """
    return pl.col("repeats_contact_id").is_not_null()
