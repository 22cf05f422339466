"""Premature close."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import CASE_DONE, NO_CONTACT, seconds
from cxmap.definitions import friction


@friction(
    severity="medium",
    because="was closed before the customer was done",
    groups=("chat", "messaging", "social", "written"),
    inputs=("resolved_at|closed_at|auto_closed",),
)
def premature_close(*, within: timedelta = timedelta(hours=72)) -> pl.Expr:
    """A case is closed, and the customer was not done.

    It had to be opened again, or the customer came back about the same or an unknown
    topic, up to `within` after it was solved or closed (inclusive); or a machine
    closed it although the customer had written last. A thank-you that reopens a case
    is none. The point belongs to the case that was closed. Reopenings that the export
    counts without dating them are the reopen's alone, and where it does not say who
    closed a case, nobody calls that automatic.

    Source: fazer-ai, cases closed before they were settled.
    """
    soon = [
        pl.col(after) <= seconds(within)
        for after in ("reopened_after_seconds", "repeated_after_seconds")
    ]
    done = CASE_DONE | pl.col("resolved_at").is_not_null()
    cut_off = pl.col("auto_closed") & pl.col("customer_spoke_last") & done
    written = pl.col("channel_group").is_in(["written", "messaging", "social", "chat"])

    return written & pl.any_horizontal(*soon, cut_off) & ~NO_CONTACT
