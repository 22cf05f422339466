"""Comparable topic share."""

import polars as pl

from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="higher",
    section="coverage",
    shown="card",
)
def comparable_topic_share() -> Measure:
    """Contacts whose topic can be compared with that of other channels.

    Over all inbound contacts: those with a place in the topic tree. Without one,
    whether two contacts are about the same need is judged by time alone.

    Source: cxmap's own.
    """
    return share(pl.col("topic").is_not_null(), among=pl.col("inbound"))
