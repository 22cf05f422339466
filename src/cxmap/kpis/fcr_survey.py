"""First contact resolution as customers tell it."""

import polars as pl

from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="surveys",
    unit="share",
    better="higher",
    section="resolution",
    shown="lab",
    at="at",
    inputs=("score",),
)
def fcr_survey() -> Measure:
    """Customers who say that their need was met at the first contact.

    The best answer of the scale (yes, of yes and no) among those who answered a
    survey that asks it. Only those who answer are heard, which flatters as a rule;
    whoever gave up before was never asked. Answers on a scale nobody declared are
    left out. An answer belongs to the period of the contact it is about.

    Source: SQM, first call resolution by survey.
    """
    lowest, highest = pl.col("scale_min"), pl.col("scale_max")
    good = pl.col("high_is_good").fill_null(True)
    best = (
        pl.when(good)
        .then(pl.col("score") >= highest)
        .otherwise(pl.col("score") <= lowest)
    )

    return share(
        pl.when(highest > lowest).then(best),
        among=(pl.col("survey_type") == "fcr") & pl.col("score").is_not_null(),
    )
