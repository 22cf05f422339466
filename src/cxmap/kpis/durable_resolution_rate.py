"""Durable resolution rate."""

import polars as pl

from cxmap.conditions import NO_CONTACT, UNIDENTIFIED, not_yet_silent
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="higher",
    section="resolution",
    inputs=("customer_id", "resolved_by_export"),
)
def durable_resolution_rate() -> Measure:
    """Contacts called resolved after which nothing more was needed.

    Over the inbound contacts that their export calls resolved, by status or
    disposition: those that nothing repeats within the repeat window, that were not
    reopened, and of which no survey says the contrary. Pending until the window has
    passed; unidentified contacts are left out, for nobody can tell whether that
    customer came back.

    Source: Chatwoot, durable resolutions, over all channels.
    """
    came_back = (pl.col("repeated") | pl.col("reopened")).fill_null(False)
    denied = ~pl.col("resolved").fill_null(True)

    return share(
        ~(came_back | denied),
        among=pl.col("inbound") & pl.col("resolved_by_export"),
        pending=not_yet_silent("last_touch_at", "repeat_window_seconds"),
        excluded={"merged_or_spam": NO_CONTACT, "unidentified": UNIDENTIFIED},
    )
