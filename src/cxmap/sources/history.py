"""What changed from one version of a row to the next: snapshots become events."""

from collections.abc import Mapping

import polars as pl

from cxmap.names import DONE
from cxmap.records import KEY, VERSION
from cxmap.sources.profile import Profile, parts
from cxmap.sources.urgency import raised
from cxmap.tables import conform, empty

GONE = ("merged", "deleted")

INSTANT = "%Y-%m-%dT%H:%M:%SZ"

HANDED_OVER = ("team", "queue", "agent_id")
"""Columns whose change is a hand-over; several at once are one."""


def history(records: pl.DataFrame, profiles: Mapping[str, Profile]) -> pl.DataFrame:
    """Return event_records: what the versions of rows say by their differences.

    `records` are contact_records in all versions held. For the parts of `profiles`
    (by source) that declare a `history`, a status that changes is `solved`,
    `closed`, `reopened` or `status_changed`, a change of who has it `transferred`
    (`assigned` for the first), one of priority `escalated` where it is raised, else
    `priority_changed`, and a new deadline `promised`. Each happened when its version
    says. The same version in two loads counts once.
    """
    told = [
        _told(records, source, name, part.history)
        for source, profile in sorted(profiles.items())
        for name, part in parts(profile).items()
        if part.history
    ]

    return pl.concat([empty("event_records"), *told])


def completed(events: pl.DataFrame) -> pl.DataFrame:
    """Return event_records, changes told by their new value alone made whole.

    A `status_changed` without `from_value` comes from the status before it, and is
    `solved`, `closed` or `reopened` where it is that. An `assigned` without one is a
    `transferred` where somebody else had it before; several at one instant are one.
    A `priority_changed` comes from the one before, too, and is `escalated` where it
    raises the priority, and was not set to another at the same instant.
    """
    return _raises(_linked(events))


def _linked(events: pl.DataFrame) -> pl.DataFrame:
    """The events, changes of status and of who has it made whole."""
    bare = pl.col("from_value").is_null() & pl.col("to_value").is_not_null()
    statuses = bare & (pl.col("event_type") == "status_changed")
    holders = bare & (pl.col("event_type") == "assigned")
    told = events.filter(statuses | holders)
    if told.is_empty():
        return events

    rest = events.filter(~(statuses | holders).fill_null(value=False))
    whose = ["source", "source_contact_id"]
    ordered = told.sort(*whose, "event_type", "at", "record_key", "content")
    same = ~pl.struct(*whose, "event_type").is_first_distinct()
    before = pl.when(same).then(pl.col("to_value").shift())
    linked = ordered.with_columns(
        from_value=before, same=same, was=pl.col("at").shift()
    )
    changed = pl.col("from_value").ne_missing(pl.col("to_value"))
    over, was_over = (pl.col(n).is_in(DONE) for n in ("to_value", "from_value"))
    moved = pl.col("same") & (pl.col("at") > pl.col("was"))
    holder = pl.col("event_type") == "assigned"
    kind = (
        pl.when(holder & moved & changed)
        .then(pl.lit("transferred"))
        .when(holder)
        .then(pl.lit("assigned"))
        .when(over & ~was_over.fill_null(value=False))
        .then(pl.col("to_value"))
        .when(was_over & ~over & ~pl.col("to_value").is_in(GONE))
        .then(pl.lit("reopened"))
        .otherwise(pl.lit("status_changed"))
    )
    whole = linked.with_columns(event_type=kind).filter(changed | holder)

    return pl.concat([rest, whole.select(events.columns)])


def _raises(events: pl.DataFrame) -> pl.DataFrame:
    """The events, changes of priority that raise it told as `escalated`."""
    valued = pl.col("to_value").is_not_null()
    changes = (pl.col("event_type") == "priority_changed") & valued
    told = events.filter(changes)
    if told.is_empty():
        return events

    whose = ["source", "source_contact_id"]
    ordered = told.sort(*whose, "at", "record_key", "content")
    same = ~pl.struct(whose).is_first_distinct()
    earlier = same & (pl.col("at") > pl.col("at").shift())
    before = pl.when(same).then(pl.col("to_value").shift())
    linked = ordered.with_columns(
        apart=pl.col("from_value").is_not_null() | earlier,
        from_value=pl.coalesce("from_value", before),
    )
    higher = pl.col("apart") & raised(pl.col("from_value"), pl.col("to_value"))
    whole = linked.with_columns(
        event_type=pl.when(higher)
        .then(pl.lit("escalated"))
        .otherwise(pl.lit("priority_changed"))
    )
    rest = events.filter(~changes.fill_null(value=False))

    return pl.concat([rest, whole.select(events.columns)])


