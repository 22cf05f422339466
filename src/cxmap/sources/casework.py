"""Cases among the records: which rows are cases, and what belongs to their contacts."""

from collections.abc import Mapping

import polars as pl

from cxmap.names import DONE
from cxmap.sources.episodes import Cut
from cxmap.sources.profile import Profile, parts
from cxmap.sources.touches import CASE, COURTESY_WITHIN
from cxmap.tables import empty

STATED = (*DONE, "reopened", "status_changed")
HELD = ("assigned", "transferred")
"""Events that tell by their value which state, and which holder, a case came to."""


def cases_in(records: pl.DataFrame, profiles: Mapping[str, Profile]) -> pl.DataFrame:
    """Return the contacts whose rows describe cases, and their patience."""
    found = [
        empty("contact_records")
        .select(CASE)
        .with_columns(idle_seconds=pl.lit(None, pl.Int64))
    ]
    for source, profile in sorted(profiles.items()):
        for name, part in parts(profile).items():
            if part.case:
                of_part = (pl.col("source") == source) & (pl.col("part") == name)
                idle = None if part.idle_hours is None else part.idle_hours * 3600
                found.append(
                    records.filter(of_part).select(
                        *CASE, idle_seconds=pl.lit(idle, pl.Int64)
                    )
                )

    return pl.concat(found).unique(CASE, keep="first", maintain_order=True)


def counted(
    contacts: pl.DataFrame, events: pl.DataFrame, told: pl.DataFrame
) -> pl.DataFrame:
    """The contacts with reopens and hand-overs counted where nobody counts them.

    `told` are contacts of which every version is held: no event means none there,
    as in one whose events name its states, or its holders, one after the other.
    """
    kind, valued = pl.col("event_type"), pl.col("to_value").is_not_null()
    counted = events.group_by(CASE).agg(
        reopens_seen=(kind == "reopened").sum(),
        transfers_seen=(kind == "transferred").sum(),
        reopens_told=(kind.is_in(STATED) & valued).any(),
        transfers_told=(kind.is_in(HELD) & valued).any(),
    )
    rows = contacts.join(counted, on=CASE, how="left", maintain_order="left").join(
        told.with_columns(told=pl.lit(value=True)),
        on=CASE,
        how="left",
        maintain_order="left",
    )
    none = pl.lit(0, pl.Int64)
    seen = {
        name: pl.coalesce(
            name,
            pl.when(pl.col(f"{name}_seen") > 0).then(f"{name}_seen"),
            pl.when("told").then(none),
            pl.when(f"{name}_told").then(none),
        ).cast(pl.Int64)
        for name in ("reopens", "transfers")
    }

    return rows.with_columns(**seen).select(contacts.columns)


def without_thanks(events: pl.DataFrame) -> pl.DataFrame:
    """The events, a reopening by a thank-you told as a mere change of status.

    The customer wrote, it was solved again within a day, and nobody wrote back after
    the solve before. Only where the case shows messages of both sides.
    """
    rows = events.with_row_index("event")
    reopened = rows.filter(pl.col("event_type") == "reopened")
    if reopened.is_empty():
        return events
    told = rows.join(reopened.select(CASE).unique(), on=CASE, how="semi")
    thanks = _solved_again(told).select("event", thanks=pl.lit(value=True))
    rows = rows.join(thanks, on="event", how="left", maintain_order="left")
    state = pl.coalesce("to_value", pl.lit("open"))

    return rows.with_columns(
        event_type=pl.when("thanks")
        .then(pl.lit("status_changed"))
        .otherwise("event_type"),
        to_value=pl.when("thanks").then(state).otherwise("to_value"),
    ).select(events.columns)


