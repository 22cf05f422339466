"""Social posts answered within a day."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import (
    NO_CONTACT,
    SERVED,
    first_answer_seconds,
    seconds,
)
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="higher",
    section="speed",
    inputs=("first_response_seconds|first_response_at",),
)
def social_within_24h(*, within: timedelta = timedelta(hours=24)) -> Measure:
    """Posts and messages on social media that a person answered within a day.

    Over inbound contacts on public and private social channels. `within` (inclusive)
    is calendar time, since posts stay up at night. An unanswered one counts as missed
    once it has waited longer, as far as its source is held, or ended without an
    answer, and is pending until then. One that was answered without a told time, or
    of which the export cannot tell whether it was answered, is left out; so are
    merged ones and spam.

    Source: the share of social posts answered within a day, after which firms differ.
    """
    took = first_answer_seconds()
    known = took.is_not_null()
    ends = ("resolved_at", "closed_at", "ended_at")
    over = pl.any_horizontal(pl.col(end).is_not_null() for end in ends)
    due = pl.col("started_at") + within
    early = (due > pl.col("source_horizon_at")).fill_null(True)

    return share(
        pl.when(known).then(took <= seconds(within)).otherwise(pl.lit(False)),
        among=pl.col("inbound") & (pl.col("channel_group") == "social"),
        pending=~known & ~over & early,
        excluded={
            "merged_or_spam": NO_CONTACT,
            "served_unknown": ~known & SERVED.is_null(),
            "time_unknown": ~known & SERVED,
        },
    )
