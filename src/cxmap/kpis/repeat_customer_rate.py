"""Repeat customer rate."""

import polars as pl

from cxmap.conditions import UNIDENTIFIED, before_history
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="lower",
    section="resolution",
    inputs=("customer_id",),
)
def repeat_customer_rate() -> Measure:
    """Customers who had to come back at least once, among those who got in touch.

    Each customer counts once, whole and in each segment: with one contact that
    repeats an earlier one they are a repeat customer, however many others are none.
    The contacts are those of the repeat contact rate; a customer of whom all are left
    out is not in the population. Printed beside that rate, since a few customers with
    many repeats and many with one look alike in it.

    Source: QueueMetrics, Talkdesk: callers who call again.
    """
    return share(
        pl.col("repeats_contact_id").is_not_null(),
        among=pl.col("inbound"),
        excluded={
            "unidentified": UNIDENTIFIED,
            "merged": pl.col("merged").fill_null(False),
            "history_too_short": before_history(
                "started_at", "repeat_window_seconds", "source_since_at"
            ),
        },
        once="any",
    )
