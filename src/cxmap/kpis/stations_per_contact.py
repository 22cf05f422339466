"""Stations per contact."""

import polars as pl

from cxmap.conditions import NO_CONTACT, SERVED
from cxmap.definitions import Measure, kpi
from cxmap.measures import mean


@kpi(
    over="contacts",
    unit="count",
    better="lower",
    section="routing",
    inputs=("stations",),
)
def stations_per_contact() -> Measure:
    """How many people or teams a contact passes through, one after the other.

    The mean over served inbound contacts. One is best: whoever takes a contact is
    its first station, each hand-over adds one, and a return counts again. So a lone
    person makes one station and no hand-over, however often they write. Contacts
    whose export tells neither stations nor transfers are left out, and so are those
    merged into another.

    Source: Zendesk, assignee stations.
    """
    return mean(
        pl.col("stations"),
        among=pl.col("inbound") & SERVED,
        excluded={"merged_or_spam": NO_CONTACT},
    )
