"""After-contact work exceeds talk."""

import polars as pl

from cxmap.conditions import CALL_OR_CHAT, SERVED
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="contacts",
    unit="share",
    better="lower",
    section="routing",
    inputs=("wrap_up_seconds",),
)
def acw_exceeds_talk_rate() -> Measure:
    """Calls and chats after which people worked longer than they had talked.

    Over served inbound calls and chats. As long as the talk is not longer. Where it
    happens often, systems make the work, not customers. Contacts whose export does
    not tell both are left out.

    Source: the systems' clue of after-contact work above talk time.
    """
    return share(
        pl.col("wrap_up_seconds") > pl.col("talk_seconds"),
        among=pl.col("inbound") & CALL_OR_CHAT & SERVED,
    )
