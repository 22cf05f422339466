"""Channel switch rate."""

import polars as pl

from cxmap.conditions import UNIDENTIFIED
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="journeys",
    unit="share",
    better="lower",
    section="routing",
    shown="card",
    inputs=("customer_id",),
)
def channel_switch_rate() -> Measure:
    """Journeys that changed channel, among those with at least two contacts.

    A switch is a change of channel group: from a call to a call-back, or from
    e-mail to a web form, is none. Hops to outbound contacts never count. A journey
    of one contact cannot switch and is not in the population; open ones are
    pending.

    Source: SQM, CEB.
    """
    return share(
        pl.col("switches") > 0,
        among=pl.col("contacts") >= 2,
        pending=~pl.col("closed"),
        excluded={"unidentified": UNIDENTIFIED},
    )
