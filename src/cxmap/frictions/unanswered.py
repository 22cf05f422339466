"""Unanswered."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import NO_CONTACT, NOBODY_TOOK, SERVED, seconds
from cxmap.definitions import friction


@friction(
    severity="high",
    because="no answer, {waited_seconds} after the customer asked",
    groups=("voice", "chat", "messaging", "social", "written"),
    inputs=("served",),
)
def unanswered(
    *,
    written_days: int = 3,
    messaging: timedelta = timedelta(hours=24),
    social: timedelta = timedelta(hours=24),
) -> pl.Expr:
    """The customer asks and nobody answers.

    A written contact without an answer after `written_days` business days, as long
    as the opening hours say; others after `messaging` or `social` of calendar time,
    a day each. Until then they still wait. Calls and chats nobody took, and those
    that overflowed to where nobody took them either, are known to be unanswered when
    they end. Contacts that were given up are abandoned, a call that ended with a
    voicemail left its message, and those whose export cannot tell whether they were
    answered never count.

    Source: cxmap's own.
    """
    group, waited = pl.col("channel_group"), pl.col("waited_seconds")
    days = pl.col("waited_business_days")
    too_long = (
        ((group == "written") & (days >= written_days))
        | ((group == "messaging") & (waited > seconds(messaging)))
        | ((group == "social") & (waited > seconds(social)))
    )
    end = pl.col("disposition")
    given_up = end.is_in(["abandoned", "short_abandoned"]).fill_null(False)
    rang_out = group.is_in(["voice", "chat"]) & NOBODY_TOOK

    return ~SERVED & ~given_up & ~NO_CONTACT & (too_long | rang_out)
