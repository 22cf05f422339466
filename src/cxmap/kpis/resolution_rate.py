"""Resolution rate."""

import polars as pl

from cxmap.conditions import NO_CONTACT, SERVED, UNIDENTIFIED, not_yet_silent
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="higher",
    section="resolution",
    inputs=("resolved|served",),
)
def resolution_rate() -> Measure:
    """Contacts that settled what the customer came for.

    Over inbound contacts. Resolved is what a status, a disposition or a survey
    confirms, or what silence after a person's answer lets us presume: nothing repeats
    the contact and nobody reopens it within the repeat window. Until that has passed
    a contact of which nothing is said is pending. One that nobody served is not
    resolved, however quiet the customer is; of one that a bot or a menu ended in
    silence nothing can be presumed, and it is left out as `contained_unknown`.

    Where nothing is said, unidentified contacts are left out: nobody can tell whether
    that customer came back.

    Source: resolved ÷ contacts, with confirmed and presumed kept apart.
    """
    said = pl.col("resolved").is_not_null()
    came_back = (pl.col("repeated") | pl.col("reopened")).fill_null(False)
    machine = (pl.col("channel_group") == "digital_self") & pl.col("agent_id").is_null()
    silent = ~said & SERVED.fill_null(False)

    return share(
        pl.when(said).then("resolved").otherwise(SERVED & ~came_back),
        among=pl.col("inbound"),
        pending=silent & not_yet_silent("last_touch_at", "repeat_window_seconds"),
        confirmed=pl.col("resolved"),
        excluded={
            "merged_or_spam": NO_CONTACT,
            "served_unknown": ~said & SERVED.is_null(),
            "contained_unknown": silent & machine,
            "unidentified": silent & UNIDENTIFIED,
        },
    )
