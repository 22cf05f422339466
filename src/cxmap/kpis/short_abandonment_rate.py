"""Short abandonment rate."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import WAS_OFFERED, left_at_once
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="neither",
    section="speed",
    inputs=("disposition",),
)
def short_abandonment_rate(
    *, short_abandon: timedelta = timedelta(seconds=5)
) -> Measure:
    """Callers and chatters who left the queue before anybody could have answered.

    Over the inbound calls and chats offered to people, as `abandonment_rate` before
    it takes these out: gone within `short_abandon` (inclusive), or called so by the
    export. Misdials, mostly: but a line that drops its callers shows here first. An
    abandoned contact whose wait is not told is a long one; one whose end the export
    does not say is left out.

    Source: Talkdesk, short abandoned calls.
    """
    end = pl.col("disposition")

    return share(
        pl.when(end != "unknown").then(left_at_once(short_abandon)),
        among=WAS_OFFERED,
    )
