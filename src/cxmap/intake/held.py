"""What the store holds of each source, and what is missing in it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import polars as pl

from cxmap.config import Config
from cxmap.importreport import SourceReport
from cxmap.intake.bearing import days_held
from cxmap.intake.costs import Costs
from cxmap.journeys.topics import unmapped
from cxmap.pipeline import Tables

LATER = (
    "ended_at",
    "duration_seconds",
    "talk_seconds",
    "last_message_at",
    "first_response_at",
    "resolved_at",
)
"""What says of a time after the start: by one of these the last touch is known."""

CONFLICTS = "conflicts"

Counts = Mapping[str, Mapping[str, int]]
"""By source and column, reason or word: how many."""


def sources_held(
    tables: Tables,
    sources: Iterable[str],
    config: Config,
    *,
    strange: Counts,
    limits: Mapping[str, tuple[str, ...]],
    lacking: Costs,
    now: datetime,
) -> tuple[SourceReport, ...]:
    """Return what is held of each of the `sources`, by name.

    Takes the derived tables; `strange` counts words that no profile maps, `limits`
    are those that the profiles declare.
    """
    contacts = tables["contacts"]
    told = {row["source"]: row for row in _told(contacts).iter_rows(named=True)}
    answered = tables["surveys"].filter(pl.col("score").is_not_null())
    answers = dict(answered.group_by("source").len().iter_rows())
    days = days_held(contacts, config, now=now)
    zones = _by_word(contacts, pl.col("tz_source").fill_null("unknown"))
    coarse = contacts.filter(pl.col("time_precision") != "second")
    precision = _by_word(coarse, pl.col("time_precision"))
    topics = dict(
        unmapped(contacts.filter("inbound"))
        .group_by("source")
        .agg(pl.col("contacts").sum())
        .iter_rows()
    )
    apart = _apart(tables)

    return tuple(
        SourceReport(
            **told.get(source, {"source": source, "contacts": 0}),
            answers=answers.get(source, 0),
            days=days.get(source),
            zones=zones.get(source, {}),
            precision=precision.get(source, {}),
            limits=limits.get(source, ()),
            unmapped={
                **strange.get(source, {}),
                **({"topic": topics[source]} if source in topics else {}),
            },
            left_out={
                why: len(ids)
                for why, ids in apart.get(source, {}).items()
                if why != CONFLICTS
            },
            conflicts=len(apart.get(source, {}).get(CONFLICTS, ())),
            lacking=lacking.by_source.get(source, ()),
            contact_ids=apart.get(source, {}),
        )
        for source in sorted(sources)
    )


def _told(contacts: pl.DataFrame) -> pl.DataFrame:
    """Return, by source, how many contacts are held and what they tell, as shares."""
    inbound = pl.col("inbound")
    later = pl.any_horizontal(pl.col(name).is_not_null() for name in LATER)
    shares = {
        "identified": pl.col("customer_id").is_not_null(),
        "comparable_topic": pl.col("topic").is_not_null(),
        "ended": later,
        "agent": pl.col("agent_id").is_not_null(),
        "team": pl.col("team").is_not_null(),
    }

    return contacts.group_by("source").agg(
        contacts=pl.len(),
        inbound=inbound.sum(),
        since=pl.col("started_at").min(),
        until=pl.col("started_at").max(),
        **{name: said.filter(inbound).mean() for name, said in shares.items()},
    )


def _by_word(contacts: pl.DataFrame, word: pl.Expr) -> dict[str, dict[str, int]]:
    """Return how many contacts of each source have each word, the commonest first."""
    counted = contacts.group_by("source", word.alias("word")).len()
    found: dict[str, dict[str, int]] = {}
    for source, name, number in counted.sort(
        "source", pl.col("len").cast(pl.Int64()).neg(), "word"
    ).iter_rows():
        found.setdefault(source, {})[name] = number

    return found


def _apart(tables: Tables) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return by source and reason the contacts left out, and those in conflicts."""
    disputed = tables["conflicts"].join(
        tables["contacts"].select("contact_id", "source"), on="contact_id"
    )
    every = pl.concat(
        [
            tables["left_out"].select("source", "reason", "contact_id"),
            disputed.select("source", pl.lit(CONFLICTS).alias("reason"), "contact_id"),
        ]
    )
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    listed = (
        every.unique().group_by("source", "reason").agg(pl.col("contact_id").sort())
    )
    for source, reason, ids in listed.sort("source", "reason").iter_rows():
        found.setdefault(source, {})[reason] = tuple(ids)

    return found
