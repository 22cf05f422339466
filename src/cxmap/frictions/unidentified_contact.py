"""Unidentified contact."""

import polars as pl

from cxmap.conditions import UNIDENTIFIED
from cxmap.definitions import friction


@friction(
    severity="low",
    because="nobody can tell whose it is: {unidentified}",
)
def unidentified_contact() -> pl.Expr:
    """Nobody can tell who the customer is, and so what came before or after.

    No identifier, only a shared one, or one that must not join people. Such contacts
    are journeys of one and left out of every figure about repeats and journeys; the
    customer has to introduce themselves each time.

    Source: QueueMetrics, which never clusters blank callers.
    """
    return UNIDENTIFIED
