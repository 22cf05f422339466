"""Customer satisfaction as a percentage of the maximum."""

import polars as pl

from cxmap.definitions import Measure, kpi
from cxmap.measures import mean


@kpi(
    over="surveys",
    unit="score",
    better="higher",
    section="perception",
    shown="lab",
    at="at",
    inputs=("score",),
)
def csat_percent_of_maximum() -> Measure:
    """How satisfied customers are on average, in per cent of the best answer.

    The mean of the answer divided by the top of its scale. Nobody can give 0 %: the
    worst answer of a scale from one to five is 20 %, that of one from nought to one
    0 %, so scales do not mix. A scale on which high is bad is turned round; answers
    on a scale nobody declared, or that does not rise above nought, are left out. An
    answer belongs to the period of the contact it is about.

    Source: percent-of-maximum scoring, as survey tools print it.
    """
    lowest, highest = pl.col("scale_min"), pl.col("scale_max")
    turned = lowest + highest - pl.col("score")
    score = (
        pl.when(pl.col("high_is_good").fill_null(True))
        .then(pl.col("score"))
        .otherwise(turned)
    )
    usable = (highest > lowest) & (highest > 0)

    return mean(
        (10_000 * score / pl.when(usable).then(highest)).round().cast(pl.Int64),
        among=(pl.col("survey_type") == "csat") & pl.col("score").is_not_null(),
        scale=100,
    )
