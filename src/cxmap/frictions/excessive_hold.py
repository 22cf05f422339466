"""Excessive hold."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import seconds
from cxmap.definitions import friction


@friction(
    severity="medium",
    because="on hold for {hold_seconds}, in conversation for {talk_seconds}",
    groups=("voice",),
    inputs=("hold_seconds",),
)
def excessive_hold(
    *,
    longest: timedelta = timedelta(seconds=120),
    noticed: timedelta = timedelta(seconds=60),
    percent: int = 30,
) -> pl.Expr:
    """The customer is put on hold for long, or for much of the conversation.

    More than `longest` on hold, all holds of the contact together; or more than
    `noticed` and more than `percent` of the time in conversation. Exactly the limit
    is still in order. Where the export does not say how long the two talked, only
    `longest` counts.

    Source: SQM, hold; the limits are cxmap's own.
    """
    held, talked = pl.col("hold_seconds"), pl.col("talk_seconds")
    long = held > seconds(longest)
    much = (held > seconds(noticed)) & (100 * held > percent * talked)
    by_phone = pl.col("channel_group") == "voice"

    return by_phone & (long | much)
