"""Failure demand rate."""

import polars as pl

from cxmap.conditions import UNIDENTIFIED, at_or_below, before_history
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="lower",
    section="resolution",
    inputs=("customer_id",),
)
def failure_demand_rate(*, topics: str = "") -> Measure:
    """Contacts that only exist because something was not done, or not done right.

    An inbound contact that repeats another, that tries again after one nobody
    answered, in which the customer had to chase an answer we owed, or that was
    reopened; and every contact on one of the `topics` or below it (written with
    commas, as `complaint, order/status`), which say it by themselves: status questions
    and complaints. Which topics these are only the company can tell: without them the
    rate is a lower bound.

    Contacts at the very beginning of their source's data, unidentified ones and those
    merged into another are left out, as in the repeat contact rate.

    Source: Seddon, failure demand; ACXPA.
    """
    again = pl.col("repeats_contact_id").is_not_null() | (
        pl.col("return_of") == "retry"
    ).fill_null(False)
    chased = (pl.col("chasers") > 0).fill_null(False)
    reopened = pl.col("reopened").fill_null(False)
    by_topic = at_or_below("topic", topics).fill_null(False)

    return share(
        again | chased | reopened | by_topic,
        among=pl.col("inbound"),
        excluded={
            "unidentified": UNIDENTIFIED,
            "merged": pl.col("merged").fill_null(False),
            "history_too_short": before_history(
                "started_at", "repeat_window_seconds", "source_since_at"
            ),
        },
    )
