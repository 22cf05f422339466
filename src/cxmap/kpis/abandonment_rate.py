"""Abandonment rate."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import CALL_OR_CHAT, OFFERED, left_the_queue
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="lower",
    section="speed",
    shown="card",
    inputs=("disposition",),
)
def abandonment_rate(*, short_abandon: timedelta = timedelta(seconds=5)) -> Measure:
    """Callers and chatters who gave up before anybody answered.

    Over inbound calls and chats offered to people: they have a queue time, or ended
    in a way that only an offered contact can. Leaving within `short_abandon`
    (inclusive) is a misdial: taken out above and below the line, and shown. Hanging
    up in the menu and being called back are not abandoning. A voicemail, and a call
    that ended as one, left a message and is not in the population. A contact whose
    end the export does not say is left out.

    Source: Amazon Connect, Twilio; short abandons as in Talkdesk.
    """
    end = pl.col("disposition")
    abandoned = left_the_queue(short_abandon)
    in_queue = pl.col("queue_seconds").is_not_null() | pl.col("queued_at").is_not_null()
    too_short = end.is_in(["abandoned", "short_abandoned"]) & ~abandoned

    message = end.eq_missing(pl.lit("voicemail"))

    return share(
        pl.when(end != "unknown").then(abandoned),
        among=pl.col("inbound") & CALL_OR_CHAT & ~message & (in_queue | OFFERED),
        excluded={"short_abandoned": too_short},
    )
