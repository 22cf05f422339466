"""Transfer."""

import polars as pl

from cxmap.definitions import friction


@friction(
    severity="low",
    because="handed on, transfers: {transfers}",
    inputs=("transfers",),
)
def transfer(*, at_least: int = 1) -> pl.Expr:
    """The customer is handed from one person or team to another.

    `at_least` so many hand-overs within one contact, after the first person. From a
    menu or a bot to a person is none.

    Source: CEB, SQM.
    """
    return pl.col("transfers") >= at_least
