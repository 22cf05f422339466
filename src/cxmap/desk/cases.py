"""Our own figures of each case of a source, whatever contacts it was cut into."""

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from cxmap.hours import held_seconds
from cxmap.options import Hours

Tables = Mapping[str, pl.DataFrame]

CUT = "#"
"""What parts a case's number from that of a further contact of it."""

ADDED_UP = MappingProxyType(
    {
        "reopens": "reopens",
        "transfers": "transfers",
        "answers": "agent_messages",
        "questions": "customer_messages",
        "queue": "queue_seconds",
        "talk": "talk_seconds",
        "hold": "hold_seconds",
        "wrap_up": "wrap_up_seconds",
    }
)
"""Ours that add up over the contacts of a case."""

OURS = (
    "first_response",
    "first_response_business",
    "resolution",
    "resolution_business",
    "people",
    *ADDED_UP,
)
"""What can be compared; times in seconds."""


def cases(tables: Tables, sources: list[str], hours: Hours) -> pl.DataFrame:
    """Return one row a case of the sources: `key`, OURS, and what explains them.

    contact_id and journey_id of its first contact; pieces: its contacts; updated_at:
    our last version of it; horizon_at: up to when its source is held; machine: from
    the start to the first public message of a bot or the system; machines: how many
    there are. Null where no export tells. Business time runs in the hours that its
    first contact fell under.
    """
    number = pl.col("source_contact_id").str.split(CUT).list.first()
    own = tables["contacts"].filter(pl.col("source").is_in(sources))
    ordered = own.with_columns(key=number).sort("source", "key", "started_at")
    first_answer, solved = pl.col("first_response_at"), pl.col("resolved_at")
    whole = ordered.group_by("source", "key", maintain_order=True).agg(
        pl.col("contact_id", "journey_id", "started_at").first(),
        pieces=pl.len().cast(pl.Int64),
        updated_at=pl.col("updated_at").max(),
        horizon_at=pl.col("source_horizon_at").max(),
        answered_at=first_answer.min(),
        solved_at=solved.max(),
        people=pl.col("agents").max(),
        schedules=pl.col("schedules").first(),
        **{name: _sum(column) for name, column in ADDED_UP.items()},
    )
    start = pl.col("started_at")
    timed = whole.with_columns(
        first_response=_between(start, pl.col("answered_at")),
        resolution=_between(start, pl.col("solved_at")),
        first_response_business=held_seconds(whole, "started_at", "answered_at", hours),
        resolution_business=held_seconds(whole, "started_at", "solved_at", hours),
    ).drop("schedules")

    return timed.join(
        _machines(tables["events"], ordered, whole), on=["source", "key"], how="left"
    ).with_columns(pl.col("machines").fill_null(0))


def _sum(column: str) -> pl.Expr:
    """Return the sum of what is told; null where nothing is."""
    told = pl.col(column)
    return pl.when(told.count() > 0).then(told.sum())


def _between(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    seconds = (end - start).dt.total_seconds()
    return pl.when(seconds >= 0).then(seconds)


def _machines(
    events: pl.DataFrame, contacts: pl.DataFrame, whole: pl.DataFrame
) -> pl.DataFrame:
    """Return when a machine first wrote to the customer of each case, and how often."""
    wrote = (
        (pl.col("event_type") == "message_sent")
        & pl.col("public").fill_null(value=True)
        & pl.col("actor_type").is_in(["bot", "system"])
    )
    begun = whole.select("source", "key", begun_at="started_at")
    told = (
        events.filter(wrote)
        .select("contact_id", "at")
        .join(contacts.select("contact_id", "source", "key"), on="contact_id")
        .join(begun, on=["source", "key"])
    )

    return told.group_by("source", "key").agg(
        machine=_between(pl.col("begun_at"), pl.col("at")).min(),
        machines=pl.len().cast(pl.Int64),
    )
