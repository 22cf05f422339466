"""Self-service escape rate."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import (
    NO_CONTACT,
    UNIDENTIFIED,
    about_one_need,
    past_the_horizon,
)
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="steps",
    unit="share",
    better="lower",
    section="routing",
    inputs=("customer_id",),
)
def self_service_escape_rate(
    *,
    within: timedelta = timedelta(hours=24),
    unknown_topic: timedelta = timedelta(hours=2),
) -> Measure:
    """Sessions of self-service after which the customer turned to a person.

    Over inbound sessions with a bot, a menu, a portal or an app. The next contact of
    the journey is with people, and begins at most `within` after the session where
    both are about one topic or the exports tie them together, at most
    `unknown_topic` where no topic says so: the rule of the friction
    `self_service_escape`. Hand-overs inside one session show in no second contact.
    Unidentified sessions are left out; pending until `within` has passed.

    Source: CEB, customers who begin in self-service.
    """
    assisted = pl.col("next_channel_group") != "digital_self"
    soon = about_one_need("next_rule", "next_gap_seconds", within, unknown_topic)

    return share(
        (assisted & soon).fill_null(False),
        among=pl.col("channel_group") == "digital_self",
        pending=past_the_horizon(within),
        excluded={"merged_or_spam": NO_CONTACT, "unidentified": UNIDENTIFIED},
    )
