"""One row for each journey: what its contacts and hops amount to."""

from datetime import datetime
from types import MappingProxyType

import polars as pl

from cxmap.journeys.outcome import confirmed, ladder, outcome
from cxmap.journeys.standing import served
from cxmap.journeys.timeline import ROW, last_reach
from cxmap.options import LinkRules
from cxmap.tables import WHEN, conform

BY = "journey"

TOLD = (
    BY,
    "journey_id",
    "customer_id",
    "contact_id",
    "source",
    "team",
    "inbound",
    "channel",
    "channel_group",
    "started_at",
    "resolved_at",
    "ended_at",
    "topic",
    "disposition",
    "resolved",
    "connected",
    "agent_id",
    "transfers",
    "reopens",
    "chasers",
    "merged",
    "repeated",
    "reopened",
    "repeat_window_seconds",
    "source_since_at",
)
"""What a journey is told of its contacts."""

SAID = MappingProxyType(
    {
        "first": {
            "journey_id": "journey_id",
            "customer_id": "customer_id",
            "started_at": "started_at",
            "source": "source",
            "team": "team",
            "agent_id": "agent_id",
            "first_channel": "spoken",
            "first_channel_group": "group",
        },
        "last": {
            "last_channel": "spoken",
            "last_channel_group": "group",
            "last_served": "served_finally",
            "last_resolved": "resolved",
            "last_disposition": "disposition",
        },
        "topical": {"topic": "topic"},
        "trigger": {
            "trigger_id": "contact_id",
            "trigger_touch_at": "touch_at",
            "trigger_window_seconds": "repeat_window_seconds",
            "trigger_repeated": "repeated",
            "trigger_reopened": "reopened",
            "trigger_resolved": "resolved",
            "trigger_started_at": "started_at",
            "trigger_source_since_at": "source_since_at",
        },
    }
)
"""What a journey says of one of its inbound contacts: the first, the last, the first
with a known topic, the first that was served and not merged into another."""


def summary(
    contacts: pl.DataFrame,
    hops: pl.DataFrame,
    *,
    links: LinkRules,
    horizon_at: datetime | None,
) -> pl.DataFrame:
    """Return tables.JOURNEYS of `contacts`, which are in order.

    `contacts` carry journey (a number), journey_id and what `repeats` found; `hops`
    journey, continuity and switch. A journey is closed when `horizon_at` lies
    beyond all that could still link to it.
    """
    marked = _marked(contacts, links)
    inbound = marked.filter("inbound")
    pieces = [
        _totals(marked),
        _paths(inbound),
        _hop_counts(hops),
        _endings(marked, inbound),
    ]
    whole = _entries(inbound)
    for piece in pieces:
        whole = whole.join(piece, on=BY, how="left", maintain_order="left")

    judged = whole.with_columns(
        pl.col("restarts", "switches", "unknown_hops").fill_null(0),
        pl.col("channels", "systems").fill_null(1),
        path=pl.coalesce("path", "first_channel"),
        horizon_at=pl.lit(horizon_at, WHEN),
        closed=_beyond(horizon_at),
        duration_seconds=_since_start("ended_at"),
    )
    settled = judged.with_columns(outcome=outcome()).with_columns(
        resolution_seconds=_resolution()
    )
    finished = settled.with_columns(confirmed=confirmed(), ladder=ladder())
    return conform(finished.with_columns(_onward(finished)), "journeys")


