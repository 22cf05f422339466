"""Transfer chain."""

import polars as pl

from cxmap.definitions import friction


@friction(
    severity="medium",
    because="handed on again and again, transfers: {transfers}",
    inputs=("transfers",),
)
def transfer_chain(*, at_least: int = 2) -> pl.Expr:
    """The customer is handed on, and then handed on again.

    `at_least` so many hand-overs within one contact, after the first person: nobody
    in the chain before the last could help. Every chain is a `transfer` too.

    Source: CEB, SQM.
    """
    return pl.col("transfers") >= at_least
