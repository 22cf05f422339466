"""Next issue."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import NEXT_ISSUES, next_issue_after
from cxmap.definitions import friction


@friction(
    severity="low",
    because="back about {next_journey_topic} after {next_journey_after_seconds}",
    inputs=("customer_id", "topic"),
    needs=NEXT_ISSUES,
)
def next_issue(
    *,
    within: timedelta = timedelta(days=7),
    at_least: int = 20,
    percent: int = 150,
) -> pl.Expr:
    """The customer is helped, and soon comes back with what follows from it.

    The journey was resolved, confirmed or presumed, and the customer's next one begins
    `within` a week of its end, on a topic neither equal to nor above or below that of
    its last contact, which follows this topic at `percent` or more of how often it
    follows any topic (its lift), in `at_least` so many cases over everything held.
    Whoever answered could have known what comes next. The point belongs to the last
    contact of the resolved journey.

    Source: CEB, next issue avoidance; lift and support as in association rules.
    """
    settled = pl.col("outcome").is_in(["resolved", "presumed"])
    last = pl.col("contacts_after") == 0

    return settled & last & next_issue_after(within, at_least, percent)
