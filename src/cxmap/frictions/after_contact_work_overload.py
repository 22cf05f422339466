"""After-contact work overload."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import CALL_OR_CHAT, SERVED, seconds
from cxmap.definitions import friction


@friction(
    severity="low",
    because="{wrap_up_seconds} of work after {talk_seconds} of talk",
    groups=("voice", "chat"),
    inputs=("wrap_up_seconds",),
)
def after_contact_work_overload(
    *, noticed: timedelta = timedelta(seconds=60)
) -> pl.Expr:
    """The work after the contact takes longer than the talk did.

    Over served calls and chats whose after-contact work is longer than the talk, and
    longer than `noticed`: after a call of a few seconds any work is longer. It is our
    systems' friction before it is the customer's, who waits for a free person.

    Source: cxmap; after-contact work longer than the conversation as a sign of poor
    tools.
    """
    work = pl.col("wrap_up_seconds")
    longer = (work > pl.col("talk_seconds")) & (work > seconds(noticed))

    return CALL_OR_CHAT & SERVED & longer
