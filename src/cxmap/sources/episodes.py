"""Cases become contacts: one a channel group until it is solved.

A case (a ticket, a conversation) may hold several contacts. Its public messages say
which: what the customer writes on one channel group belongs to one contact until the
case is solved; what comes within the reopening time after that reopens it, what comes
later is a new one. Silence never splits a pending case, except on channels that are
live (a chat ends when both have left it) and in threads that are never solved.
"""

from dataclasses import dataclass

import polars as pl

from cxmap.names import LIVE_GROUPS
from cxmap.sources.channels import channel_group, inbound
from cxmap.sources.takeover import contacts_of, inherited
from cxmap.sources.touches import (
    CASE,
    Cases,
    numbered,
    ranked,
    scheduled,
    solves,
    taken_down,
    told,
    touches,
)
from cxmap.tables import CONTACT_RECORDS


@dataclass(frozen=True)
class Cut:
    """Contacts instead of cases, and which contacts each case became."""

    contacts: pl.DataFrame
    """As given, cases with messages replaced by their contacts."""
    parts: pl.DataFrame
    """`source`, `source_contact_id` of a case, `part_id` of each contact it became
    (or that stands for it) and `began_at`; cases that stayed whole are not listed."""
    messages: pl.DataFrame
    """`event`, the place among the events given of each public message of a case,
    `part_id` of the contact that holds it and whether it was `taken_down`."""


def cut_cases(
    contacts: pl.DataFrame,
    cases: pl.DataFrame,
    events: pl.DataFrame,
    *,
    rules: Cases,
) -> Cut:
    """Return `contacts` (source, source_contact_id and tables.FACTS) cut by messages.

    `cases` are `source`, `source_contact_id` and `idle_seconds` (null: never) of the
    contacts that are cases; `events` the event records, in which every public
    `message_sent` is a touch. The first contact of a case keeps its number, the
    others are `number#2`, `number#3` in order of their start; all name the case. A
    case without messages stays one contact, unless a call or chat of its own
    stands for it.
    """
    if cases.is_empty():
        return Cut(contacts, _no_parts(), _no_messages())

    contacts = _with_case(contacts, cases)
    whole = contacts.join(cases, on=CASE, how="inner")
    solved = solves(events, whole)
    placed = events.with_row_index("event")
    messages = scheduled(
        numbered(touches(placed, whole), solved, rules), whole, events, rules
    )
    live = _live(contacts, cases)
    held = told(messages, rules).join(
        live, on=["source", "case_id", "group"], how="anti"
    )
    parts = ranked(held)
    alone = whole.join(parts, on=CASE, how="anti")
    stood_for = alone.with_columns(group=channel_group(pl.col("channel"))).join(
        live, on=["source", "case_id", "group"], how="semi"
    )
    made = contacts_of(parts, whole, solved)
    kept = contacts.join(
        pl.concat([parts.select(CASE).unique(), stood_for.select(CASE)]),
        on=CASE,
        how="anti",
    )
    kept = inherited(kept, stood_for)

    return Cut(
        pl.concat([kept, made.select(kept.columns)]),
        pl.concat(
            [
                parts.select(*CASE, "part_id", began_at="started_at"),
                _standing_for(stood_for, contacts.join(cases, on=CASE, how="anti")),
            ]
        ),
        messages.join(parts.select("number", "part_id"), on="number").select(
            "event", "part_id", taken_down=taken_down()
        ),
    )


def _standing_for(cases: pl.DataFrame, calls: pl.DataFrame) -> pl.DataFrame:
    """The contacts that stand for cases without messages, as `Cut.parts`."""
    named = calls.filter(inbound()).select(
        "source",
        "case_id",
        part_id="source_contact_id",
        began_at="started_at",
        group=channel_group(pl.col("channel")),
    )
    return cases.join(named, on=["source", "case_id", "group"]).select(
        *CASE, "part_id", "began_at"
    )


def _no_parts() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "source": pl.String(),
            "source_contact_id": pl.String(),
            "part_id": pl.String(),
            "began_at": CONTACT_RECORDS["started_at"][0],
        }
    )


def _no_messages() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "event": pl.get_index_type(),
            "part_id": pl.String(),
            "taken_down": pl.Boolean(),
        }
    )


def _with_case(contacts: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """The contacts, those that are cases named as such."""
    own = pl.concat_str("source", pl.lit(":"), "source_contact_id")
    marked = cases.select(*CASE, case=pl.lit(value=True))
    named = pl.when("case").then(pl.coalesce("case_id", own)).otherwise("case_id")

    return (
        contacts.join(marked, on=CASE, how="left", maintain_order="left")
        .with_columns(case_id=named)
        .drop("case")
    )


def _live(contacts: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """Which channel groups of a case have live contacts of their own."""
    return (
        contacts.join(cases, on=CASE, how="anti")
        .drop_nulls("case_id")
        .filter(inbound())
        .select("source", "case_id", group=channel_group(pl.col("channel")))
        .filter(pl.col("group").is_in(LIVE_GROUPS))
        .unique()
    )
