"""Detractor follow-up rate."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import UNIDENTIFIED, seconds
from cxmap.definitions import Measure, baseline, kpi
from cxmap.measures import count, share


@baseline(over="contacts")
def outbound_contacts() -> Measure:
    """How many contacts of our own accord are held, over all sources."""
    ours = ~pl.col("inbound") & (pl.col("direction") == "outbound")
    return count(ours, among=ours)


@kpi(
    over="surveys",
    unit="share",
    better="higher",
    section="perception",
    at="at",
    inputs=("customer_id", "score", "responded_at"),
    needs=("outbound_contacts",),
)
def detractor_followup_rate(*, within: timedelta = timedelta(days=7)) -> Measure:
    """Customers who would advise against us and whom we then got in touch with.

    Over answers from 0 to 6 on the scale from 0 to 10: those after which the company
    began a contact of its own accord `within` a week (inclusive), on any channel; a
    call that did not get through and a campaign are none. Pending until that time has
    passed. Left out are answers on another scale, those of nobody known, and those
    without a time; and all of them where no export holds a single outbound contact,
    since nobody can tell then: give cxmap the outbound calls and e-mails, too.

    Source: closing the loop with detractors (Reichheld).
    """
    low = (pl.col("score") <= 6) & (pl.col("survey_type") == "nps")
    eleven = (pl.col("scale_min") == 0) & (pl.col("scale_max") == 10)
    until = pl.col("responded_at") + within

    return share(
        (pl.col("followed_up_after_seconds") <= seconds(within)).fill_null(False),
        among=low,
        pending=(until > pl.col("horizon_at")).fill_null(True),
        excluded={
            "outbound_not_held": (pl.col("baseline_outbound_contacts") > 0).ne_missing(
                pl.lit(value=True)
            ),
            "unidentified": UNIDENTIFIED,
            "other_scale": ~eleven.fill_null(False),
            "time_unknown": pl.col("responded_at").is_null(),
        },
    )
