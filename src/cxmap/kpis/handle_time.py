"""Average handle time."""

import polars as pl

from cxmap.conditions import CALL_OR_CHAT, SERVED, handle_seconds
from cxmap.definitions import Measure, kpi
from cxmap.measures import mean


@kpi(
    over="contacts",
    unit="seconds",
    better="neither",
    section="routing",
    inputs=("talk_seconds",),
)
def handle_time(*, without_wrap_up: bool = False) -> Measure:
    """How long people work on a call or chat: talk, hold and the work after it.

    The mean over inbound calls and chats that were served. Talk and after-contact
    work must both be told, else the contact is left out: half a handle time is none.
    With `without_wrap_up` contacts whose export says nothing of after-contact work
    count as well, with talk and hold alone. Hold that the export does not tell apart
    is part of its talk. The legs of a transferred call add up. Shorter is cheaper and
    not better: it is no target by itself.

    Source: average handle time (Amazon Connect: talk, hold and after-contact work).
    """
    took = handle_seconds()
    alone = pl.coalesce(took, pl.col("talk_seconds") + _held())

    return mean(
        alone if without_wrap_up else took,
        among=pl.col("inbound") & CALL_OR_CHAT & SERVED,
    )


def _held() -> pl.Expr:
    return pl.col("hold_seconds").fill_null(0)
