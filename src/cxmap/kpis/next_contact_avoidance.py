"""Next contact avoidance."""

import polars as pl

from cxmap.conditions import (
    NOT_SERVED,
    UNIDENTIFIED,
    before_history,
    not_yet_silent,
)
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="higher",
    section="resolution",
    shown="card",
    inputs=("customer_id", "served|resolved"),
)
def next_contact_avoidance() -> Measure:
    """Served contacts after which the customer did not have to come back.

    Every served inbound contact is judged, so an issue of five calls scores one of
    five here and none of one in first-contact resolution. A contact fails when a
    later one repeats it, when it is reopened, or when status or survey say that it
    was not resolved.

    Unserved contacts, those whose export cannot tell, those merged into another and
    unidentified ones are left out. Pending and the edge of the data are as in
    first-contact resolution: the repeat window must lie within what is held, both
    before and after.

    Source: CEB, next issue avoidance; the repeat relation of this tool.
    """
    unresolved = ~pl.col("resolved").fill_null(True)
    came_back = pl.col("repeated") | pl.col("reopened")

    return share(
        ~(came_back.fill_null(False) | unresolved),
        among=pl.col("inbound"),
        pending=not_yet_silent("last_touch_at", "repeat_window_seconds"),
        confirmed=pl.col("resolved"),
        excluded={
            "unidentified": UNIDENTIFIED,
            "merged": pl.col("merged").fill_null(False),
            **NOT_SERVED,
            "history_too_short": before_history(
                "started_at", "repeat_window_seconds", "source_since_at"
            ),
        },
    )
