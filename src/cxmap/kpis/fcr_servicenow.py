"""First contact resolution as ServiceNow counts it: one update."""

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
    inputs=("status", "reopens", "agent_messages", "customer_messages"),
)
def fcr_servicenow() -> Measure:
    """Solved cases that one update settled: never reopened, no further message.

    Over inbound contacts that are solved or closed. It fails when the case was
    reopened, when agents answered more than once, or when the customer wrote more
    than the message that opened it. ServiceNow also fails a case that once waited
    for the customer, or has a call or work order of its own: what a contact holds
    does not tell that, so the share is at most so high. A count that the export does
    not give leaves the contact out as not known, unless another one shows that it
    fails; merged, deleted and spam cases are left out.

    Source: ServiceNow, case report form, first contact resolution.
    """
    again = pl.col("reopens") > 0
    answers = pl.col("agent_messages") > 1
    wrote = pl.col("customer_messages") > 1

    return share(
        ~again & ~answers & ~wrote,
        among=pl.col("inbound") & CASE_DONE,
        excluded={"merged_or_spam": NO_CONTACT | CASE_GONE},
        failing={
            "reopened": again,
            "several_answers": answers,
            "customer_wrote_again": wrote,
        },
    )
