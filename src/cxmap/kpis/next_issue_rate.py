"""Next issue rate."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import (
    NEXT_ISSUE,
    NEXT_ISSUES,
    UNIDENTIFIED,
    next_issue_after,
)
from cxmap.definitions import Measure, baseline, kpi
from cxmap.measures import count, share


@baseline(over="steps", by=("topic", "next_journey_topic"))
def next_issues_of_pair() -> Measure:
    """How many resolved journeys of a topic were followed by one of another topic.

    Within seven days. With the three counts beside it, it gives the lift of the pair.
    """
    return count(NEXT_ISSUE, among=NEXT_ISSUE)


@baseline(over="steps", by=("topic",))
def next_issues_after_topic() -> Measure:
    """How many resolved journeys of a topic were followed by any within seven days."""
    return count(NEXT_ISSUE, among=NEXT_ISSUE)


@baseline(over="steps", by=("next_journey_topic",))
def next_issues_of_topic() -> Measure:
    """How many journeys of a topic followed a resolved one within seven days."""
    return count(NEXT_ISSUE, among=NEXT_ISSUE)


@baseline(over="steps")
def next_issues() -> Measure:
    """How many resolved journeys were followed by another within seven days."""
    return count(NEXT_ISSUE, among=NEXT_ISSUE)


@kpi(
    over="steps",
    unit="share",
    better="lower",
    section="resolution",
    inputs=("customer_id", "topic"),
    needs=NEXT_ISSUES,
)
def next_issue_rate(
    *,
    within: timedelta = timedelta(days=7),
    at_least: int = 20,
    percent: int = 150,
) -> Measure:
    """Resolved needs that brought the next one, on another topic, with them.

    The customer's next journey begins `within` a week of the end of this one
    (inclusive), on a topic neither equal to nor above or below that of its last
    contact; and that topic follows this one at `percent` or more of how often it
    follows any topic (its lift), in `at_least` so many cases over everything held.
    Below that a new topic is chance and no consequence. Lift and cases are counted at
    seven days.

    Over closed journeys that were resolved, confirmed or presumed, each by its last
    contact; pending until the time has passed. Unidentified ones, and those of unknown
    topic, are left out.

    Source: CEB, next issue avoidance; lift and support as in association rules.
    """
    settled = pl.col("outcome").is_in(["resolved", "presumed"])
    open_still = pl.col("outcome") == "open"
    last = pl.col("contacts_after") == 0
    ends = pl.col("journey_ended_at") + within > pl.col("horizon_at")

    return share(
        next_issue_after(within, at_least, percent),
        among=last & (settled | open_still),
        pending=open_still | ends.fill_null(True),
        excluded={
            "unidentified": UNIDENTIFIED,
            "topic_unknown": pl.col("topic").is_null(),
        },
    )
