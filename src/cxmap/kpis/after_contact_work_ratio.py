"""After-contact work ratio."""

import polars as pl

from cxmap.conditions import CALL_OR_CHAT, SERVED, handle_seconds
from cxmap.definitions import Measure, kpi
from cxmap.measures import ratio


@kpi(
    over="contacts",
    unit="share",
    better="lower",
    section="routing",
    inputs=("wrap_up_seconds",),
)
def after_contact_work_ratio() -> Measure:
    """How much of the handle time is work after the customer has gone.

    All after-contact work by all handle time (talk, hold and after-contact work) of
    served inbound calls and chats: a ratio of sums, so that a long contact weighs
    more than a short one. Contacts whose export does not tell both talk and
    after-contact work are left out above and below the line.

    Source: Genesys, total after-call work by total handle time.
    """
    return ratio(
        pl.col("wrap_up_seconds"),
        handle_seconds(),
        among=pl.col("inbound") & CALL_OR_CHAT & SERVED,
    )
