"""Net promoter score."""

import polars as pl

from cxmap.definitions import Measure, kpi
from cxmap.measures import balance


@kpi(
    over="surveys",
    unit="points",
    better="higher",
    section="perception",
    shown="card",
    at="at",
    inputs=("score",),
)
def nps() -> Measure:
    """How many more customers would recommend us than would advise against us.

    Promoters (9 and 10) less detractors (0 to 6) in points from −100 to 100, over
    relationship and transactional answers on the scale from 0 to 10. Answers on any
    other scale are left out: they are not this number.

    Source: Reichheld, net promoter score.
    """
    score = pl.col("score")
    promoter, detractor = score >= 9, score <= 6
    eleven = (pl.col("scale_min") == 0) & (pl.col("scale_max") == 10)

    return balance(
        promoter.cast(pl.Int64) - detractor.cast(pl.Int64),
        among=(pl.col("survey_type") == "nps") & score.is_not_null(),
        excluded={"other_scale": ~eleven.fill_null(False)},
    )