def _solved_again(events: pl.DataFrame) -> pl.DataFrame:
    """The reopenings after which the customer wrote, and nobody before the solve."""
    kind, since = pl.col("event_type"), pl.col("solved_at")
    said = (kind == "message_sent") & pl.col("public").fill_null(value=True)
    asked = (pl.col("actor_type") == "customer").fill_null(value=False)
    stated = (kind == "status_changed") & pl.col("to_value").is_in(DONE)
    solves = _moments(events, kind.is_in(DONE) | stated, "solved_at")
    reopened = events.filter(kind == "reopened").select("event", *CASE, "at")
    placed = _beside(reopened.sort("at"), solves).join_asof(
        solves.select(*CASE, at="solved_at", again_at="solved_at"),
        on="at",
        by=list(CASE),
        strategy="forward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    soon = pl.col("again_at") - pl.col("at") <= COURTESY_WITHIN
    placed = placed.filter(soon).with_columns(at="again_at").sort("at")
    placed = _beside(placed, _moments(events, said & asked, "asked_at"))
    placed = _beside(placed, _moments(events, said & ~asked, "replied_at"))

    return placed.filter(pl.col("asked_at") >= since, pl.col("replied_at") <= since)


def _moments(events: pl.DataFrame, which: pl.Expr, name: str) -> pl.DataFrame:
    """When it happened in each case, in order."""
    return (
        events.filter(which)
        .select(*CASE, pl.col("at").alias(name))
        .drop_nulls()
        .unique()
        .sort(name)
    )


def _beside(rows: pl.DataFrame, moments: pl.DataFrame) -> pl.DataFrame:
    """The rows, each with the last of its case's moments up to then."""
    dated = moments.with_columns(at=moments.columns[-1])
    return rows.join_asof(dated, on="at", by=list(CASE), check_sortedness=False)


def by_name(events: pl.DataFrame, teams: pl.DataFrame) -> pl.DataFrame:
    """The events, hand-overs between teams told by their names instead of codes.

    `teams` are `source`, `key` and `name`; a value that is no code stays as it is.
    """
    if teams.is_empty():
        return events
    handed = pl.col("event_type").is_in(HELD)
    for column in ("from_value", "to_value"):
        named = teams.select("source", pl.col("key").alias(column), team="name")
        joined = events.join(
            named, on=["source", column], how="left", maintain_order="left"
        )
        spelt = pl.when(handed).then(pl.coalesce("team", column)).otherwise(column)
        events = joined.with_columns(spelt.alias(column)).drop("team")

    return events


def shared(identifiers: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
    """The identifiers, those of a case given to each of its contacts."""
    if pieces.is_empty():
        return identifiers
    of_case = pieces.select(
        "source", pl.col("source_contact_id").alias("owner_id"), "part_id"
    ).with_columns(owner=pl.lit("contact"))
    whose = ["source", "owner", "owner_id"]
    spread = identifiers.join(of_case, on=whose, how="left", maintain_order="left")

    return spread.with_columns(owner_id=pl.coalesce("part_id", "owner_id")).drop(
        "part_id"
    )


def moved(events: pl.DataFrame, made: Cut) -> pl.DataFrame:
    """The events with `taken_down`, those of a case given to one of its contacts.

    A message is its own contact's; anything else that of the one that began last
    before. `made` says what was made of the cases of these very events.
    """
    if made.parts.is_empty():
        return events.with_columns(taken_down=pl.lit(None, pl.Boolean))
    firsts = (
        made.parts.sort(*CASE, "began_at")
        .unique(CASE, keep="first", maintain_order=True)
        .select(*CASE, first_id="part_id")
    )
    begun = made.parts.sort("began_at").select(*CASE, begun_id="part_id", at="began_at")
    placed = (
        events.with_row_index("event")
        .join(made.messages, on="event", how="left", maintain_order="left")
        .sort("at")
        .join_asof(begun, on="at", by=list(CASE), check_sortedness=False)
        .join(firsts, on=CASE, how="left", maintain_order="left")
    )

    begun_in = pl.coalesce("part_id", "begun_id")
    later = (begun_in != pl.col("source_contact_id")).fill_null(value=False)
    own = pl.coalesce(begun_in, "first_id", "source_contact_id")
    rows = placed.with_columns(later=later, source_contact_id=own)
    over = pl.col("event_type").is_in(DONE)
    solved_at = pl.when(over).then("at").min().over(CASE)
    # What reopened the case began this contact, which nobody had solved before.
    began = (pl.col("event_type") == "reopened") & pl.col("later")
    fresh = began & ~(solved_at <= pl.col("at")).fill_null(value=False)
    kind = pl.when(fresh).then(pl.lit("status_changed")).otherwise("event_type")

    return rows.select(
        *(kind.alias(n) if n == "event_type" else n for n in events.columns),
        "taken_down",
    )
