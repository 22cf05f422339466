"""What one definition makes of every contact it looks at, and why."""

from collections.abc import Mapping, Sequence

import polars as pl

from cxmap.definitions import Kpi, Measure
from cxmap.measures.adding import judge

Tables = Mapping[str, pl.DataFrame]

CAME_BACK = "came_back"
"""Why a contact failed: told apart by the channel on which the customer came back."""

KEY = {"journeys": "journey_id", "surveys": "survey_id"}
"""What names a row of a table; elsewhere its contact does."""

IDS = ("contact_id", "journey_id", "survey_id")

KINDS = ("yes", "no", "counted", "pending", "left_out", "outside")
"""yes, no: counted by a share; counted: by any other number; outside: not looked at."""


def key_of(over: str) -> str:
    """Return the column that names a row of a table."""
    return KEY.get(over, "contact_id")


def verdicts(
    rows: pl.DataFrame, kpi: Kpi, measure: Measure, tables: Tables
) -> pl.DataFrame:
    """Return what a measure makes of the rows of its table that are in the period.

    One row each that it looks at: contact_id, journey_id and survey_id; kind, one of
    KINDS; why, where it failed or was left out; and the value. A journey is named by
    the contact that is judged for it, else by its first.
    """
    told = rows.with_columns(failing=_failing(measure))
    named = _with_ids(told, kpi.over, tables)
    judged = judge(named, measure, (*IDS, "failing"))
    share = measure.form == "share"
    counted = pl.when(pl.col("value") != 0).then(pl.lit("yes")).otherwise(pl.lit("no"))
    kind = (
        pl.when(pl.col("reason").is_not_null())
        .then(pl.lit("left_out"))
        .when("pending")
        .then(pl.lit("pending"))
        .otherwise(counted if share else pl.lit("counted"))
    )
    judged = judged.with_columns(kind=kind)
    failed = pl.when(pl.col("kind") == "no").then("failing")

    return _told_apart(
        judged.select(
            *IDS,
            "kind",
            why=pl.coalesce("reason", failed),
            value=pl.when(pl.col("kind").is_in(["yes", "no", "counted"])).then("value"),
        ),
        tables["contacts"],
    )


def _failing(measure: Measure) -> pl.Expr:
    """Return the first reason why a row fails."""
    why = pl.lit(None, pl.String)
    for name, condition in reversed(list(measure.failing.items())):
        why = pl.when(condition.fill_null(False)).then(pl.lit(name)).otherwise(why)

    return why


def _with_ids(rows: pl.DataFrame, over: str, tables: Tables) -> pl.DataFrame:
    """The rows with the three ids of IDS, null where they have none."""
    if over == "journeys":
        firsts = _first_contacts(tables["contacts"])
        placed = rows.join(firsts, on="journey_id", how="left", maintain_order="left")
        rows = placed.with_columns(contact_id=pl.coalesce("trigger_id", "first_id"))
    missing = [name for name in IDS if name not in rows.columns]

    return rows.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)


def _first_contacts(contacts: pl.DataFrame) -> pl.DataFrame:
    inbound = contacts.filter(pl.col("inbound") & pl.col("journey_id").is_not_null())
    first = inbound.sort("journey_id", "step", "contact_id").unique(
        "journey_id", keep="first", maintain_order=True
    )

    return first.select("journey_id", first_id="contact_id")


def _told_apart(judged: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """The verdicts, coming back told apart: on the same channel group or another."""
    group = contacts.select("contact_id", group="channel_group")
    back = (
        contacts.drop_nulls("repeats_contact_id")
        .sort("started_at", "contact_id")
        .unique("repeats_contact_id", keep="first", maintain_order=True)
        .select(contact_id="repeats_contact_id", back="channel_group")
    )
    told = judged.join(group, on="contact_id", how="left", maintain_order="left").join(
        back, on="contact_id", how="left", maintain_order="left"
    )
    same = pl.col("group").eq_missing(pl.col("back"))
    which = (
        pl.when(same)
        .then(pl.lit(f"{CAME_BACK}_same_channel"))
        .otherwise(pl.lit(f"{CAME_BACK}_other_channel"))
    )
    refined = pl.when(pl.col("why") == CAME_BACK).then(which).otherwise("why")

    return told.with_columns(why=refined).drop("group", "back")


def by_contact(verdicts: pl.DataFrame) -> pl.DataFrame:
    """One verdict a contact: of several answers about it the last; others drop out."""
    about = verdicts.drop_nulls("contact_id")
    return about.sort("contact_id", *_others(IDS), nulls_last=True).unique(
        "contact_id", keep="last", maintain_order=True
    )


def _others(ids: Sequence[str]) -> list[str]:
    return [name for name in ids if name != "contact_id"]
