"""Unanswered."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import never_answered
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
    return never_answered(written_days, messaging, social)
