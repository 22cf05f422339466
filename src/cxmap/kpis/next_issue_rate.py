"""Next issue rate."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import UNIDENTIFIED, different_topic, seconds
from cxmap.definitions import Measure, baseline, kpi
from cxmap.measures import count, share

RESOLVED = pl.col("outcome").is_in(["resolved", "presumed"])
TOLD = RESOLVED & pl.col("customer_id").is_not_null() & pl.col("topic").is_not_null()
FOLLOWED = TOLD & (pl.col("next_after_seconds") <= 7 * 86_400)
FOLLOWED_BY = FOLLOWED & pl.col("next_topic").is_not_null()


@baseline(over="journeys", by=("topic", "next_topic"))
def next_issues_of_pair() -> Measure:
    """How many resolved journeys of a topic were followed by one of another topic.

    Within seven days. With the three counts beside it, it gives the lift of the pair.
    """
    return count(FOLLOWED_BY, among=FOLLOWED_BY)


@baseline(over="journeys", by=("topic",))
def next_issues_after_topic() -> Measure:
    """How many resolved journeys of a topic were followed by any within seven days."""
    return count(FOLLOWED_BY, among=FOLLOWED_BY)


@baseline(over="journeys", by=("next_topic",))
def next_issues_of_topic() -> Measure:
    """How many journeys of a topic followed a resolved one within seven days."""
    return count(FOLLOWED_BY, among=FOLLOWED_BY)


@baseline(over="journeys")
def next_issues() -> Measure:
    """How many resolved journeys were followed by another within seven days."""
    return count(FOLLOWED_BY, among=FOLLOWED_BY)


def lift() -> pl.Expr:
    """Return how much oftener a topic follows another than it follows any.

    From the four baselines above; null where nothing followed.
    """
    pair, after = (
        pl.col("baseline_next_issues_of_pair"),
        pl.col("baseline_next_issues_after_topic"),
    )
    of, every = pl.col("baseline_next_issues_of_topic"), pl.col("baseline_next_issues")
    return pair * every / (after * of)


@kpi(
    over="journeys",
    unit="share",
    better="lower",
    section="resolution",
    inputs=("customer_id", "topic"),
    needs=(
        "next_issues",
        "next_issues_after_topic",
        "next_issues_of_pair",
        "next_issues_of_topic",
    ),
)
def next_issue_rate(
    *,
    within: timedelta = timedelta(days=7),
    at_least: int = 20,
    percent: int = 150,
) -> Measure:
    """Resolved needs that brought the next one, on another topic, with them.

    The customer's next journey begins `within` a week of the end of this one
    (inclusive), on a topic neither equal to nor above or below this one's; and that
    topic follows this one at `percent` or more of how often it follows any topic (its
    lift), in `at_least` so many cases over everything held. Below that a new topic is
    chance and no consequence. Lift and cases are counted at seven days.

    Over closed journeys that were resolved, confirmed or presumed, with a known topic;
    pending until the time has passed. Unidentified ones, and those of unknown topic,
    are left out.

    Source: CEB, next issue avoidance; lift and support as in association rules.
    """
    soon = pl.col("next_after_seconds") <= seconds(within)
    other = different_topic("topic", "next_topic")
    often = pl.col("baseline_next_issues_of_pair") >= at_least
    lifted = 100 * lift() >= percent
    ends = pl.col("ended_at") + within > pl.col("horizon_at")

    return share(
        (soon & other & often & lifted).fill_null(False),
        among=RESOLVED | ~pl.col("closed"),
        pending=~pl.col("closed") | ends.fill_null(True),
        excluded={
            "unidentified": UNIDENTIFIED,
            "topic_unknown": pl.col("topic").is_null(),
        },
    )
