"""Unanswered rate."""

from datetime import timedelta

from cxmap.conditions import (
    NO_CONTACT,
    SERVED,
    WAS_OFFERED,
    WRITTEN,
    gave_up,
    never_answered,
)
from cxmap.definitions import Measure, kpi
from cxmap.measures import share


@kpi(
    over="steps",
    unit="share",
    better="lower",
    section="speed",
    inputs=("served",),
)
def unanswered_rate(
    *,
    written_days: int = 3,
    messaging: timedelta = timedelta(hours=24),
    social: timedelta = timedelta(hours=24),
) -> Measure:
    """Customers who asked and whom nobody answered.

    Over inbound written contacts, and calls and chats offered to people. Unanswered
    are written ones after `written_days` business days, others after `messaging` or
    `social` of calendar time; until then they are pending. Calls and chats that
    nobody took, and those that overflowed to where nobody took them either, are so
    when they end: the rule of the friction `unanswered`. Whoever gave up waiting was
    not unanswered but abandoned, and counts below the line only. Contacts whose
    export cannot tell are left out, as are merged ones and spam.

    Source: first response figures print the unanswered beside them (Zendesk).
    """
    late = never_answered(written_days, messaging, social).fill_null(False)
    waits = (WRITTEN & ~SERVED & ~gave_up() & ~late).fill_null(False)

    return share(
        late,
        among=WRITTEN | WAS_OFFERED,
        pending=waits,
        excluded={
            "merged_or_spam": NO_CONTACT,
            "served_unknown": SERVED.is_null(),
        },
    )
