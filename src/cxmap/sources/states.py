"""In which states contacts were, for how long, and when nothing happened in them."""

from datetime import timedelta

import polars as pl

from cxmap.names import DONE, STATUSES
from cxmap.sources.clock import Clock

TOLD = (
    "first_resolution_seconds",
    "requester_wait_seconds",
    "agent_wait_seconds",
    "status_since_at",
    "last_event_at",
    "longest_silence_seconds",
    "longest_silence_business_seconds",
    "auto_closed",
    "pending_toggles",
    "pending_before_due_seconds",
)
"""Columns of contacts that their changes of status, and other events, tell."""

OURS = ("new", "open", "on_hold")
"""States in which the customer waits for the company."""

THEIRS = "pending"
"""The state in which the company waits for the customer."""

WORDS = tuple(word for word in STATUSES if word != "unknown")

CHANGES = (*DONE, "reopened", "status_changed")

NOTHING_DONE = ("promised", "sla_breached", "survey_sent")
"""Events in which nobody did anything for the customer."""

MACHINES = ("system", "bot")

ASKED_WITHIN = timedelta(minutes=1)
"""A question that is sent so soon after the change to pending belongs to it."""


def states(
    events: pl.DataFrame, contacts: pl.DataFrame, *, clock: Clock
) -> pl.DataFrame:
    """Return `place` and TOLD: one row a contact in which something happened.

    `events` are events of the `contacts`, with their `place` among these. How long
    it was in which state is told where each change follows on the one before, its
    last is the status it has, and its source tells of pending contacts at all.
    """
    changes = _changes(events, contacts)
    line = _line(events, changes, clock)
    found = line.join(_times(changes), on="place", how="left")

    turned = _turned(events, changes)

    return (
        found.join(_toggles(events, changes, turned), on="place", how="left")
        .join(_before_due(events, turned), on="place", how="left")
        .select("place", *TOLD)
    )


