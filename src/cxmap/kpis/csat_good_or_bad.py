"""Customer satisfaction as Zendesk counts it: good, of good and bad."""

import polars as pl

from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="surveys",
    unit="share",
    better="higher",
    section="perception",
    shown="lab",
    at="at",
    inputs=("score",),
)
def csat_good_or_bad() -> Measure:
    """Customers who say good, among those who say good or bad.

    Only answers that lie above or below the middle of their scale are counted: good
    and bad where there are two, and without the neutral middle of a longer scale,
    which is left out and makes the share higher than top boxes are. A scale on which
    high is bad is turned round; answers on a scale nobody declared are left out. An
    answer belongs to the period of the contact it is about.

    Source: Zendesk, satisfaction score: good ÷ (good + bad).
    """
    lowest, highest = pl.col("scale_min"), pl.col("scale_max")
    above = 2 * pl.col("score") - lowest - highest
    good = pl.when(pl.col("high_is_good").fill_null(True)).then(above).otherwise(-above)

    return share(
        pl.when(highest > lowest).then(good > 0),
        among=(pl.col("survey_type") == "csat") & pl.col("score").is_not_null(),
        excluded={"neither_good_nor_bad": (highest > lowest) & (above == 0)},
    )
