"""Long wait."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import CALL_OR_CHAT, seconds
from cxmap.definitions import friction


@friction(
    severity="medium",
    because="waited {queue_seconds} in the queue",
    groups=("voice", "chat"),
    inputs=("queue_seconds",),
)
def long_wait(
    *,
    voice: timedelta = timedelta(seconds=120),
    chat: timedelta = timedelta(seconds=60),
) -> pl.Expr:
    """The customer waits in the queue for longer than the target.

    More than `voice` on the phone, more than `chat` in a chat; exactly the target
    is still in time. It counts whether or not the wait ended with an answer. A
    voicemail is a message left, and waits in no queue.

    Source: cxmap's own.
    """
    group, waited = pl.col("channel_group"), pl.col("queue_seconds")
    by_phone = (group == "voice") & (waited > seconds(voice))
    in_chat = (group == "chat") & (waited > seconds(chat))

    return CALL_OR_CHAT & (by_phone | in_chat)
