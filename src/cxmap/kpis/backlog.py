"""Backlog."""

import polars as pl

from cxmap.conditions import CASE_GONE, CASE_TOLD, NO_CONTACT, WRITTEN, still_open
from cxmap.definitions import Measure, kpi
from cxmap.measures import count


@kpi(
    over="contacts",
    unit="count",
    better="lower",
    section="speed",
    shown="card",
    membership="stock",
    inputs=("status|resolved_at|closed_at",),
)
def backlog() -> Measure:
    """Cases still open when the period ended, however long ago they began.

    Of the inbound written, messaging and social contacts that began before the end
    of the period, those neither solved nor closed before it. One solved earlier but
    open today was reopened and counts. What has happened since the last export is
    not known: a case counts as open until an export says otherwise. Cases of which
    no export tells a status are left out, merged and deleted ones too.

    Source: cxmap's own: cases still open, counted at the end of the period.
    """
    return count(
        pl.when(CASE_TOLD).then(still_open("until_at")),
        among=pl.col("inbound") & WRITTEN,
        excluded={"merged_or_spam": NO_CONTACT | CASE_GONE},
    )
