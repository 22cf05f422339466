"""Hold rate."""

import polars as pl

from cxmap.conditions import SERVED
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="lower",
    section="routing",
    inputs=("hold_seconds",),
)
def hold_rate() -> Measure:
    """Calls in which the customer was put on hold.

    Over served inbound calls. However short the hold: how long is the friction's.
    Calls whose export does not tell hold are left out: not saying is not the same as
    never. A voicemail holds nobody and is not in the population.

    Source: SQM; held contacts as in Amazon Connect.
    """
    by_phone = pl.col("channel_group") == "voice"
    message = pl.col("channel").eq_missing(pl.lit("voicemail"))

    return share(
        pl.col("hold_seconds") > 0,
        among=pl.col("inbound") & by_phone & ~message & SERVED,
    )
