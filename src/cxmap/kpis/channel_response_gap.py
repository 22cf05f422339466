"""Channel response gap."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import (
    NO_CONTACT,
    SERVED,
    WRITTEN,
    first_answer_seconds,
    first_wait_seconds,
    seconds,
    seconds_between,
)
from cxmap.definitions import Measure, kpi
from cxmap.measures import gap


@kpi(
    over="contacts",
    unit="count",
    better="lower",
    section="speed",
    inputs=("first_response_seconds|first_response_at|answered_at",),
)
def channel_response_gap(
    *,
    chat: timedelta = timedelta(seconds=60),
    messaging: timedelta = timedelta(minutes=15),
    social: timedelta = timedelta(hours=4),
    written: timedelta = timedelta(hours=8),
) -> Measure:
    """How many times longer the slowest channel lets customers wait than the fastest.

    Each wait for a first answer is divided by what is expected on its channel group:
    `chat`, `messaging`, `social`, `written`; an e-mail answered within an hour is not
    compared raw with a chat. Of each group with ten contacts or more the Kaplan–Meier
    median counts, those still waiting with the time they have waited; the number is
    the highest by the lowest. 1 is even; the interval is that of the two extremes.

    The population is that of the first response time, and chats whose export tells
    when somebody took them. Empty with fewer than two such groups.

    Source: cxmap; discrepancies between channels' response times as a sign of missing
    integration.
    """
    targets = {
        "chat": chat,
        "messaging": messaging,
        "social": social,
        "written": written,
    }
    expected = pl.col("channel_group").replace_strict(
        {group: seconds(target) for group, target in targets.items()},
        default=None,
        return_dtype=pl.Int64,
    )
    in_chat = pl.col("channel_group") == "chat"
    taken = pl.when(in_chat).then(seconds_between("started_at", "answered_at"))
    took = pl.coalesce(first_answer_seconds(), taken)
    waited = pl.coalesce(took, pl.when(WRITTEN).then(first_wait_seconds()))
    no_time = took.is_null()

    return gap(
        1000 * waited // pl.when(expected > 0).then(expected),
        group=pl.col("channel_group"),
        ended=~no_time,
        among=pl.col("inbound") & (WRITTEN | in_chat),
        excluded={
            "merged_or_spam": NO_CONTACT,
            "served_unknown": no_time & SERVED.is_null(),
            "time_unknown": no_time & SERVED,
        },
    )
