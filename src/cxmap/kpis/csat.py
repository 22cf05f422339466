"""Customer satisfaction."""

import polars as pl

from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="surveys",
    unit="share",
    better="higher",
    section="perception",
    shown="card",
    at="at",
    inputs=("score",),
)
def csat() -> Measure:
    """Customers who say that they are satisfied, among those who answered.

    The top two boxes of a scale of four to eleven points (4 and 5 of 5, 6 and 7 of
    7, 9 and 10 of 10); the top one of a shorter scale (good, not bad); the upper
    quarter of a longer one. A scale on which high is bad is turned round. Surveys
    without an answer are not in the population; answers on a scale nobody declared
    are left out. An answer belongs to the period of the contact it is about.

    Source: Zendesk; Qualtrics, top two boxes.
    """
    lowest, highest = pl.col("scale_min"), pl.col("scale_max")
    width = highest - lowest
    good = pl.col("high_is_good").fill_null(True)
    short_of_best = (
        pl.when(good)
        .then(highest - pl.col("score"))
        .otherwise(pl.col("score") - lowest)
    )
    allowed = pl.when(width < 3).then(0).when(width <= 10).then(1).otherwise(width / 4)

    return share(
        pl.when(width > 0).then(short_of_best <= allowed),
        among=(pl.col("survey_type") == "csat") & pl.col("score").is_not_null(),
    )
