"""Contacts per resolution."""

import polars as pl

from cxmap.conditions import OCCASIONS, UNIDENTIFIED
from cxmap.definitions import Measure, kpi
from cxmap.measures import ratio


@kpi(
    over="journeys",
    unit="count",
    better="lower",
    section="resolution",
    inputs=("customer_id", "outcome"),
)
def contacts_per_resolution() -> Measure:
    """How many contacts it takes, over all needs, for one that is resolved.

    All inbound contacts of closed journeys by those of them that were resolved,
    confirmed or presumed: what was given up costs contacts, too, and resolves nothing.
    Contacts merged into another are one occasion with it. Open journeys are pending;
    unidentified ones, and those of which the exports cannot tell the outcome, are left
    out.

    Source: SQM, contacts per resolution (the "snowball"); Zendesk's is by ticket.
    """
    resolved = pl.col("outcome").is_in(["resolved", "presumed"])
    untold = pl.col("outcome").is_in(["unknown", "contained_unknown"])

    return ratio(
        OCCASIONS,
        resolved.cast(pl.Int64),
        pending=~pl.col("closed"),
        excluded={"unidentified": UNIDENTIFIED, "outcome_unknown": untold},
    )