def _onward(journeys: pl.DataFrame) -> pl.DataFrame:
    """Return the topic of each customer's next journey, and how soon it began.

    The next one is the first that begins after this one has ended; journeys may run
    side by side.
    """
    line = journeys.select("customer_id", "started_at", "ended_at", "topic")
    starts = (
        line.drop_nulls("customer_id")
        .select(
            "customer_id", pl.col("started_at").alias("at"), next_journey_topic="topic"
        )
        .with_columns(next_at="at")
        .sort("customer_id", "at", "next_journey_topic")
        .unique(["customer_id", "at"], keep="first")
        .sort("at")
    )
    ends = line.select("customer_id", at="ended_at").with_row_index("row")
    told = (
        ends.drop_nulls("customer_id")
        .sort("at")
        .join_asof(
            starts,
            on="at",
            by="customer_id",
            strategy="forward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
    )
    after = (pl.col("next_at") - pl.col("at")).dt.total_seconds()
    found = told.select("row", "next_journey_topic", next_journey_after_seconds=after)

    return (
        ends.select("row")
        .join(found, on="row", how="left", maintain_order="left")
        .drop("row")
    )


def closings(
    contacts: pl.DataFrame, *, links: LinkRules, horizon_at: datetime | None
) -> pl.DataFrame:
    """Return journey_id and closed_now of stitched `contacts`, for some horizon."""
    reach = contacts.select("journey_id", reach_at=last_reach(contacts, links))
    last = (
        reach.drop_nulls("journey_id")
        .group_by("journey_id")
        .agg(pl.col("reach_at").max())
    )
    return last.select("journey_id", closed_now=_beyond(horizon_at))


def _beyond(horizon_at: datetime | None) -> pl.Expr:
    """Tell whether the horizon lies beyond all that could still link to a journey."""
    return (pl.lit(horizon_at, WHEN) > pl.col("reach_at")).fill_null(value=False)


def _resolution() -> pl.Expr:
    """Return the seconds to the last resolution; open journeys: to the last so far.

    A journey that ended otherwise has none, whatever was resolved on the way.
    """
    return (
        pl.when(pl.col("outcome") == "presumed")
        .then(_since_start("answered_at_last"))
        .when(pl.col("outcome").is_in(["resolved", "open"]))
        .then(_since_start("resolution_at"))
    )


def _since_start(instant: str) -> pl.Expr:
    since = (pl.col(instant) - pl.col("started_at")).dt.total_seconds()
    return since.clip(lower_bound=0)


def _marked(contacts: pl.DataFrame, links: LinkRules) -> pl.DataFrame:
    """Return the contacts that have a journey, with what is judged of each alone."""
    return contacts.select(
        *TOLD,
        at=pl.int_range(pl.len(), dtype=ROW),
        reach_at=last_reach(contacts, links),
        served_finally=served(),
        touch_at=pl.coalesce("last_touch_at", "started_at"),
        group=pl.coalesce("channel_group", pl.lit("other")),
        spoken=pl.coalesce("channel", pl.lit("unknown")),
    ).filter(pl.col(BY).is_not_null())


def _entries(inbound: pl.DataFrame) -> pl.DataFrame:
    """Return what single inbound contacts say, in the order of the first ones."""
    row = pl.int_range(pl.len(), dtype=ROW)
    numbered = inbound.select(
        BY,
        "merged",
        row=row,
        topical=pl.when(pl.col("topic").is_not_null()).then(row),
        trigger=pl.when(pl.col("served_finally") & ~pl.col("merged")).then(row),
    )
    rows = numbered.group_by(BY).agg(
        pl.col("topical", "trigger").min(),
        pl.col("merged").sum(),
        first=pl.col("row").min(),
        last=pl.col("row").max(),
        contacts=pl.len(),
    )
    rows = rows.sort("first")
    said = [
        inbound.select(
            pl.col(column).gather(rows[which]).alias(name)
            for name, column in columns.items()
        )
        for which, columns in SAID.items()
    ]
    return pl.concat([rows.select(BY, "contacts", "merged"), *said], how="horizontal")


def _paths(inbound: pl.DataFrame) -> pl.DataFrame:
    """Return the channels of the journeys that have several inbound contacts."""
    several = inbound.filter(pl.col(BY).is_duplicated())
    return several.group_by(BY).agg(
        channels=pl.col("group").n_unique(),
        systems=pl.col("source").n_unique(),
        path=pl.col("spoken").str.join(" > "),
    )


def _totals(marked: pl.DataFrame) -> pl.DataFrame:
    """Return what all contacts of a journey add up to, outbound ones included."""
    resolved_at = pl.coalesce("resolved_at", "ended_at", "touch_at")
    reached = pl.when("inbound").then("served_finally").otherwise("connected")
    untold = pl.col("inbound") & pl.col("served_finally").is_null()
    return (
        marked.with_columns(
            resolution_at=pl.when("resolved").then(resolved_at),
            answered_at_last=pl.when(reached).then("touch_at"),
        )
        .group_by(BY)
        .agg(
            pl.col("transfers", "reopens", "chasers").sum(),
            pl.col("reopened").any(),
            pl.col("reach_at", "resolution_at", "answered_at_last").max(),
            ended_at=pl.col("touch_at").max(),
            served=pl.when(reached.any())
            .then(pl.lit(value=True))
            .when(~untold.any())
            .then(pl.lit(value=False)),
        )
    )


def _hop_counts(hops: pl.DataFrame) -> pl.DataFrame:
    """Return restarts, switches and unknown hops between inbound contacts."""
    counted = hops.filter(pl.col("switch").is_not_null())
    return counted.group_by(BY).agg(
        restarts=(pl.col("continuity") == "restart").sum(),
        unknown_hops=(pl.col("continuity") == "unknown").sum(),
        switches=pl.col("switch").sum(),
    )


def _endings(marked: pl.DataFrame, inbound: pl.DataFrame) -> pl.DataFrame:
    """Return the last served contact of each journey, and what came after it.

    Connected call-backs serve. "After" is after its last touch.
    """
    reached = pl.when("inbound").then("served_finally").otherwise("connected")
    person = (pl.col("channel_group") != "digital_self") | pl.col(
        "agent_id"
    ).is_not_null()
    answered = marked.filter(reached).select(
        BY,
        "at",
        "touch_at",
        served_resolved="resolved",
        served_by_person=person.fill_null(value=True),
        served_at_all=pl.lit(value=True),
    )
    ends = pl.col(BY).ne_missing(pl.col(BY).shift(-1))
    last = answered.sort(BY, "touch_at", "at").filter(ends)
    others = inbound.filter(~pl.col("served_finally").fill_null(value=False)).select(
        BY, "disposition", "served_finally", other="at", other_at="touch_at"
    )
    later = others.join(last, on=BY).filter(
        (pl.col("other_at") > pl.col("touch_at"))
        | (
            (pl.col("other_at") == pl.col("touch_at"))
            & (pl.col("other") > pl.col("at"))
        )
    )
    unserved = later.filter(pl.col("served_finally").is_not_null())
    unserved = unserved.sort(BY, "other_at", "other").unique(
        BY, keep="last", maintain_order=True
    )
    unserved = unserved.select(
        BY, unserved_after=pl.lit(value=True), unserved_disposition="disposition"
    )
    unknown = later.filter(pl.col("served_finally").is_null()).select(
        BY, unknown_after=pl.lit(value=True)
    )
    return (
        last.drop("at", "touch_at")
        .join(unserved, on=BY, how="left")
        .join(unknown.unique(BY), on=BY, how="left")
        .with_columns(pl.col("unserved_after", "unknown_after").fill_null(value=False))
    )
