"""True containment rate."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import (
    BOT_SESSION,
    NO_CONTACT,
    TAKEN_OVER,
    UNIDENTIFIED,
    past_the_horizon,
    seconds,
)
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="steps",
    unit="share",
    better="higher",
    section="routing",
    shown="card",
    inputs=("customer_id",),
)
def true_containment_rate(*, within: timedelta = timedelta(hours=24)) -> Measure:
    """Bot conversations after which the customer needed nobody else.

    Not handed over, and no further contact of the same customer, on any channel and
    again with the bot too, about the same or an unknown topic `within` (inclusive)
    of its end; 72 h and 7 d are the usual other windows. The customer's next contact
    counts whatever tells links and repeats apart. A conversation of which the export
    does not say whether it was handed over is judged by what the customer did.

    Unidentified conversations are left out, for nobody can tell whether that customer
    came back: the identified share is that of the counted ones. Pending until the
    window has passed. Read `containment_rate` beside it: the difference is what the
    bot only seemed to settle.

    Source: Ender Turing, chatbotscape; identified sessions only.
    """
    came_back = pl.col("again_after_seconds") <= seconds(within)
    failed = TAKEN_OVER.fill_null(False) | came_back.fill_null(False)

    return share(
        ~failed,
        among=BOT_SESSION,
        pending=past_the_horizon(within),
        excluded={"merged_or_spam": NO_CONTACT, "unidentified": UNIDENTIFIED},
    )
