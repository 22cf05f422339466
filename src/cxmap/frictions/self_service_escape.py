"""Self-service escape."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import about_one_need
from cxmap.definitions import friction


@friction(
    severity="medium",
    because="turned from {previous_channel} to {channel} after {gap_seconds}",
    inputs=("customer_id",),
)
def self_service_escape(
    *,
    within: timedelta = timedelta(hours=24),
    unknown_topic: timedelta = timedelta(hours=2),
) -> pl.Expr:
    """The customer tries to help themselves and then turns to a person after all.

    The contact before was with a bot, a menu, a portal or an app and ended at most
    `within` before, where both are about one topic or the exports tie them together;
    at most `unknown_topic` where no topic says so, since more is chance. Whether the
    machine gave up, handed over or called it done makes no difference. The point
    belongs to the contact with the person; page views are no contacts.

    Source: CEB, calls that began in self-service; the windows are cxmap's own.
    """
    tried = pl.col("previous_channel_group") == "digital_self"
    assisted = pl.col("channel_group") != "digital_self"
    soon = about_one_need("rule", "gap_seconds", within, unknown_topic)

    return tried & assisted & soon
