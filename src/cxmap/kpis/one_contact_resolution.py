"""One contact resolution."""

import polars as pl

from cxmap.conditions import OCCASIONS, UNIDENTIFIED
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="journeys",
    unit="share",
    better="higher",
    section="resolution",
    shown="card",
    inputs=("customer_id", "outcome"),
)
def one_contact_resolution() -> Measure:
    """Needs resolved with exactly one contact, and so on exactly one channel.

    Over the closed journeys of identified customers; a journey that may still grow
    is pending, for counting it would flatter the latest period. Resolved is what a
    status, disposition or survey confirms, or what silence after a person's answer
    lets us presume; both parts are shown. A case reopened within the reopen window
    took more than one contact; a contact that was merged into another is one with
    it. Journeys whose outcome the exports cannot tell are left out.

    Source: SQM, one-contact resolution.
    """
    resolved = pl.col("outcome").is_in(["resolved", "presumed"])
    untold = pl.col("outcome") == "unknown"
    one = (OCCASIONS == 1) & ~pl.col("reopened").fill_null(False)

    return share(
        pl.when(~untold).then(resolved & one),
        pending=~pl.col("closed"),
        confirmed=pl.col("confirmed"),
        excluded={"unidentified": UNIDENTIFIED},
    )
