"""Many hands."""

import polars as pl

from cxmap.definitions import friction


@friction(
    severity="medium",
    because="one more person about the same need, by now {hands}",
    inputs=("agent_id|agents",),
)
def many_hands(*, at_least: int = 3, written: int = 4) -> pl.Expr:
    """The customer tells one need to one person after the other.

    The contact brings another person into the journey, who is the `at_least` th or
    later one; on e-mails, forms and letters the `written` th, since shifts change
    while a case waits. People only: bots have no hands. Whoever comes back to
    somebody they know brings in nobody new. Journeys whose exports do not tell who
    answered show nothing.

    Source: dbt_zendesk, hand-offs; humans only.
    """
    one_more = pl.col("hands") > pl.col("hands_before").fill_null(0)
    by_letter = (pl.col("channel_group") == "written").fill_null(False)
    limit = pl.when(by_letter).then(written).otherwise(at_least)

    return one_more & (pl.col("hands") >= limit)
