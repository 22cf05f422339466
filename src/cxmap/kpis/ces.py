"""Customer effort score."""

import polars as pl

from cxmap.conditions import answer_height
from cxmap.definitions import Measure, kpi
from cxmap.measures import mean


@kpi(
    over="surveys",
    unit="score",
    better="higher",
    section="perception",
    shown="card",
    at="at",
    inputs=("score",),
)
def ces() -> Measure:
    """How easy customers find it to get their need met, from 1 (hard) to 7 (easy).

    The mean over those who answered. Answers on another scale are stretched to 1–7,
    and a scale on which high means much effort is turned round, as the older
    version from 1 to 5 needs; each answer is kept to the hundredth. Answers on a
    scale nobody declared are left out.

    Source: CEB, customer effort score 2.0.
    """
    return mean(
        (100 + 600 * answer_height()).round().cast(pl.Int64),
        among=(pl.col("survey_type") == "ces") & pl.col("score").is_not_null(),
        scale=100,
    )
