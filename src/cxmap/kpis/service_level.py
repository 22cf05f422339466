"""Service level."""

from datetime import timedelta
from typing import Literal

import polars as pl

from cxmap.conditions import SERVED, WAS_OFFERED, left_at_once, seconds
from cxmap.definitions import Measure, kpi
from cxmap.measures import share

Variant = Literal[
    "answered_offered", "answered_answered", "with_abandons", "without_short"
]


@kpi(
    over="contacts",
    unit="share",
    better="higher",
    section="speed",
    shown="card",
    inputs=("queue_seconds",),
)
def service_level(
    *,
    variant: Variant = "answered_offered",
    within: timedelta = timedelta(seconds=20),
    short_abandon: timedelta = timedelta(seconds=5),
) -> Measure:
    """Calls and chats answered in time, as 80 of 100 within 20 seconds.

    Over inbound calls and chats offered to people. In time is an answer `within`
    (inclusive) of entering the queue. By `variant`, what stands below the line:
    answered_offered, all that were offered; answered_answered, only the answered, so
    that those who gave up do not count; with_abandons, all, and whoever gave up as
    soon as that counts as in time; without_short, all but those who left within
    `short_abandon` (inclusive). Calls nobody took were offered and are never in time,
    whatever the variant, but answered_answered leaves them out.

    Answered contacts whose wait the export does not say are left out, and for
    with_abandons abandoned ones too; so is one whose end is not told.

    Source: the four classic formulas; Amazon Connect's is with_abandons.
    """
    end = pl.col("disposition")
    answered = SERVED.fill_null(False)
    in_time = pl.col("queue_seconds") <= seconds(within)
    gone = end.is_in(["abandoned", "short_abandoned"])
    reached = pl.when(answered).then(in_time).when(end != "unknown").then(pl.lit(False))
    met = {"with_abandons": pl.when(gone & ~answered).then(in_time).otherwise(reached)}
    out = {"without_short": {"short_abandoned": left_at_once(short_abandon)}}
    who = {"answered_answered": WAS_OFFERED & answered}

    return share(
        met.get(variant, reached),
        among=who.get(variant, WAS_OFFERED),
        excluded=out.get(variant, {}),
    )
