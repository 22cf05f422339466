"""First contact resolution as Intercom counts it: closed once, by one teammate."""

import polars as pl

from cxmap.conditions import CASE_DONE, CASE_GONE, NO_CONTACT
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="higher",
    section="resolution",
    shown="lab",
    inputs=("status", "reopens", "agents"),
)
def fcr_intercom() -> Measure:
    """Closed cases that were closed only once, with one teammate in them.

    Over inbound contacts that are solved or closed and had a person in them; those
    that nobody but a bot or the customer closed are left out. However many messages
    it took does not matter, nor whether the customer came back in another case.
    Where the export counts no reopens or no people, the contact is left out as not
    known, unless the other count shows that it fails; merged, deleted and spam cases
    are left out.

    Source: Intercom, first contact resolution.
    """
    again, several = pl.col("reopens") > 0, pl.col("agents") > 1

    return share(
        ~again & ~several,
        among=pl.col("inbound") & CASE_DONE,
        excluded={
            "merged_or_spam": NO_CONTACT | CASE_GONE,
            "nobody_in_it": pl.col("agents") == 0,
        },
        failing={"reopened": again, "several_people": several},
    )
