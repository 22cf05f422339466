"""Reopen."""

import polars as pl

from cxmap.definitions import friction


@friction(
    severity="medium",
    because="solved, then opened again, times: {reopens}",
    inputs=("reopens",),
)
def reopen() -> pl.Expr:
    """A case that was called solved has to be opened again.

    Counted as the export counts it. Where it does not show the messages, a thank-you
    that reopened the case cannot be told from a customer who still needs help, and
    counts too.
    """
    return pl.col("reopens") > 0
