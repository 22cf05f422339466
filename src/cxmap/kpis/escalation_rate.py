"""Escalation rate."""

import polars as pl

from cxmap.conditions import NO_CONTACT
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="lower",
    section="routing",
    inputs=("escalations",),
)
def escalation_rate() -> Measure:
    """Contacts that had to be escalated.

    Over inbound contacts, served or not. Escalated is what the export counts or
    dates as such: handed to a higher tier, to a supervisor, or raised in priority. A
    contact counts as never escalated only where its source tells of others that
    were, or says 0; the rest is left out, as are contacts merged into another.

    Source: escalations as the source system marks them.
    """
    return share(
        pl.col("escalations") > 0,
        among=pl.col("inbound"),
        excluded={"merged_or_spam": NO_CONTACT},
    )
