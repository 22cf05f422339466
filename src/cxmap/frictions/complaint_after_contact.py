"""Complaint after contact."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import at_or_below, seconds
from cxmap.definitions import friction


@friction(
    severity="high",
    because="complained {since_last_seconds} after the contact before",
    inputs=("customer_id", "topic"),
)
def complaint_after_contact(
    *, topics: str = "complaint", within: timedelta = timedelta(days=30)
) -> pl.Expr:
    """The customer comes to complain, after having been in touch already.

    A contact on one of the `topics` or below it (written with commas), or on a topic
    that ends in one, such as `billing/complaint`, at most `within` a month after the
    end of the customer's inbound contact before (inclusive), whatever that was about:
    people complain of what was done, under another heading than they asked. Without
    such a topic in the config's `topics:` it never shows.

    Source: BPIC 2016 (UWV), from click to message to call to complaint.
    """
    named = [node.strip() for node in topics.split(",") if node.strip()]
    ending = [pl.col("topic").str.ends_with(f"/{node}") for node in named]
    complaint = at_or_below("topic", topics) | pl.any_horizontal(pl.lit(False), *ending)

    return complaint & (pl.col("since_last_seconds") <= seconds(within))
