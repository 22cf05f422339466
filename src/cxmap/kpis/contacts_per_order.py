"""Contacts per order."""

import polars as pl

from cxmap.definitions import Measure, kpi
from cxmap.measures import ratio


@kpi(
    over="demand",
    unit="count",
    better="lower",
    section="resolution",
    at="at",
    inputs=("contacts", "orders"),
)
def contacts_per_order() -> Measure:
    """How many contacts the company causes with each order it takes.

    The inbound contacts that began in the period by the orders placed in it, whoever
    called about which: contacts grow with sales, and this number need not. Orders
    without a time are not counted. By channel, topic or team it says little, since an
    order has its own channel and neither topic nor team.

    Source: Price and Jaffe, contacts per X.
    """
    return ratio(pl.col("contacts").fill_null(0), pl.col("orders").fill_null(0))
