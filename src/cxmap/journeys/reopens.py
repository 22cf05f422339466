"""How soon after a solve a case was opened again, where the exports give the dates."""

import polars as pl

SOLVED = ("solved", "resolved")
"""Events that solve a case; a close does only where no solve came before it."""
CLOSED = "closed"
REOPENED = "reopened"

OF = "contact_id"
MOMENT = (OF, "at")


def with_reopens(contacts: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Return `contacts` with reopened_after_seconds, from tables.EVENTS `events`.

    The time from a solve to the reopening that came soonest after one. Null where
    nothing was reopened, and where the export counts a reopening that it does not
    date, or dates one whose solve it does not: then nobody can say that it came too
    late.
    """
    found = _gaps(contacts, events).group_by(OF)
    dated = found.agg(
        soonest=pl.col("gap").min(),
        dated=pl.col("gap").count(),
        undated=pl.col("gap").null_count(),
    )
    fresh = contacts.drop("reopened_after_seconds", strict=False)
    told = fresh.join(dated, on=OF, how="left", maintain_order="left")
    all_dated = (pl.col("undated") == 0) & (
        pl.col("dated") >= pl.col("reopens").fill_null(0)
    )

    return told.with_columns(
        reopened_after_seconds=pl.when(all_dated).then("soonest")
    ).drop("soonest", "dated", "undated")


def _gaps(contacts: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Return contact_id and gap of every dated reopening, in whole seconds."""
    kind = pl.col("event_type")
    reopenings = _in_order(events.filter(kind == REOPENED)).with_columns(
        last=pl.col("at").shift().over(OF)
    )
    solves = _moments(contacts, "resolved_at", events.filter(kind.is_in(SOLVED)))
    closes = _moments(contacts, "closed_at", events.filter(kind == CLOSED))
    for name, moments in (("solved", solves), ("closed", closes)):
        reopenings = reopenings.join_asof(
            moments.with_columns(pl.col("at").alias(name)),
            on="at",
            by=OF,
            check_sortedness=False,
        )
    since = [
        pl.when((pl.col(name) >= pl.col("last")).fill_null(value=True)).then(name)
        for name in ("solved", "closed")
    ]
    gap = pl.col("at") - pl.coalesce(since)

    return reopenings.select(OF, gap=gap.dt.total_seconds())


def _moments(contacts: pl.DataFrame, column: str, events: pl.DataFrame) -> pl.DataFrame:
    """Return when it happened, by the events and by the contact's own column."""
    own = contacts.select(OF, at=column).drop_nulls()
    return _in_order(pl.concat([own, events.select(MOMENT)]))


def _in_order(moments: pl.DataFrame) -> pl.DataFrame:
    return moments.select(MOMENT).drop_nulls().unique().sort("at", OF)
