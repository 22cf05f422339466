"""Restart."""

import polars as pl

from cxmap.definitions import friction


@friction(
    severity="high",
    because="began again by {channel}, {gap_seconds} after the contact before",
    inputs=("continuity",),
)
def restart() -> pl.Expr:
    """The customer has to tell the story again from the beginning.

    A hop to a contact that somebody answered, where the exports could prove that it
    was picked up (the same case, a link, the same person) and nothing shows it.
    Between two systems they can only where one names the other's cases, or both
    those of a third: map `case_id` so that they do. Elsewhere the hop is unknown
    and never friction.

    Source: CEB, repeating information.
    """
    return pl.col("continuity") == "restart"
