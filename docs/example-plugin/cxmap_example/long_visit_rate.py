"""Long visit rate."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import seconds, seconds_between
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="lower",
    section="speed",
    inputs=("ended_at",),
)
def long_visit_rate(*, longest: timedelta = timedelta(minutes=30)) -> Measure:
    """Visitors who were in the branch for longer than they should be.

    Over inbound contacts in person: those that took more than `longest`; exactly so
    long is still in order. A visit whose end nobody wrote down is left out.

    Source: cxmap-example's own.
    """
    return share(
        seconds_between("started_at", "ended_at") > seconds(longest),
        among=pl.col("inbound") & (pl.col("channel") == "in_person"),
    )
