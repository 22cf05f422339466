"""Journey resolution time."""

import polars as pl

from cxmap.conditions import UNIDENTIFIED, seconds_between
from cxmap.definitions import Measure, kpi
from cxmap.measures import survival


@kpi(
    over="journeys",
    unit="seconds",
    better="lower",
    section="speed",
    shown="card",
    inputs=("customer_id", "resolution_seconds"),
)
def journey_resolution_time() -> Measure:
    """How long half of the needs take from first contact to last resolution.

    The customer's clock, across channels: the Kaplan–Meier median from the start of
    the journey to its last resolution; where that is only presumed, to the end of
    the last answer. An open journey that is resolved and quiet
    since then counts as resolved, and is restated if the customer comes back; any
    other open one counts with its age so far.

    Closed journeys that were never resolved have no such time: they are left out,
    by outcome, and shown beside it. So are unidentified ones, which would always be
    the time of a single contact.

    Source: cxmap's own: Zendesk's full resolution time, told across channels.
    """
    took = pl.col("resolution_seconds")
    quiet_since = seconds_between("started_at", "ended_at") <= took
    ended = took.is_not_null() & (pl.col("closed") | quiet_since)
    age = seconds_between("started_at", "horizon_at").clip(lower_bound=0)
    closed, outcome = pl.col("closed"), pl.col("outcome")
    settled = outcome.is_in(["resolved", "presumed"]).fill_null(False)

    return survival(
        pl.when(ended).then(took).otherwise(age),
        ended=ended,
        excluded={
            "unidentified": UNIDENTIFIED,
            "unresolved": closed & (outcome == "unresolved"),
            "abandoned": closed & (outcome == "abandoned"),
            "unanswered": closed & (outcome == "unanswered"),
            "outcome_unknown": closed & ~settled,
            "time_unknown": closed & took.is_null(),
        },
    )
