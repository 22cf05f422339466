"""Contacts in business time: whose hours they fall under, and what passed in them."""

import polars as pl

from cxmap.hours import held_seconds, is_open, schedule_at, with_schedules
from cxmap.options import Hours


def with_hours(
    contacts: pl.DataFrame, events: pl.DataFrame, *, hours: Hours
) -> pl.DataFrame:
    """Return the contacts with what the opening hours say of them.

    That is `schedules`, `in_hours`, `answered_in_hours`, and
    `first_response_business_seconds` where the export does not give it. `events` are
    the table events: with the team that has a case its schedule changes. Of a contact
    of which only the day is told nobody knows whether it came in opening hours.
    """
    known = with_schedules(contacts, events, hours, key=["contact_id"])
    said = pl.col("started_at") + pl.duration(seconds=pl.col("first_response_seconds"))
    answered = known.with_columns(answer=pl.coalesce("first_response_at", said))
    took = held_seconds(answered, "started_at", "answer", hours)
    told = answered.with_columns(
        took=took,
        began_under=schedule_at(answered, "started_at"),
        answered_under=schedule_at(answered, "answer"),
    )
    dated = pl.col("time_precision").ne_missing("day")

    return told.with_columns(
        first_response_business_seconds=pl.coalesce(
            "first_response_business_seconds", "took"
        ),
        in_hours=pl.when(dated).then(
            is_open(pl.col("started_at"), hours, pl.col("began_under"))
        ),
        answered_in_hours=pl.when(dated).then(
            is_open(pl.col("answer"), hours, pl.col("answered_under"))
        ),
    ).drop("answer", "took", "began_under", "answered_under")
