"""Silent abandonment rate."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import NO_CONTACT
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="lower",
    section="speed",
    inputs=("messages_after_answer",),
)
def silent_abandonment_rate(*, quiet: timedelta = timedelta(hours=24)) -> Measure:
    """Chats and messages answered too late: the customer had left without a word.

    Over inbound chat and messaging contacts that a person answered: those in which
    the customer wrote nothing after the first answer. Other figures call them served.
    Some of them had all they needed, so that it is an upper bound. On messaging, where
    nobody hangs up, a contact is pending while less than `quiet` of its own source is
    held after the answer, whether or not the customer has gone on.

    Contacts whose messages, of both sides, the export does not show are not in the
    population; merged and spam ones are left out.

    Source: arXiv 2304.11754, silent abandonment.
    """
    later = pl.col("messages_after_answer")
    group = pl.col("channel_group")
    early = pl.col("first_response_at") + quiet > pl.col("source_horizon_at")

    return share(
        later == 0,
        among=pl.col("inbound")
        & group.is_in(["chat", "messaging"])
        & later.is_not_null(),
        pending=(group == "messaging") & early.fill_null(True),
        excluded={"merged_or_spam": NO_CONTACT},
    )
