"""Repeat contact rate."""

import polars as pl

from cxmap.conditions import UNIDENTIFIED, before_history
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="lower",
    section="resolution",
    shown="card",
    inputs=("customer_id",),
)
def repeat_contact_rate() -> Measure:
    """Contacts that repeat an earlier one of the same customer.

    Looks back: an inbound contact repeats the nearest one before it on the same or
    an unknown topic, within the repeat window. Retries after an unanswered attempt,
    answers to campaigns and return calls are no repeats. Contacts so close to the
    beginning of their source's data that the one they repeat may be missing are
    left out, as are unidentified ones and those merged into another: they are one
    occasion with it.

    Source: QueueMetrics, Capturi.
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
    )
