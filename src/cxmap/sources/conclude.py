"""What follows for every contact from what its records say, whatever the source."""

import polars as pl

from cxmap.names import CHANNEL_GROUPS, DONE, LIVE_GROUPS
from cxmap.sources.channels import channel_group

SERVED_BY_PERSON = ("handled",)
SERVED_BY_MACHINE = ("bot_handled", "self_served")
UNSERVED = (
    "abandoned",
    "short_abandoned",
    "unanswered",
    "missed",
    "voicemail",
    "overflowed",
    "opted_out",
    "failed",
)
MACHINES = tuple(
    name for name, group in CHANNEL_GROUPS.items() if group == "digital_self"
)
"""Channels on which nobody answers in person, unless an agent is named."""


def conclude(contacts: pl.DataFrame) -> pl.DataFrame:
    """Return the contacts with what every one of them gets.

    Takes `source`, `source_contact_id` and tables.FACTS. Adds `contact_id`,
    `channel_group`, `inbound`, `last_touch_at` and `connected`; fills `channel`,
    `direction`, `resolved`, `served`, `disposition`, and of a time and its duration
    the one that is missing.
    """
    return (
        contacts.with_columns(
            pl.col("channel").fill_null("unknown"),
            pl.col("direction").fill_null("unknown"),
            *_paired("first_response_at", "first_response_seconds"),
            *_paired("resolved_at", "resolution_seconds"),
            queue_seconds=pl.coalesce(
                "queue_seconds", _between("queued_at", "answered_at")
            ),
            resolved=pl.coalesce(
                "resolved", pl.when(pl.col("status").is_in(DONE)).then(True)
            ),
            contact_id=pl.concat_str("source", pl.lit(":"), "source_contact_id"),
        )
        .with_columns(
            served=_served(),
            channel_group=channel_group(pl.col("channel")),
            inbound=pl.col("direction").is_in(["inbound", "unknown"]),
        )
        .with_columns(
            disposition=_disposition(),
            connected=pl.when(pl.col("direction") == "outbound").then(pl.col("served")),
            last_touch_at=_last_touch(),
        )
    )


def _paired(at: str, seconds: str) -> tuple[pl.Expr, pl.Expr]:
    started = pl.col("started_at")
    later = started + pl.duration(seconds=pl.col(seconds))

    return (
        pl.coalesce(at, later).alias(at),
        pl.coalesce(seconds, _between("started_at", at)).alias(seconds),
    )


def _between(start: str, end: str) -> pl.Expr:
    seconds = (pl.col(end) - pl.col(start)).dt.total_seconds()
    return pl.when(seconds >= 0).then(seconds)


def _served() -> pl.Expr:
    """True, false or null: silence after a bot is no service, and no failure."""
    disposition = pl.col("disposition")
    answered = pl.any_horizontal(
        pl.col(name).is_not_null()
        for name in ("answered_at", "first_response_at", "first_response_seconds")
    )
    alone = pl.col("channel").is_in(MACHINES) & pl.col("agent_id").is_null()
    by_machine = disposition.is_in(SERVED_BY_MACHINE) | alone

    return (
        pl.when(pl.col("served").is_not_null())
        .then(pl.col("served"))
        .when(disposition.is_in(SERVED_BY_PERSON))
        .then(True)
        .when(disposition.is_in(UNSERVED))
        .then(False)
        .when(by_machine)
        .then(pl.when(pl.col("resolved")).then(True))
        .when(answered)
        .then(True)
        .when(pl.col("status").is_in(DONE))
        .then(True)
    )


def _disposition() -> pl.Expr:
    merged = pl.when(pl.col("status") == "merged").then(pl.lit("merged"))
    alone = pl.col("channel").is_in(MACHINES) & pl.col("agent_id").is_null()
    by_bot = pl.when(pl.col("channel") == "bot").then(pl.lit("bot_handled"))
    machine = pl.when(alone).then(by_bot.otherwise(pl.lit("self_served")))
    handled = pl.when("served").then(pl.coalesce(machine, pl.lit("handled")))

    return pl.coalesce("disposition", merged, handled, pl.lit("unknown"))


def _last_touch() -> pl.Expr:
    started = pl.col("started_at")
    live = pl.coalesce(
        "ended_at",
        started + pl.duration(seconds=pl.col("duration_seconds")),
        pl.col("answered_at") + pl.duration(seconds=pl.col("talk_seconds")),
        "answered_at",
        started,
    )
    answered = pl.max_horizontal("first_response_at", "resolved_at")
    written = pl.coalesce("last_message_at", answered, started)
    spoken = pl.col("channel_group").is_in(LIVE_GROUPS)
    # A voicemail waits for its answer as a letter does.
    last = pl.when(spoken & (pl.col("channel") != "voicemail")).then(live)

    return pl.max_horizontal(last.otherwise(written), started)
