"""Frictions applied to steps: where each shows, and because of what."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from cxmap import tables
from cxmap.definitions import Friction
from cxmap.errors import ConfigError

WORDS = (
    "channel",
    "channel_group",
    "previous_channel",
    "previous_channel_group",
    "channel_group_last",
    "channel_group_before",
    "continuity",
    "disposition",
    "ended_by",
    "unidentified",
    "topic",
    "next_journey_topic",
)
"""Text columns that a sentence may show: closed vocabularies, and topics."""

SPANS = ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s"))
"""A unit, and the smaller one shown beside it."""

BEFORE = {
    "rule",
    "gap_seconds",
    "continuity",
    "switch",
    "channel_group_last",
    "channel_group_before",
    "repeats_contact_id",
    "repeat_gap_seconds",
    "since_last_seconds",
    "since_previous_seconds",
}
"""Columns of a step that tell of the contact before it, as all `previous_` do."""

BESIDE = {
    "again_after_seconds",
    "called_back_at",
    "contacts_after",
    "hands",
    "hands_before",
    "repeated",
    "repeated_after_seconds",
    "returned_after_seconds",
    "served_after_seconds",
    "step",
}
"""Columns that tell of other contacts, as all `next_` and `journey_` do."""

ANSWERS = {"csat_answer", "ces_answer", "nps_answer"}


@dataclass(frozen=True)
class Implied:
    """What the very condition of a friction says of a journey that has it."""

    returns: bool
    """The contact flagged came after another: it is itself what followed."""
    several: bool
    """It reads other contacts: journeys of one contact hardly have it."""
    answers: bool
    """It reads survey answers: what it does to them cannot be asked."""


def implied(condition: pl.Expr) -> Implied:
    """Return what a friction implies, told from the columns that it reads."""
    read = set(condition.meta.root_names())
    returns = any(one in BEFORE or one.startswith("previous_") for one in read)
    others = any(one in BESIDE or one.startswith(("next_", "journey_")) for one in read)

    return Implied(returns, returns or others, bool(read & ANSWERS))


def flag(
    steps: pl.DataFrame,
    frictions: Mapping[str, tuple[Friction, pl.Expr]],
    *,
    severities: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Return the points: a row wherever a friction's condition is true of a step.

    Sorted by friction, journey, time and contact; null is no friction. Severity is
    the definition's unless `severities` names another. Cost stays null here.
    """
    walked = steps.lazy()
    parts = [
        walked.filter(condition.fill_null(False))
        .select(
            "journey_id",
            "contact_id",
            friction=pl.lit(name),
            at="started_at",
            because=because(definition),
            severity=pl.lit((severities or {}).get(name, definition.severity)),
        )
        .sort("journey_id", "at", "contact_id")
        for name, (definition, condition) in sorted(frictions.items())
    ]
    points = [tables.conform(part, "points") for part in pl.collect_all(parts)]

    return pl.concat([tables.empty("points"), *points])


def counted_in(journeys: pl.DataFrame, points: pl.DataFrame) -> pl.DataFrame:
    """Return the journeys with `frictions`: how many different ones show in each."""
    shown = points.group_by("journey_id").agg(
        frictions=pl.col("friction").n_unique().cast(tables.COUNT)
    )
    told = journeys.drop("frictions").join(
        shown, on="journey_id", how="left", maintain_order="left"
    )

    return tables.conform(
        told.with_columns(pl.col("frictions").fill_null(0)), "journeys"
    )


def because(definition: Friction) -> pl.Expr:
    """Return the sentence of a friction, its places filled from the row.

    Only counts, durations and closed vocabularies may be shown, and topics; a
    sentence that names another column raises ConfigError.
    """
    sentence = re.split(r"{(\w+)}", definition.because)
    pieces = [
        _shown(definition, piece) if place % 2 else pl.lit(piece)
        for place, piece in enumerate(sentence)
    ]

    return pl.concat_str(pieces)


def _shown(definition: Friction, column: str) -> pl.Expr:
    schema = tables.schema(definition.over)
    place = pl.col(column)
    if column.endswith("_seconds") and column in schema:
        text = duration_text(place)
    elif schema.get(column) == tables.COUNT:
        text = place.cast(pl.String)
    elif column in WORDS:
        text = place.str.replace_all("_", " ", literal=True)
    else:
        raise ConfigError(
            f"{definition.name}: because: {{{column}}} cannot be shown; "
            f"use a count, a duration or one of {', '.join(WORDS)}"
        )

    return text.fill_null("unknown")


def duration_text(seconds: pl.Expr) -> pl.Expr:
    """Return whole seconds in words: `45 s`, `3 h 20 min`, `2 d`.

    The two largest units, rounded down; a smaller one that is zero is left out.
    """
    text = pl.concat_str(seconds, pl.lit(" s"))
    for size, unit, smaller, its_unit in reversed(SPANS):
        whole = pl.concat_str(seconds // size, pl.lit(f" {unit}"))
        rest = seconds % size // smaller
        both = pl.concat_str(whole, pl.lit(" "), rest, pl.lit(f" {its_unit}"))
        text = (
            pl.when(seconds < size)
            .then(text)
            .when(rest == 0)
            .then(whole)
            .otherwise(both)
        )

    return text