def historic(records: pl.DataFrame, profiles: Mapping[str, Profile]) -> pl.DataFrame:
    """Return source and source_contact_id of contacts whose states versions tell."""
    kept = [
        records.filter((pl.col("source") == source) & (pl.col("part") == name))
        for source, profile in sorted(profiles.items())
        for name, part in parts(profile).items()
        if "status" in part.history
    ]
    named = [rows.select("source", "source_contact_id") for rows in kept]
    nothing = empty("contact_records").select("source", "source_contact_id")

    return pl.concat([nothing, *named]).unique()


def _told(
    records: pl.DataFrame, source: str, part: str, columns: tuple[str, ...]
) -> pl.DataFrame:
    in_order = [*KEY, *VERSION]
    own = records.filter((pl.col("source") == source) & (pl.col("part") == part))
    if columns == ("priority",):  # which a first version cannot have raised
        own = own.filter(pl.col("record_key").is_duplicated())
    versions = (
        own.sort(in_order)
        .unique([*KEY, *VERSION[:3]], keep="first", maintain_order=True)
        .with_columns(at="version_at")
        .drop_nulls("at")
    )
    same = ~pl.struct(KEY).is_first_distinct()
    handed = [name for name in HANDED_OVER if name in columns]
    events = []
    if "status" in columns:
        events.append(_statuses(versions, same))
    if handed:
        events.append(_hand_overs(versions, same, handed))
    if "priority" in columns:
        events.append(_priorities(versions, same))
    if "due_at" in columns:
        events.append(_promises(versions, same))

    return pl.concat(
        [conform(rows, "event_records") for rows in events] or [empty("event_records")]
    )


def _statuses(versions: pl.DataFrame, same: pl.Expr) -> pl.DataFrame:
    known = versions.drop_nulls("status")
    now, before = pl.col("status"), pl.when(same).then(pl.col("status").shift())
    over, was_over = now.is_in(DONE), before.is_in(DONE)
    kind = (
        pl.when(over & ~was_over.fill_null(value=False))
        .then(now)
        .when(was_over & ~over & ~now.is_in(GONE))
        .then(pl.lit("reopened"))
        .when(before.is_not_null())
        .then(pl.lit("status_changed"))
    )
    changed = known.with_columns(event_type=kind, from_value=before, to_value=now)
    moved = pl.col("from_value").ne_missing(pl.col("to_value"))

    return _named(changed.filter(moved & pl.col("event_type").is_not_null()), "status")


def _priorities(versions: pl.DataFrame, same: pl.Expr) -> pl.DataFrame:
    """Rows whose priority changed; what a version leaves blank stays as it was."""
    known = versions.drop_nulls("priority")
    now, before = pl.col("priority"), pl.when(same).then(pl.col("priority").shift())
    changed = known.with_columns(from_value=before, to_value=now)
    higher = raised(pl.col("from_value"), pl.col("to_value"))
    kind = pl.when(higher).then(pl.lit("escalated"))
    told = changed.filter(pl.col("from_value") != pl.col("to_value")).with_columns(
        event_type=kind.otherwise(pl.lit("priority_changed"))
    )

    return _named(told, "priority")


def _promises(versions: pl.DataFrame, same: pl.Expr) -> pl.DataFrame:
    """Rows with a deadline that the one before did not have, as an ISO instant."""
    known = versions.drop_nulls("due_at").with_columns(
        event_type=pl.lit("promised"),
        from_value=pl.lit(None, pl.String),
        to_value=pl.col("due_at").dt.strftime(INSTANT),
    )
    before = pl.when(same).then(pl.col("due_at").shift())

    return _named(known.filter(before.ne_missing(pl.col("due_at"))), "deadline")


def _hand_overs(
    versions: pl.DataFrame, same: pl.Expr, columns: list[str]
) -> pl.DataFrame:
    """Rows whose holder changed; what a version leaves blank stays as it was."""
    numbered = versions.with_columns(run=(~same).cum_sum())
    held = numbered.with_columns(
        pl.col(name).forward_fill().over("run") for name in columns
    )
    before = {name: pl.when(same).then(pl.col(name).shift()) for name in columns}
    moved = [pl.col(n).ne_missing(before[n]) & pl.col(n).is_not_null() for n in columns]
    known = [before[name].is_not_null() for name in columns]
    first = columns[0]

    changed = held.with_columns(
        moved=pl.any_horizontal(moved),
        event_type=pl.when(
            pl.any_horizontal(m & k for m, k in zip(moved, known, strict=True))
        )
        .then(pl.lit("transferred"))
        .otherwise(pl.lit("assigned")),
        from_value=before[first],
        to_value=pl.col(first),
    )

    return _named(changed.filter("moved"), "holder")


def _named(events: pl.DataFrame, what: str) -> pl.DataFrame:
    return events.with_columns(
        record_key=pl.concat_str(
            "record_key", pl.lit("\x1f"), "content", pl.lit(f"\x1f{what}")
        ),
        public=pl.lit(None, pl.Boolean),
        channel=pl.lit(None, pl.String),
        duration_seconds=pl.lit(None, pl.Int64),
    )
