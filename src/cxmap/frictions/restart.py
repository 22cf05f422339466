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

    A hop where both exports could prove that it was picked up (the same case, a
    link, the same person) and nothing shows it. Where they cannot prove it, the
    hop is unknown and never friction.
    """
    return pl.col("continuity") == "restart"
