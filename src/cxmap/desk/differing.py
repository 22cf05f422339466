"""On which contacts two definitions differ, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from cxmap.desk.verdicts import IDS, by_contact, key_of

COUNTED = ("yes", "no", "counted")

SIDES = ("there", "here")
"""there: by the definition compared with; here: by this one."""

PART = ["there", "here", "there_why", "here_why"]


@dataclass(frozen=True)
class Reason:
    """Rows that two definitions judge differently for one reason."""

    there: str
    here: str
    there_why: str | None
    here_why: str | None
    rows: int


@dataclass(frozen=True)
class Difference:
    """How one definition judges what another one looks at."""

    units: str
    """What is compared: journeys, contacts or surveys."""
    alike: int
    differ: int
    gained: int
    """Rows that are in this numerator and not in the other."""
    lost: int
    """Rows that are in the other numerator and not in this one."""
    median_change: float | None
    """Of the rows counted by both whose value differs; None: there is no value, or
    it is of another kind."""
    reasons: tuple[Reason, ...]
    """The commonest first; together they are the rows that differ."""


@dataclass(frozen=True)
class Judged:
    """What a definition made of its rows."""

    over: str
    unit: str
    share: bool
    rows: pl.DataFrame
    """As verdicts.verdicts returns them."""


TOLD_BY = ("channel_group", "disposition", "status")
"""Columns of a contact by which is told why a definition does not look at it: their
value is found in none that it looks at."""

MISSING = "missing"
"""Stands for a value that no export tells."""


def paired(there: Judged, here: Judged, contacts: pl.DataFrame) -> pl.DataFrame:
    """Return both verdicts side by side, one row for each that either looks at.

    IDS, there, here, there_why, here_why, value_there, value_here and differs. Over
    one table its rows are compared; else contacts, a journey by the contact judged
    for it and an answer by the contact it is about.
    """
    same = key_of(there.over) == key_of(here.over)
    key = key_of(here.over) if same else "contact_id"
    sides = [
        _side(one.rows if same else by_contact(one.rows), name, key)
        for one, name in ((there, "there"), (here, "here"))
    ]
    both = sides[0].join(sides[1], on=key, how="full", coalesce=True)
    ids = {
        name: pl.coalesce(f"{name}_there", f"{name}_here")
        for name in IDS
        if name != key
    }
    shares = there.share and here.share
    values = not shares and there.unit == here.unit

    named = both.with_columns(pl.col(*SIDES).fill_null("outside"), **ids)
    for side, one in zip(SIDES, (there, here), strict=True):
        named = _with_outside(named, side, one, contacts)

    return (
        named.with_columns(here_why=_moved(values=values))
        .with_columns(differs=_differs(shares=shares, values=values))
        .select(*IDS, *PART, "value_there", "value_here", "differs")
        .sort(*IDS, nulls_last=True)
    )


def _with_outside(
    pairs: pl.DataFrame, side: str, judged: Judged, contacts: pl.DataFrame
) -> pl.DataFrame:
    """The pairs, with why a contact was not looked at, where that can be told.

    `another_contact`: its journey is judged by another one; `channel_group_…`,
    `disposition_…`, `status_…`: no contact of that kind is looked at at all.
    """
    about = contacts.select("contact_id", *TOLD_BY, own="journey_id")
    seen = about.join(judged.rows.select("contact_id"), on="contact_id", how="semi")
    told = pairs.join(about, on="contact_id", how="left", maintain_order="left")
    elsewhere = pl.lit(value=False)
    if judged.over == "journeys":
        journeys = judged.rows["journey_id"].drop_nulls().implode()
        elsewhere = pl.col("own").is_in(journeys).fill_null(value=False)
    why = pl.lit(None, pl.String)
    for name in reversed(TOLD_BY):
        value = pl.col(name).fill_null(MISSING)
        met = seen[name].fill_null(MISSING).unique().implode()
        kind = pl.concat_str(pl.lit(f"{name}_"), value)
        why = pl.when(~value.is_in(met)).then(kind).otherwise(why)
    why = pl.when(elsewhere).then(pl.lit("another_contact")).otherwise(why)
    outside = pl.col(side) == "outside"
    whole = pl.when(outside).then(why).otherwise(f"{side}_why")

    return told.with_columns(whole.alias(f"{side}_why")).drop("own", *TOLD_BY)


def _side(rows: pl.DataFrame, name: str, key: str) -> pl.DataFrame:
    return rows.select(
        key,
        *(pl.col(one).alias(f"{one}_{name}") for one in IDS if one != key),
        pl.col("kind").alias(name),
        pl.col("why").alias(f"{name}_why"),
        pl.col("value").alias(f"value_{name}"),
    )


def _moved(*, values: bool) -> pl.Expr:
    """Return why this side says what it says; of a value, how it moved."""
    if not values:
        return pl.col("here_why")
    change = pl.col("value_here") - pl.col("value_there")

    return (
        pl.when(change > 0)
        .then(pl.lit("more"))
        .when(change < 0)
        .then(pl.lit("less"))
        .otherwise("here_why")
    )


def _differs(*, shares: bool, values: bool) -> pl.Expr:
    """Tell whether two verdicts make different numbers of a row."""
    counts = [pl.col(side).is_in(COUNTED) for side in SIDES]
    apart = counts[0] != counts[1]
    if shares:
        unlike = pl.col("there") != pl.col("here")
    elif values:
        unlike = pl.col("value_there").ne_missing(pl.col("value_here"))
    else:
        unlike = pl.lit(value=False)

    return apart | (counts[0] & counts[1] & unlike)


def difference(pairs: pl.DataFrame, there: Judged, here: Judged) -> Difference:
    """Return how often and why the pairs of `paired` differ."""
    apart = pairs.filter("differs")
    counted = (
        apart.group_by(PART)
        .agg(rows=pl.len().cast(pl.Int64))
        .sort("rows", *PART, descending=[True, *([False] * len(PART))])
    )
    won, had = pl.col("here") == "yes", pl.col("there") == "yes"

    return Difference(
        units=_units(there, here),
        alike=pairs.height - apart.height,
        differ=apart.height,
        gained=apart.filter(won & ~had).height,
        lost=apart.filter(had & ~won).height,
        median_change=_median_change(apart, there, here),
        reasons=tuple(Reason(**row) for row in counted.iter_rows(named=True)),
    )


def _units(there: Judged, here: Judged) -> str:
    """Return what is compared: rows of one table, else contacts."""
    keys = {key_of(there.over), key_of(here.over)}
    named = {"journey_id": "journeys", "survey_id": "surveys"}

    return named.get(keys.pop(), "contacts") if len(keys) == 1 else "contacts"


def _median_change(apart: pl.DataFrame, there: Judged, here: Judged) -> float | None:
    if there.share or here.share or there.unit != here.unit:
        return None
    change = (apart["value_here"] - apart["value_there"]).drop_nulls().sort()

    return float(change[(change.len() - 1) // 2]) if change.len() else None


def listed(several: Sequence[tuple[str, pl.DataFrame]]) -> pl.DataFrame:
    """Return the rows that differ, of every definition, each with its label."""
    parts = [
        pairs.filter("differs").drop("differs").select(pl.lit(label).alias("way"), "*")
        for label, pairs in several
    ]
    schema = {
        "way": pl.String(),
        **dict.fromkeys((*IDS, *PART), pl.String()),
        "value_there": pl.Int64(),
        "value_here": pl.Int64(),
    }

    return pl.concat([pl.DataFrame(schema=schema), *parts])
