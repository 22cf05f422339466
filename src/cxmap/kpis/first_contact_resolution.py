"""First contact resolution."""

import polars as pl

from cxmap.conditions import UNIDENTIFIED, before_history, not_yet_silent
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="journeys",
    unit="share",
    better="higher",
    section="resolution",
    shown="card",
    inputs=("customer_id", "trigger_id"),
)
def first_contact_resolution() -> Measure:
    """Needs met by the first contact that was served, among those old enough to tell.

    Counts needs, not contacts: each journey once, judged by its first served
    contact. It fails when the customer comes back within the repeat window, when
    the case is reopened, or when status or survey say that it was not resolved.
    Abandoned and unanswered attempts before it do not count against it; journeys
    nobody served are left out and shown beside the rate, and so are those served
    otherwise: by calling back, or in a contact that was merged into another.

    Pending while the window after the contact reaches beyond the horizon (a window
    that ends exactly there is complete); left out where the window before it
    reaches back beyond the source's data. Unidentified journeys are left out, for
    nobody can tell whether that customer came back. Confirmed is what a status or
    survey says; the rest is presumed from silence.

    Source: the repeat-window definition (QueueMetrics, seven days), counted by need.
    """
    unresolved = ~pl.col("trigger_resolved").fill_null(True)
    came_back = pl.col("trigger_repeated") | pl.col("trigger_reopened")
    nobody = pl.col("trigger_id").is_null()
    served = pl.col("served")

    return share(
        ~(came_back.fill_null(False) | unresolved),
        pending=not_yet_silent("trigger_touch_at", "trigger_window_seconds"),
        confirmed=pl.col("trigger_resolved"),
        excluded={
            "unidentified": UNIDENTIFIED,
            "served_unknown": nobody & served.is_null(),
            "not_served": nobody & ~served,
            "served_otherwise": nobody,
            "history_too_short": before_history(
                "trigger_started_at",
                "trigger_window_seconds",
                "trigger_source_since_at",
            ),
        },
    )
