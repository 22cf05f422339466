"""Tables as they are under another rule of repeats: nothing else is judged anew."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from cxmap.desk.families import Repeats
from cxmap.journeys.repeats import repeats
from cxmap.journeys.timeline import ordered
from cxmap.options import RepeatRule, Window

Tables = Mapping[str, pl.DataFrame]

OF_TRIGGER = {
    "trigger_repeated": "repeated",
    "trigger_reopened": "reopened",
    "trigger_window_seconds": "repeat_window_seconds",
}
"""What a journey says of the repeats of its trigger."""


def rule_of(repeat: RepeatRule, other: Repeats) -> RepeatRule:
    """Return the configured rule with one window for every channel and topic."""
    clock = repeat.within.start_clock

    return replace(repeat, within=Window(other.within, start_clock=clock))


def rejudged(tables: Tables, rule: RepeatRule, *, topics: bool = True) -> Tables:
    """Return the derived tables with repeats as `rule` finds them.

    The contacts' columns of repeats and what journeys say of them are found anew;
    journeys stay as they are, since repeats are a relation of their own. Without
    `topics` every contact is judged as if nobody had said what it is about. Survey
    answers are left aside, as they are where repeats are judged. Points, and how many
    frictions a journey has, stay those of the configured rule.
    """
    contacts = ordered(tables["contacts"])
    seen = contacts.with_columns(resolved="resolved_by_export")
    if not topics:
        seen = seen.with_columns(topic=pl.lit(None, pl.String))
    transfers = tables["links"].filter(pl.col("continuity") == "transfer")
    legs = seen["contact_id"].is_in(transfers["to_contact_id"].implode()).arg_true()
    judged = contacts.with_columns(repeats(seen, rule, legs))
    triggers = judged.select(
        trigger_id="contact_id",
        **{f"new_{name}": pl.col(column) for name, column in OF_TRIGGER.items()},
    )
    journeys = (
        tables["journeys"]
        .join(triggers, on="trigger_id", how="left", maintain_order="left")
        .with_columns(pl.col(f"new_{name}").alias(name) for name in OF_TRIGGER)
        .drop(f"new_{name}" for name in OF_TRIGGER)
    )

    return {**tables, "contacts": judged, "journeys": journeys}
