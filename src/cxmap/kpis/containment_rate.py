"""Containment rate."""

from cxmap.conditions import BOT_SESSION, NO_CONTACT, TAKEN_OVER
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="steps",
    unit="share",
    better="neither",
    section="routing",
    inputs=("disposition|handed_off",),
)
def containment_rate() -> Measure:
    """Bot conversations that no person took over, whether or not they helped.

    The vendors' figure: whoever gives up and leaves counts as contained, and so does
    whoever calls a minute later. Read `true_containment_rate` beside it. A bot handed
    over where the export says so, where a person handled the conversation, or where
    the next contact was transferred from it. Conversations whose export tells neither
    how they ended nor whether they were handed over are left out.

    Source: raw bot containment, as chatbot vendors print it.
    """
    return share(
        ~TAKEN_OVER,
        among=BOT_SESSION,
        excluded={"merged_or_spam": NO_CONTACT},
    )
