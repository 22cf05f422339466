"""Transfer ping-pong."""

import polars as pl

from cxmap.definitions import friction


@friction(
    severity="high",
    because="came back to where it had been, times: {returned_to_team}",
    inputs=("returned_to_team",),
)
def transfer_ping_pong(*, at_least: int = 1) -> pl.Expr:
    """The customer is handed on and ends up with a team they had already been with.

    `at_least` so many returns within one contact: from X to Y and back to X is one,
    with whatever lies between. Teams where the export tells teams, else people.
    Straight chains are a `transfer_chain`; holders nobody tells are no ping-pong.

    Source: BPIC 2013, ping-pong between support teams.
    """
    return pl.col("returned_to_team") >= at_least
