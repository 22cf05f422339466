"""Journeys that somebody judged: bad answers, and first contacts that were repeated."""

from collections.abc import Mapping
from typing import Literal

import polars as pl

from cxmap.conditions import not_yet_silent
from cxmap.definitions import collect
from cxmap.ids import lot
from cxmap.periods import Period
from cxmap.tables import WHEN

Tables = Mapping[str, pl.DataFrame]
On = Literal["csat", "ces", "repeat"]

LABELS: Mapping[On, str] = {
    "csat": "journeys whose last CSAT answer is not satisfied",
    "ces": "journeys whose last CES answer is below 5 of 7: not easy",
    "repeat": "first served contacts that were repeated within the repeat window",
}
"""What the score is to foretell."""

FOLDS = 5

EASY = 500
"""The KPI `ces` counts in hundredths of 1 to 7."""


def labels(tables: Tables, on: On, period: Period | None = None) -> pl.DataFrame:
    """Return the labelled journeys: journey_id, who, bad, until_at, fold.

    Points later than `until_at` came after the label; null: when is not known, and
    all of them count.
    """
    if on == "repeat":
        told = _repeats(tables["journeys"])
    else:
        told = _answers(tables["surveys"], on)
    journeys = tables["journeys"]
    if period is not None:
        began = pl.col("started_at").is_between(period.since, period.until, "left")
        journeys = journeys.filter(began)
    known = journeys.select("journey_id", who=pl.coalesce("customer_id", "journey_id"))

    return (
        told.join(known, on="journey_id")
        .with_columns(fold=lot(pl.col("who"), FOLDS))
        .select("journey_id", "who", "bad", "until_at", "fold")
        .sort("journey_id")
    )


def _answers(surveys: pl.DataFrame, on: On) -> pl.DataFrame:
    measure = collect("kpis")[on].bind({})
    bad = ~measure.of if on == "csat" else measure.of < EASY

    return (
        surveys.filter(measure.among & pl.col("last_answer"))
        .select("journey_id", bad=bad, until_at=pl.col("responded_at").cast(WHEN))
        .drop_nulls(["journey_id", "bad"])
        .sort("journey_id", "until_at", "bad")
        .unique("journey_id", keep="last", maintain_order=True)
    )


def _repeats(journeys: pl.DataFrame) -> pl.DataFrame:
    judged = (
        pl.col("customer_id").is_not_null()
        & pl.col("trigger_id").is_not_null()
        & ~not_yet_silent("trigger_touch_at", "trigger_window_seconds")
    )

    return journeys.filter(judged).select(
        "journey_id",
        bad=pl.col("trigger_repeated").fill_null(value=False),
        until_at=pl.col("trigger_started_at").cast(WHEN),
    )
