"""First contact resolution as dbt_zendesk counts it: one reply."""

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
    inputs=("status", "agent_messages"),
)
def fcr_dbt_one_reply() -> Measure:
    """Solved cases in which agents wrote exactly one public answer.

    Over inbound contacts that are solved or closed and were answered at all. A case
    closed without an answer is left out as a class of its own, `zero_touch`; the
    source counts it among those of many answers. Whether the customer came back in
    another case is not asked. Contacts without a count of public answers are left
    out as not known; merged, deleted and spam cases are left out.

    Source: dbt_zendesk, is_one_touch_resolution.
    """
    answers = pl.col("agent_messages")

    return share(
        answers == 1,
        among=pl.col("inbound") & CASE_DONE,
        excluded={
            "merged_or_spam": NO_CONTACT | CASE_GONE,
            "zero_touch": answers == 0,
        },
        failing={"several_answers": answers >= 2},
    )
