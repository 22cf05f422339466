"""Bot resolution rate."""

from datetime import timedelta
from typing import Literal

import polars as pl

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
def bot_resolution_rate(
    *,
    variant: Literal["intercom", "zendesk"] = "intercom",
    judged_after: timedelta = timedelta(hours=72),
) -> Measure:
    """Bot conversations that a vendor's bill would call resolved.

    `variant` intercom: no person took over, nobody said that it was not resolved, and
    the customer did not reopen the same conversation. What the export marks as
    resolved is confirmed, the rest assumed from silence; coming back in another
    conversation or on another channel changes nothing. `variant` zendesk: the export
    itself marks it resolved and no person took over, judged `judged_after` its start
    and pending until then; conversations without a mark are left out. Either counts
    conversations, not customers: `true_containment_rate` is the customer's side.
    Conversations of which nobody says whether they were handed over are left out.

    Source: Intercom, resolutions of Fin; Zendesk, automated resolutions.
    """
    not_resolved = ~pl.col("resolved").fill_null(True)
    reopened = pl.col("reopened").fill_null(False)
    assumed = ~TAKEN_OVER & ~not_resolved & ~reopened
    marked = pl.col("resolved") & ~TAKEN_OVER
    until = pl.col("started_at") + judged_after
    early = (until > pl.col("horizon_at")).fill_null(True)
    by_mark = variant == "zendesk"

    return share(
        marked if by_mark else assumed,
        among=BOT_SESSION,
        pending=early if by_mark else None,
        confirmed=pl.col("resolved"),
        excluded={"merged_or_spam": NO_CONTACT},
    )
