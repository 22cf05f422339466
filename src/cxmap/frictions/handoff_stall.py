"""Hand-off stall."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import SERVED, gave_up, seconds
from cxmap.definitions import friction


@friction(
    severity="medium",
    because="handed over by the bot; until somebody came {handoff_seconds}, "
    "in the queue {queue_seconds}",
    inputs=("handoff_seconds|queue_seconds",),
)
def handoff_stall(
    *,
    longest: timedelta = timedelta(seconds=60),
    short: timedelta = timedelta(seconds=5),
) -> pl.Expr:
    """The bot hands the customer over, and then nobody is there.

    After the hand-over the customer waits longer than `longest` (exactly so long is
    in order), or gives up later than `short`. The hand-over is one inside the
    conversation, or the contact follows a bot's by transfer: then its wait in the
    queue counts. A wait that nobody tells is none; whoever gave up after one that
    nobody tells is taken to have waited.

    Source: Chatwoot, hand-off from bot to agent.
    """
    by_transfer = (pl.col("previous_channel") == "bot") & (
        pl.col("continuity") == "transfer"
    )
    queued = pl.when(by_transfer).then("queue_seconds")
    waited = pl.coalesce("handoff_seconds", queued)
    handed = pl.col("handed_off").fill_null(False) | by_transfer.fill_null(False)
    patient = waited.fill_null(seconds(short) + 1) > seconds(short)
    left = gave_up() & ~SERVED.fill_null(False) & patient

    return handed & ((waited > seconds(longest)).fill_null(False) | left)
