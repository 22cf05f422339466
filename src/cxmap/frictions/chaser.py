"""Chaser."""

import polars as pl

from cxmap.conditions import NO_CONTACT
from cxmap.definitions import friction


@friction(
    severity="medium",
    because="had to ask again while the answer was overdue, times: {chasers}",
    groups=("chat", "messaging", "social", "written"),
    inputs=("chasers",),
)
def chaser(*, at_least: int = 1) -> pl.Expr:
    """The customer writes again, because we still owe an answer.

    `at_least` so many messages that came after the answer was overdue: after more
    than the target of a first answer (a minute in chats, 15 minutes in messaging,
    four hours on social media, eight for e-mails and forms), all in opening time.
    Further messages before that only add to what was asked. A question about the
    status to which no answer is owed is failure demand, and no chaser.

    Source: ACXPA, failure demand.
    """
    return (pl.col("chasers") >= at_least) & ~NO_CONTACT
