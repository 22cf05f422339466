"""Next response time."""

import polars as pl

from cxmap.conditions import NO_CONTACT
from cxmap.definitions import Measure, kpi
from cxmap.measures import median


@kpi(
    over="contacts",
    unit="seconds",
    better="lower",
    section="speed",
    inputs=("next_response_seconds",),
)
def next_response_time() -> Measure:
    """How long half of the customers who write again wait for the next answer.

    The median over inbound contacts of each one's own median: for how long the
    customer, answered once, waited for a person's next answer, from the first message
    since the last one, in calendar time. Several messages in a row are one wait.

    Contacts in which the customer wrote again and nobody ever answered that are left
    out as `unreplied`, and shown; those in which the customer said no more have no
    next response.

    Source: Intercom, median time to reply, without the first; Chatwoot #4744.
    """
    again = pl.col("messages_after_answer") > 0
    wait = pl.col("next_response_seconds")
    text = pl.col("channel_group").is_in(["written", "messaging", "social", "chat"])

    return median(
        wait,
        among=pl.col("inbound") & text & (again | wait.is_not_null()),
        excluded={"merged_or_spam": NO_CONTACT, "unreplied": wait.is_null()},
    )
