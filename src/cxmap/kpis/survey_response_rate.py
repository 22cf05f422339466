"""Survey response rate."""

import polars as pl

from cxmap.definitions import Measure, baseline, kpi
from cxmap.measures import share


@baseline(over="surveys", by=("source", "survey_type"))
def answered_share() -> Measure:
    """Which part of what a source holds of one kind of survey was answered.

    A source in which nothing ever stayed without an answer exports answers alone.
    """
    return share(pl.col("score").is_not_null())


@kpi(
    over="surveys",
    unit="share",
    better="higher",
    section="perception",
    at="at",
    inputs=("survey_type",),
    needs=("answered_share",),
)
def survey_response_rate() -> Measure:
    """Surveys that were answered, among those that were sent.

    Of every kind: CSAT, NPS, CES. A low rate says that those who answered may not stand
    for the rest; `cxmap kpi csat --bias` says who they are. Where a source holds
    nothing but answers, how many were sent is not known, and its surveys are left out
    as `answers_only`.

    Source: response rate, answers ÷ surveys sent.
    """
    return share(
        pl.col("score").is_not_null(),
        excluded={
            "answers_only": (pl.col("baseline_answered_share") == 1).fill_null(True)
        },
    )
