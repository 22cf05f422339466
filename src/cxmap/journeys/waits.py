"""How long the customers of steps waited, in calendar and in opening time."""

import polars as pl

from cxmap.hours import day_seconds, held_seconds, schedule_at
from cxmap.journeys.standing import served
from cxmap.names import LIVE_GROUPS
from cxmap.options import Hours

OVER = ("source_horizon_at", "resolved_at", "closed_at", "ended_at")
"""Up to the first of these somebody without an answer can have waited."""

TIMED = (
    "waited_seconds",
    "waited_business_seconds",
    "waited_business_days",
    "unanswered_business_seconds",
)
"""How long somebody waited for a first answer, and until it was over."""


def with_waits(steps: pl.DataFrame, hours: Hours) -> pl.DataFrame:
    """Return the steps with how long each waited, in calendar and in opening time."""
    ended = steps.with_columns(
        waited_until=waited_until(),
        asked_at=pl.coalesce("asked_again_at", "started_at"),
        over_at=pl.min_horizontal(OVER),
    )
    waited = (pl.col("waited_until") - pl.col("asked_at")).dt.total_seconds()
    told = ended.with_columns(
        waited_seconds=waited.clip(lower_bound=0),
        waited_business_seconds=held_seconds(ended, "asked_at", "waited_until", hours),
        unanswered_business_seconds=held_seconds(ended, "started_at", "over_at", hours),
        schedule=schedule_at(ended, "waited_until"),
    )
    whole_day = day_seconds(hours, pl.col("schedule"))

    return told.with_columns(
        waited_business_days=pl.col("waited_business_seconds") // whole_day
    )


def waited_until() -> pl.Expr:
    """Return when the wait for a first answer ended, or up to when it is known.

    A live contact nobody took ended when the customer left; any other unanswered
    one still waits as far as its own source is held. Null where the export cannot
    tell.
    """
    live = pl.col("channel_group").is_in(LIVE_GROUPS)
    started = pl.col("started_at")
    said = pl.coalesce("first_response_seconds", "queue_seconds")
    answered = pl.coalesce(
        pl.when(live).then("answered_at"),
        "first_response_at",
        "answered_at",
        started + pl.duration(seconds=said),
    )
    left = pl.coalesce("ended_at", "last_touch_at", "started_at")
    unserved = served() == pl.lit(value=False)
    return (
        pl.when(unserved & live)
        .then(left)
        .when(unserved)
        .then(pl.max_horizontal("started_at", "source_horizon_at"))
        .otherwise(answered)
    )
