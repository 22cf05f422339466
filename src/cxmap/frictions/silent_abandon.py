"""Silent abandon."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import NO_CONTACT, seconds
from cxmap.definitions import friction


@friction(
    severity="medium",
    because="answered, but the customer never wrote again",
    groups=("chat", "messaging"),
    inputs=("messages_after_answer",),
)
def silent_abandon(*, quiet: timedelta = timedelta(hours=24)) -> pl.Expr:
    """The customer has left by the time a person answers.

    A chat or messaging contact that a person answered, in which the customer wrote
    nothing after that answer, and which nothing says was resolved. A chat ends when
    both have left it; on messaging the customer has at least `quiet` to go on, as far
    as the export is held. Where the export does not show the messages of both sides,
    nobody can tell.

    Source: arXiv 2304.11754, silent abandonment.
    """
    silent = pl.col("messages_after_answer") == 0
    chat = pl.col("channel_group") == "chat"
    gone = pl.col("unsaid_seconds") >= seconds(quiet)
    left = chat | ((pl.col("channel_group") == "messaging") & gone)
    resolved = pl.col("resolved").fill_null(False)

    return silent & left & ~resolved & ~NO_CONTACT
