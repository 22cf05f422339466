"""Reopen."""

import polars as pl

from cxmap.definitions import friction


@friction(
    severity="medium",
    because="solved, then opened again, times: {reopens}",
    groups=("written", "messaging", "social"),
    inputs=("reopens",),
)
def reopen() -> pl.Expr:
    """A case that was called solved has to be opened again.

    Within the time after the solve that the config's `reopen:` allows, where the
    export dates it; where it only counts reopenings, whatever their age. Where it
    does not show the messages, a thank-you that reopened the case cannot be told
    from a customer who still needs help, and counts too.

    Source: Zendesk.
    """
    return pl.col("reopened")
