"""Average speed of answer."""

import polars as pl

from cxmap.conditions import CALL_OR_CHAT, SERVED
from cxmap.definitions import Measure, kpi
from cxmap.measures import mean


@kpi(
    over="contacts",
    unit="seconds",
    better="lower",
    section="speed",
    shown="card",
    inputs=("queue_seconds",),
)
def speed_of_answer() -> Measure:
    """How long callers and chatters wait in the queue until they are answered.

    The mean over inbound calls and chats that queued and were served. Those who gave
    up have no answer and are the abandonment rate's; voicemails are no calls, and
    contacts without a queue time did not queue, or their export does not say: they
    are not in the population.

    Source: average speed of answer (Amazon Connect).
    """
    queued = pl.col("queue_seconds").is_not_null()

    return mean(
        pl.col("queue_seconds"),
        among=pl.col("inbound") & CALL_OR_CHAT & queued & SERVED,
    )