def _changes(events: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """The changes of status in order, with the state before and after each."""
    kind = pl.col("event_type")
    plain = (
        pl.when(kind == "reopened")
        .then(pl.lit("open"))
        .when(kind.is_in(DONE))
        .then(kind)
    )
    after = pl.coalesce(_word("to_value"), plain)
    owned = contacts.select("place", "started_at", "status", "outbound")
    rows = (
        events.filter(kind.is_in(CHANGES))
        .with_columns(after=after, told=_word("from_value"))
        .with_columns(pendings=(pl.col("after") == THEIRS).any().over("source"))
        .join(owned, on="place", how="inner")
        .sort("place", "at", "record_key", "content")
    )
    first = pl.col("place") != pl.col("place").shift()
    first = first.fill_null(value=True)
    # A source that tells of pending contacts would have told that this one was.
    opened = pl.when(pl.col("pendings") & ~pl.col("outbound")).then(pl.lit("open"))
    before = pl.when(first).then(opened).otherwise(pl.col("after").shift())

    return rows.with_columns(
        first=first,
        before=pl.coalesce("told", before),
        follows=first | (pl.col("told") == pl.col("after").shift()).fill_null(True),
        since=pl.when(first).then("started_at").otherwise(pl.col("at").shift()),
    )


def _word(column: str) -> pl.Expr:
    return pl.when(pl.col(column).is_in(WORDS)).then(column)


def _times(changes: pl.DataFrame) -> pl.DataFrame:
    """Return `place` and how long each was in which state, up to its last change."""
    at, before, after = pl.col("at"), pl.col("before"), pl.col("after")
    lasted = (at - pl.col("since")).dt.total_seconds().clip(lower_bound=0)
    begun = pl.col("first") & (at <= pl.col("started_at"))
    whole = pl.col("follows") & after.is_not_null() & (before.is_not_null() | begun)
    over, was_over = after.is_in(DONE), before.is_in(DONE).fill_null(value=False)
    ends = over & ~was_over & (at >= pl.col("started_at"))
    status, last = pl.col("status").last(), after.last()
    agrees = (status == last) | (status.is_in(DONE) & last.is_in(DONE))
    told = whole.all() & pl.col("pendings").first() & agrees.fill_null(value=True)
    by_machine = pl.col("actor_type").filter(ends).last().is_in(MACHINES)

    return changes.group_by("place").agg(
        requester_wait_seconds=pl.when(told).then(
            lasted.filter(before.is_in(OURS)).sum()
        ),
        agent_wait_seconds=pl.when(told).then(lasted.filter(before == THEIRS).sum()),
        status_since_at=pl.when(told).then(at.last()),
        auto_closed=pl.when(last.is_in(DONE)).then(by_machine),
        first_resolution_seconds=(
            at.filter(ends).min() - pl.col("started_at").first()
        ).dt.total_seconds(),
    )


def _line(events: pl.DataFrame, changes: pl.DataFrame, clock: Clock) -> pl.DataFrame:
    """Return `place`, `last_event_at` and the longest silence of each contact.

    A silence counts where the state between two events is told and is ours to end.
    """
    acts = events.filter(~pl.col("event_type").is_in(NOTHING_DONE))
    last = acts.group_by("place").agg(last_event_at=pl.col("at").max())
    if changes.is_empty():
        return last.with_columns(
            longest_silence_seconds=pl.lit(None, pl.Int64),
            longest_silence_business_seconds=pl.lit(None, pl.Int64),
        )

    moved = pl.lit(value=True)
    starts = changes.filter("first").select(
        "place", at="started_at", state="before", moved=moved
    )
    turns = changes.select("place", "at", state="after", moved=moved)
    others = acts.join(changes.select("place").unique(), on="place", how="semi")
    idle = others.select(
        "place", "at", state=pl.lit(None, pl.String), moved=pl.lit(value=False)
    )
    line = pl.concat([starts, turns, idle]).sort(
        "place", "at", "moved", maintain_order=True
    )
    same = pl.col("place") == pl.col("place").shift(-1)
    until = pl.when(same).then(pl.col("at").shift(-1))
    known = pl.when("moved").then(pl.col("state").fill_null("unknown"))
    gaps = line.with_columns(
        until=until, state=known.forward_fill().over("place")
    ).filter(pl.col("state").is_in(OURS) & (pl.col("until") > pl.col("at")))
    open_for = clock.open_seconds(gaps, "at", "until")
    longest = (
        gaps.with_columns(open_for=open_for)
        .group_by("place")
        .agg(
            longest_silence_seconds=(pl.col("until") - pl.col("at"))
            .max()
            .dt.total_seconds(),
            longest_silence_business_seconds=pl.col("open_for").max(),
        )
    )

    return last.join(longest, on="place", how="left")


def _turned(events: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Return `place` and `at` of changes to pending by which nobody was asked."""
    to_pending = (pl.col("after") == THEIRS) & (pl.col("before") != THEIRS)
    since = pl.when(~pl.col("first")).then("since")
    turned = changes.filter(to_pending.fill_null(value=False)).select(
        "place", since=since, turned_at="at", at=pl.col("at") + ASKED_WITHIN
    )
    asked = events.filter(_asks())
    questions = asked.select("place", "at", asked_at="at").sort("at")
    silent = pl.col("asked_at").is_null() | (pl.col("asked_at") < pl.col("since"))

    return (
        turned.sort("at")
        .join_asof(questions, on="at", by="place", check_sortedness=False)
        .filter(silent.fill_null(value=False))
        .select("place", at="turned_at")
    )


def _asks() -> pl.Expr:
    return (
        (pl.col("event_type") == "message_sent")
        & pl.col("public").fill_null(value=True)
        & (pl.col("actor_type") != "customer").fill_null(value=True)
    )


def _toggles(
    events: pl.DataFrame, changes: pl.DataFrame, turned: pl.DataFrame
) -> pl.DataFrame:
    """Return `place`, `pending_toggles`; null where nobody's questions are shown."""
    told = changes.filter("pendings").select("place", "source").unique()
    asking = events.filter(_asks()).select("source").unique()
    shown = told.join(asking, on="source", how="semi")
    times = turned.group_by("place").agg(pending_toggles=pl.len())

    return shown.join(times, on="place", how="left").select(
        "place", pl.col("pending_toggles").fill_null(0).cast(pl.Int64)
    )


def _before_due(events: pl.DataFrame, turned: pl.DataFrame) -> pl.DataFrame:
    """Return `place`, `pending_before_due_seconds`: to the deadline then in force.

    What is promised at the very instant, as where the change moves the deadline, was
    not in force before it.
    """
    due = pl.col("to_value").str.to_datetime(
        "%+", time_unit="us", time_zone="UTC", strict=False
    )
    promised = (
        events.filter(pl.col("event_type") == "promised")
        .sort("place", "at", "record_key", "content")
        .select("place", "at", due=due)
        .drop_nulls()
        .sort("at", maintain_order=True)
    )
    left = (pl.col("due") - pl.col("at")).dt.total_seconds()

    return (
        turned.sort("at")
        .join_asof(
            promised,
            on="at",
            by="place",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        .filter(left >= 0)
        .group_by("place")
        .agg(pending_before_due_seconds=left.min())
    )
