"""First contact resolution as Zendesk counts it: one touch."""

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
def fcr_zendesk_one_touch() -> Measure:
    """Solved cases in which agents wrote fewer than two public answers.

    Over inbound contacts that are solved or closed. It counts answers, not needs: a
    customer who writes again in a new case the next day is two one-touch cases, and
    a case closed without any answer is one, too. Calls and whatever else has no
    count of public answers are left out as not known; merged, deleted and spam cases
    are left out.

    Source: Zendesk Explore, one-touch tickets (newer help texts say exactly one).
    """
    answers = pl.col("agent_messages")

    return share(
        answers < 2,
        among=pl.col("inbound") & CASE_DONE,
        excluded={"merged_or_spam": NO_CONTACT | CASE_GONE},
        failing={"several_answers": answers >= 2},
    )
