"""How soon customers are back after a session with a machine, linked or not."""

import polars as pl

from cxmap.conditions import MACHINE_SESSION, NO_CONTACT
from cxmap.journeys.timeline import IN_ORDER

LANE = ("customer_id", "node")


def again(inbound: pl.DataFrame) -> pl.DataFrame:
    """Return contact_id and again_after_seconds of the machines' sessions that have it.

    The gap runs from the session's end to the start of the customer's next inbound
    contact whose topic is the same (equal, or one above the other) or unknown on
    either side, whatever the windows of links and repeats; 0 where they overlap.
    """
    by_machine = (MACHINE_SESSION & ~NO_CONTACT).fill_null(False)
    known = inbound.filter(pl.col("customer_id").is_not_null()).select(
        *IN_ORDER, "last_touch_at", "topic", no_contact=NO_CONTACT, machine=by_machine
    )
    whose = known.filter("machine").select("customer_id").unique()
    if whose.is_empty():
        return _none()
    line = (
        known.join(whose, on="customer_id", how="semi")
        .sort(IN_ORDER)
        .with_columns(place=pl.int_range(pl.len(), dtype=pl.Int64))
    )
    asked = line.filter(~pl.col("no_contact"))
    sessions = asked.filter("machine")
    told = sessions.select(
        "contact_id", "customer_id", "place", "topic", "started_at", "last_touch_at"
    )
    found = pl.concat(
        [
            _next(_at(told, "topic"), _nodes(asked)),
            _next(_nodes(told), _at(asked, "topic")),
            _next(_anything(told), _anything(asked.filter(pl.col("topic").is_null()))),
            _next(_anything(told.filter(pl.col("topic").is_null())), _anything(asked)),
        ]
    )
    nearest = found.group_by("contact_id").agg(pl.col("next_place").min())
    starts = line.select(next_place="place", next_at="started_at")
    end = pl.coalesce("last_touch_at", "started_at")
    gap = (pl.col("next_at") - end).dt.total_seconds().clip(lower_bound=0)

    return (
        nearest.join(starts, on="next_place")
        .join(told, on="contact_id")
        .select("contact_id", again_after_seconds=gap)
    )


def _none() -> pl.DataFrame:
    return pl.DataFrame(
        schema={"contact_id": pl.String(), "again_after_seconds": pl.Int64()}
    )


def _at(contacts: pl.DataFrame, topic: str) -> pl.DataFrame:
    """The contacts with a known topic, each at its own node of the tree."""
    return contacts.filter(pl.col(topic).is_not_null()).select(
        "contact_id", "customer_id", "place", node=topic
    )


def _nodes(contacts: pl.DataFrame) -> pl.DataFrame:
    """The contacts with a known topic, once for each node at or above it."""
    known = _at(contacts, "topic")
    steps = pl.col("node").str.split("/")
    deepest = known.select(steps.list.len().max()).item() or 0
    levels = [
        known.filter(steps.list.len() >= depth).with_columns(
            node=steps.list.head(depth).list.join("/")
        )
        for depth in range(1, deepest + 1)
    ]
    return pl.concat([known.clear(), *levels])


def _anything(contacts: pl.DataFrame) -> pl.DataFrame:
    return contacts.select(
        "contact_id", "customer_id", "place", node=pl.lit("", pl.String)
    )


def _next(sessions: pl.DataFrame, later: pl.DataFrame) -> pl.DataFrame:
    """Return contact_id and next_place: the nearest later contact at the same node."""
    return (
        sessions.sort("place")
        .join_asof(
            later.sort("place").select(*LANE, "place", next_place="place"),
            on="place",
            by=list(LANE),
            strategy="forward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        .filter(pl.col("next_place").is_not_null())
        .select("contact_id", "next_place")
    )
