"""Queue at the desk."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import seconds
from cxmap.definitions import friction


@friction(
    severity="low",
    because="stood in line for {waited_seconds}",
    groups=("in_person",),
    inputs=("answered_at",),
)
def queue_at_the_desk(*, longest: timedelta = timedelta(minutes=10)) -> pl.Expr:
    """The customer stands in line at the desk.

    More than `longest` from coming in to being called up; exactly so long is still
    in order. Whoever was never called up has left the line, and counts as abandoned.

    Source: cxmap-example's own.
    """
    called = pl.col("answered_at").is_not_null()
    in_person = pl.col("channel") == "in_person"

    return in_person & called & (pl.col("waited_seconds") > seconds(longest))
