"""Abandon."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import CALL_OR_CHAT, left_the_queue
from cxmap.definitions import friction


@friction(
    severity="high",
    because="gave up waiting after {queue_seconds}",
    groups=("voice", "chat"),
    inputs=("disposition",),
)
def abandon(*, short: timedelta = timedelta(seconds=5)) -> pl.Expr:
    """The customer gives up in the queue before anybody answers.

    Leaving within `short` (inclusive) is a misdial and no friction. Hanging up in
    the menu is not abandoning, nor is a voicemail. A wait that the export does not
    say counts as long.

    Source: Amazon Connect, Twilio; short abandons as in Talkdesk.
    """
    return CALL_OR_CHAT & left_the_queue(short)
