"""Each customer's time line, and how far into it every contact reaches."""

from datetime import timedelta

import polars as pl

from cxmap.journeys.standing import (
    answered_at,
    attempt_ended_at,
    known_at,
    live_to_its_end,
    unserved_attempt_until,
)
from cxmap.journeys.windows import clock, seconds, window_seconds
from cxmap.options import LinkRules, Window

IN_ORDER = ("customer_id", "started_at", "contact_id")

IS_STEP = pl.col("inbound") & pl.col("journey_id").is_not_null()
"""An inbound contact of a journey; others are no steps of it."""

ROW = pl.Int64()


def ordered(contacts: pl.DataFrame) -> pl.DataFrame:
    """Return `contacts` in the one total order; unidentified ones come last."""
    return contacts.sort(IN_ORDER, nulls_last=True)


def timeline(contacts: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `contacts` (in order) that can be tied to others.

    at: row number in `contacts`; lane: the customer; start: epoch seconds; inbound;
    topic: number of the topic in `Tree`. Internal and unidentified contacts are
    left out: nothing ties them to anything.
    """
    internal = (pl.col("direction") == "internal") & ~pl.col("inbound")
    tied = pl.col("customer_id").is_not_null() & ~internal.fill_null(value=False)
    return contacts.select(
        at=pl.int_range(pl.len(), dtype=ROW),
        lane=pl.col("customer_id").rle_id().cast(ROW),
        start=pl.col("started_at").dt.epoch("s"),
        inbound="inbound",
        campaign=pl.col("initiation").eq_missing(pl.lit("campaign")),
        tied=tied,
    ).filter("tied")


def reaches(contacts: pl.DataFrame, links: LinkRules) -> pl.DataFrame:
    """Return same, unknown, retry: the last start each contact still links to.

    By rule, in epoch seconds as `clock`, from where the gap of `unknown` runs. Null:
    it links to nothing by that rule. Only inbound contacts reach others. Where a
    contact was resolved or served later, the wider window holds until then and the
    narrower one after.
    """
    contacts = _clocked(contacts, links.unknown_topic)
    farthest = pl.col("started_at").dt.epoch("s") + seconds(links.farthest)
    unserved = unserved_attempt_until()
    tried_at = pl.min_horizontal(clock(links.retry), attempt_ended_at())
    attempt = tried_at + window_seconds(links.retry)
    reach = {
        "same": pl.when(pl.col("topic").is_not_null()).then(
            clock(links.same_topic) + window_seconds(links.same_topic)
        ),
        "unknown": _unknown(links.unknown_topic_after_resolved),
        "retry": pl.when(unserved.is_not_null()).then(
            pl.min_horizontal(attempt, pl.when(attempt.is_not_null()).then(unserved))
        ),
    }
    return contacts.select(
        *(
            pl.when(pl.col("inbound") & expression.is_not_null())
            .then(pl.min_horizontal(expression, farthest))
            .alias(rule)
            for rule, expression in reach.items()
        ),
        clock="clock",
    )


def _clocked(contacts: pl.DataFrame, window: Window) -> pl.DataFrame:
    """Add `clock`, from where the gap of unknown topics runs, and their `window`.

    In seconds, from the epoch where it is an instant. The clock is the last touch,
    unless a case lay silent for longer than the window between its first answer (its
    start, where none is known) and its last touch: then it is the first answer. That
    a case was open for months does not make all else that its customer asked for
    meanwhile a part of it.
    """
    told = contacts.with_columns(
        heard=heard(window), last=clock(window), window=window_seconds(window)
    )
    silent = pl.col("last") - pl.col("heard") > pl.col("window")
    stopped = pl.when(silent.fill_null(value=False)).then("heard").otherwise("last")
    return told.with_columns(clock=stopped)


def heard(window: Window) -> pl.Expr:
    """Return until when a contact is known to go on from its start, in epoch seconds.

    A live one to its end, a case until its first answer; to its start, where none is
    known.
    """
    start, last = pl.col("started_at").dt.epoch("s"), clock(window)
    answer = pl.max_horizontal(answered_at().dt.epoch("s"), start)
    first = pl.min_horizontal(pl.coalesce(answer, start), last)
    return pl.when(live_to_its_end()).then(last).otherwise(first)


def _unknown(after_resolved: timedelta | None) -> pl.Expr:
    """Return the reach over unknown topics, shorter once the contact was resolved.

    From `clock` and `window`, as `_clocked` adds them.
    """
    since = pl.col("clock")
    long = since + pl.col("window")
    if after_resolved is None:
        return long

    after = seconds(after_resolved)
    short = pl.min_horizontal(long, since + after)
    before_known = pl.min_horizontal(long, known_at().dt.epoch("s") - 1)
    standing = pl.when(known_at().is_not_null()).then(before_known)
    resolved = pl.max_horizontal(short, standing)
    return (
        pl.when(long.is_null())
        .then(None)
        .when("resolved")
        .then(resolved)
        .otherwise(long)
    )


def last_reach(contacts: pl.DataFrame, links: LinkRules) -> pl.Series:
    """Return up to when a later contact could still link to each, as an instant."""
    widest = reaches(contacts, links).select(
        pl.max_horizontal("same", "unknown", "retry")
    )
    clocks = contacts.select(pl.coalesce("last_touch_at", "started_at")).to_series()
    reach = pl.from_epoch(widest.to_series(), "s").dt.cast_time_unit("us")
    return pl.select(
        pl.max_horizontal(clocks, reach.dt.replace_time_zone("UTC"))
    ).to_series()


def within(window: Window) -> pl.Expr:
    """Return the window's seconds, null for contacts that are not inbound."""
    return pl.when("inbound").then(window_seconds(window))
