"""Mean satisfaction."""

import polars as pl

from cxmap.conditions import answer_height
from cxmap.definitions import Measure, kpi
from cxmap.measures import mean


@kpi(
    over="surveys",
    unit="score",
    better="higher",
    section="perception",
    at="at",
    inputs=("score",),
)
def csat_mean() -> Measure:
    """How satisfied those who answered are on average, from 1 to 5.

    The mean, not the share of the satisfied: a different number, never to be mixed with
    it. Answers on other scales are stretched to 1–5 and turned round where high is bad,
    each kept to the hundredth; answers on a scale nobody declared are left out.

    Source: mean-score CSAT (Nicereply and others).
    """
    return mean(
        (100 + 400 * answer_height()).round().cast(pl.Int64),
        among=(pl.col("survey_type") == "csat") & pl.col("score").is_not_null(),
        scale=100,
    )
