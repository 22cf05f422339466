"""What customers who met a friction say, beside comparable ones who did not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from cxmap.definitions import Friction, collect
from cxmap.flagging import Implied
from cxmap.measures.intervals import FEWEST, of_difference, wilson
from cxmap.tables import conform, empty

KINDS = ("entry", "topic", "segment", "contacts")
"""What makes two journeys comparable."""

MOST_CONTACTS = 4
"""So many contacts and more are one kind."""

KEYS = ("friction", "period", "cell", *KINDS, "flagged")


@dataclass(frozen=True)
class Effect:
    """How much less (or more) satisfied flagged journeys are than comparable ones."""

    effect: float | None = None
    """Share satisfied of the flagged − that of comparable unflagged journeys."""
    low: float | None = None
    high: float | None = None
    flagged: float | None = None
    unflagged: float | None = None
    n_flagged: int = 0
    """Last answers of flagged journeys that were compared."""
    n_unflagged: int = 0
    kinds: int = 0
    """Kinds of journeys in which both sides answered."""
    kinds_dropped: int = 0
    """Kinds in which flagged journeys answered, but no comparable unflagged one."""
    n_dropped: int = 0
    """Answers of flagged journeys in those."""


def last_answers(surveys: pl.DataFrame) -> pl.DataFrame:
    """Return journey_id and whether its last CSAT answer says satisfied.

    As the KPI `csat` counts: the top two boxes.
    """
    measure = collect("kpis")["csat"].bind({})

    return (
        surveys.filter(measure.among & pl.col("last_answer"))
        .select("journey_id", satisfied=measure.of)
        .drop_nulls()
        .unique("journey_id", keep="any")
    )


def answer_partials(
    answered: pl.DataFrame,
    points: pl.DataFrame,
    frictions: Mapping[str, tuple[Friction, Implied]],
    *,
    period: str,
) -> pl.DataFrame:
    """Count answers by kind of journey: the table friction_answers.

    `answered`: a row a journey (by its number, as `points` have it) and cell, with
    who, customer_id, entry, topic, segment, contacts and satisfied. A friction that is
    itself read off answers is left out; one that can only show where the customer is
    known is compared among known customers.
    """
    kinds = answered.with_columns(pl.col("contacts").clip(1, MOST_CONTACTS))
    parts = []
    for name, (friction, says) in frictions.items():
        if says.answers:
            continue
        met = points.filter(pl.col("friction") == name)["journey"].implode()
        rows = kinds.with_columns(flagged=pl.col("journey").is_in(met))
        if says.several or "customer_id" in friction.inputs:
            rows = rows.drop_nulls("customer_id")
        if not says.several:
            rows = rows.with_columns(contacts=pl.lit(None, pl.Int64))
        counted = rows.group_by("cell", *KINDS, "flagged").agg(
            answers=pl.len(),
            satisfied=pl.col("satisfied").sum(),
            customers=pl.col("who").n_unique(),
        )
        named = counted.with_columns(friction=pl.lit(name), period=pl.lit(period))
        parts.append(conform(named, "friction_answers"))

    return merge_answers(parts)


def merge_answers(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Add up the friction_answers of several buckets, in a total order."""
    rest = ["answers", "satisfied", "customers"]
    every = pl.concat([empty("friction_answers"), *parts])

    return every.group_by(KEYS).agg(pl.col(rest).sum()).sort(KEYS)


def effects(answers: pl.DataFrame, *, period: str) -> dict[tuple[str, str], Effect]:
    """Return the effect of each friction and cell of a period.

    Flagged journeys are compared with unflagged ones of their own kind: the same
    channel group of entry, top topic and segment, and the same number of contacts
    (1, 2, 3, more) where the flag itself tells of other contacts. Each kind weighs as
    much as it holds flagged answers; a kind without an unflagged answer drops out. The
    interval joins the Wilson intervals of both sides (MOVER); in each, a customer
    counts once a kind, and the unflagged count as many as their weights leave
    (Kish). Fewer than ten answers on a side: no effect.
    """
    kinds: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in paired(answers.filter(period=period)).iter_rows(named=True):
        kinds.setdefault((row["friction"], row["cell"]), []).append(row)

    return {key: _effect(rows) for key, rows in kinds.items()}


def paired(answers: pl.DataFrame) -> pl.DataFrame:
    """Return both sides of each kind in which a flagged journey answered.

    The unflagged side's counts end in `_not`; null where nobody answered there.
    """
    keys = ["friction", "period", "cell", *KINDS]
    flagged, not_flagged = (
        answers.filter(pl.col("flagged") == is_so) for is_so in (True, False)
    )

    return flagged.join(
        not_flagged, on=keys, how="left", nulls_equal=True, suffix="_not"
    ).sort(keys)


def _effect(kinds: list[dict[str, Any]]) -> Effect:
    used = [kind for kind in kinds if kind["answers_not"]]
    dropped = [kind for kind in kinds if not kind["answers_not"]]
    n = sum(kind["answers"] for kind in used)
    n_not = sum(kind["answers_not"] for kind in used)
    counts = Effect(
        n_flagged=n,
        n_unflagged=n_not,
        kinds=len(used),
        kinds_dropped=len(dropped),
        n_dropped=sum(kind["answers"] for kind in dropped),
    )
    if n < FEWEST or n_not < FEWEST:
        return counts

    weights = [kind["answers"] / n for kind in used]
    share = sum(kind["satisfied"] for kind in used) / n
    share_not = sum(
        weight * kind["satisfied_not"] / kind["answers_not"]
        for weight, kind in zip(weights, used, strict=True)
    )
    spread = sum(
        weight**2 / kind["customers_not"]
        for weight, kind in zip(weights, used, strict=True)
    )
    customers = sum(kind["customers"] for kind in used)
    band = of_difference(
        share, wilson(share, customers), share_not, wilson(share_not, 1 / spread)
    )
    low, high = band or (None, None)

    return replace(
        counts,
        effect=share - share_not,
        low=low,
        high=high,
        flagged=share,
        unflagged=share_not,
    )
