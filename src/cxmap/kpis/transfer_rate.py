"""Transfer rate."""

import polars as pl

from cxmap.conditions import SERVED
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="lower",
    section="routing",
    shown="card",
    inputs=("transfers",),
)
def transfer_rate() -> Measure:
    """Served contacts that were handed on at least once.

    A transfer is a hand-over between people or teams after the first person; from a
    menu or bot to a person is none. Contacts whose export does not count transfers
    are left out: not saying is not the same as never.

    Source: SQM.
    """
    return share(
        pl.col("transfers") > 0,
        among=pl.col("inbound") & SERVED,
    )
