"""What a survey would say had every kind of journey answered alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import polars as pl

from cxmap.insights.responding import ORDERED, STRATA
from cxmap.measures.intervals import FEWEST, NO_BAND, Band, Z, wilson

LEAST = FEWEST
"""How many answers a class needs to speak for its journeys; fewer are put together."""

OTHERS = "others"
"""Channel groups of too few answers each, taken as one."""

ROUNDS = 200
CLOSE = 1e-9
"""How near the weighted shares must come to those of all journeys."""

Form = Literal["share", "mean", "balance"]


@dataclass(frozen=True)
class Reweighted:
    """The mean of the answers, as given and re-weighted to all journeys."""

    raw: float
    """Of the answers that were re-weighted."""
    value: float
    low: float | None
    high: float | None
    answers: int
    effective: float
    """How many answers of equal weight would tell as much (Kish); at most the
    customers."""
    covered: float
    """The share of journeys that the answers can speak for: not those of channel
    groups of which nobody, or hardly anybody, answered."""
    by: tuple[str, ...]
    """What was made alike: STRATA, or fewer of them where not all can be at once."""


def reweighted(
    rows: pl.DataFrame, form: Form, *, scale: float = 1
) -> Reweighted | None:
    """Return the re-weighted mean with its 95 % interval; None below ten answers.

    `rows` as `responding.asked` returns them. Answers are weighted until each class
    of STRATA weighs as much among them as among all journeys (raking: iterative
    proportional fitting, Deming & Stephan 1940). Classes with fewer than ten
    answers join their neighbour. Only what these classes explain is corrected. The
    variance adds up customers and takes the weights as given; a share's interval is
    Wilson's at the number of answers which that variance is worth. Values are divided
    by `scale`.
    """
    if rows["value"].count() < FEWEST:
        return None

    classed = _spoken_for(rows)
    answering = classed.filter(pl.col("value").is_not_null())
    weighted, by = _raked(classed, answering)
    value, variance, effective = _told(weighted)
    low, high = _interval(form, value, variance, effective)
    raw = float(answering["value"].sum()) / answering.height

    return Reweighted(
        raw=raw / scale,
        value=value / scale,
        low=None if low is None else low / scale,
        high=None if high is None else high / scale,
        answers=answering.height,
        effective=effective,
        covered=classed.height / rows.height,
        by=by,
    )


def _spoken_for(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows whose channel groups answered enough, their classes merged."""
    answers = _answers(rows, "channel_group")
    few = [kind for kind, many in answers.items() if many < LEAST]
    together = sum(answers[kind] for kind in few)
    channel = pl.col("channel_group")
    if together < LEAST:
        rows = rows.filter(~channel.is_in(few))
    else:
        rare = pl.when(channel.is_in(few)).then(pl.lit(OTHERS))
        rows = rows.with_columns(channel_group=rare.otherwise(channel))

    return rows.with_columns(
        pl.col(by).replace_strict(_neighbours(_answers(rows, by), order))
        for by, order in ORDERED.items()
    )


def _answers(rows: pl.DataFrame, by: str) -> dict[str, int]:
    """Return how many answers each class of a stratum has."""
    found = rows.group_by(by).agg(pl.col("value").count()).sort(by)
    return dict(found.iter_rows())


def _neighbours(answers: dict[str, int], order: Sequence[str]) -> dict[str, str]:
    """Return the first class of the run that each class is joined with.

    Runs are as short as ten answers allow; what is left at the end joins the
    last run.
    """
    runs: list[list[str]] = []
    many = LEAST
    for kind in (kind for kind in order if kind in answers):
        if many >= LEAST:
            runs.append([])
            many = 0
        runs[-1].append(kind)
        many += answers[kind]
    if many < LEAST and len(runs) > 1:
        last = runs.pop()
        runs[-1] += last

    return {kind: run[0] for run in runs for kind in run}


def _raked(
    rows: pl.DataFrame, answering: pl.DataFrame
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the answers with their weights, and the strata that were made alike.

    All of them where weights exist that do so; else without the first of them.
    """
    for left_out in range(len(STRATA)):
        by = STRATA[left_out:]
        weights = _fitted(rows, answering, by)
        if weights is not None:
            return answering.with_columns(weight=weights), by

    raise AssertionError("the classes of one stratum can always be weighted")


def _fitted(
    rows: pl.DataFrame, answering: pl.DataFrame, by: Sequence[str]
) -> pl.Series | None:
    """Return weights whose shares of every class are those of all rows, or None."""
    wanted = [
        rows.group_by(one).agg(wanted=pl.len() / rows.height).sort(one) for one in by
    ]
    weighted = answering.select(*by, weight=pl.lit(1 / answering.height))
    for _ in range(ROUNDS):
        furthest = 0.0
        for one, shares in zip(by, wanted, strict=True):
            placed = weighted.join(shares, on=one, how="left", maintain_order="left")
            factor = pl.col("wanted") / pl.col("weight").sum().over(one)
            furthest = max(furthest, placed.select((factor - 1).abs().max()).item())
            weighted = placed.select(*by, weight=pl.col("weight") * factor)
        if furthest < CLOSE:
            return weighted["weight"]

    return None


def _told(weighted: pl.DataFrame) -> tuple[float, float, float]:
    """Return the weighted mean, its variance over customers, and how many it is worth.

    That is Kish's number; no more than there are customers.
    """
    weight, value = pl.col("weight"), pl.col("value")
    total, mean, squares = weighted.select(
        weight.sum().alias("total"),
        ((weight * value).sum() / weight.sum()).alias("mean"),
        (weight * weight).sum().alias("squares"),
    ).row(0)
    pulls = weighted.group_by("who", maintain_order=True).agg(
        (weight * (value - mean)).sum().alias("pull")
    )
    variance = pulls.select((pl.col("pull") ** 2).sum()).item() / total**2

    return mean, variance, min(total**2 / squares, pulls.height)


def _interval(form: Form, value: float, variance: float, effective: float) -> Band:
    if form == "share":
        worth = value * (1 - value) / variance if variance > 0 else effective
        return wilson(min(max(value, 0.0), 1.0), worth)
    if variance <= 0:
        return NO_BAND
    reach = Z * sqrt(variance)
    if form == "balance":
        return max(-1.0, value - reach), min(1.0, value + reach)

    return value - reach, value + reach
