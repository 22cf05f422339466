"""What happened inside contacts, by their events: answers, waits, silences."""

import polars as pl

from cxmap.names import LIVE_GROUPS
from cxmap.options import Hours
from cxmap.sources import conversation, states
from cxmap.sources.channels import channel_group
from cxmap.sources.clock import clock_of
from cxmap.sources.touches import CASE

TOLD = (*conversation.TOLD, *states.TOLD)
"""Columns of contacts that their events tell."""


def with_inside(
    contacts: pl.DataFrame, events: pl.DataFrame, *, hours: Hours
) -> pl.DataFrame:
    """Return `contacts` (source, source_contact_id, tables.FACTS) with what events say.

    `events` are event_records of these contacts, with `taken_down`; business time
    runs in those of the `hours` that each falls under. Null wherever the events do not
    tell; what the export says itself wins.
    """
    placed = contacts.with_row_index("place")
    known = placed.select(
        "place",
        *CASE,
        "started_at",
        "first_response_at",
        "resolved_at",
        "closed_at",
        "agent_messages",
        "status",
        outbound=(pl.col("direction") == "outbound").fill_null(value=False),
        live=channel_group(pl.col("channel")).is_in(LIVE_GROUPS),
    )
    here = events.join(known.select("place", *CASE), on=CASE)
    if here.is_empty():
        return contacts.with_columns(first_resolution_seconds=_first_resolution())

    clock = clock_of(placed, events, hours)
    said = conversation.conversations(here, known, clock=clock)
    stood = states.states(here, known, clock=clock)
    both = said.join(stood, on="place", how="full", coalesce=True).rename(
        {name: f"told_{name}" for name in TOLD}
    )
    told = placed.join(both, on="place", how="left", maintain_order="left")
    filled = told.with_columns(
        first_response_seconds=_first_response(),
        **{name: pl.coalesce(name, f"told_{name}") for name in TOLD},
    )

    return filled.with_columns(first_resolution_seconds=_first_resolution()).select(
        contacts.columns
    )


def _first_response() -> pl.Expr:
    """The wait for the first answer, if the customer had to ask for it once more."""
    own, answered = pl.col("first_response_at"), pl.col("answered_at_told")
    theirs = own.is_null() | (own == answered)
    again = pl.coalesce("asked_again_at", "told_asked_again_at")
    waited = pl.when(theirs).then((answered - again).dt.total_seconds())

    return pl.coalesce("first_response_seconds", waited)


def _first_resolution() -> pl.Expr:
    """The time to the first solve: of a case never reopened that is the last one."""
    solved = [
        (pl.col(name) - pl.col("started_at")).dt.total_seconds()
        for name in ("resolved_at", "closed_at")
    ]
    took = pl.coalesce("resolution_seconds", *solved)
    only = pl.when((pl.col("reopens") == 0) & (took >= 0)).then(took)

    return pl.coalesce("first_resolution_seconds", only)
