"""Messages of cases: to which contact of its case each belongs, and what they tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Literal

import polars as pl

from cxmap.hours import held_seconds, with_schedules
from cxmap.names import DONE, LIVE_GROUPS
from cxmap.options import Hours
from cxmap.sources.channels import channel_group

CASE = ("source", "source_contact_id")
"""What names a case: the number its rows show."""


LEFT_AFTER = timedelta(hours=1)
"""A live exchange that is silent for so long has ended."""

TAKEN_DOWN_WITHIN = timedelta(minutes=1)
"""What an agent writes first is what a customer said, if the case began with it; a
message that comes later answers a question the messages do not show."""

COURTESY_WITHIN = timedelta(days=1)

ANSWER_DUE: Mapping[str, int] = MappingProxyType(
    {"chat": 60, "messaging": 15 * 60, "social": 4 * 3600}
)
"""Business seconds after which an answer is owed; elsewhere ANSWER_DUE_ELSEWHERE.
From then on a further message of the customer is a chaser."""
ANSWER_DUE_ELSEWHERE = 8 * 3600


@dataclass(frozen=True)
class Cases:
    """How cases are cut into contacts."""

    reopen_within: timedelta
    hours: Hours


def touches(events: pl.DataFrame, whole: pl.DataFrame) -> pl.DataFrame:
    """The public messages of cases in order, each with its channel group."""
    shown = (pl.col("event_type") == "message_sent") & pl.col("public").fill_null(True)
    told = whole.select(
        *CASE,
        "case_id",
        "idle_seconds",
        case_channel="channel",
        case_at="started_at",
        outbound=(pl.col("direction") == "outbound").fill_null(value=False),
    )
    messages = (
        events.filter(shown)
        .join(told, on=CASE, how="inner")
        .sort(*CASE, "at", "record_key", "content")
    )
    first = pl.struct(CASE).is_first_distinct()
    by_customer = (pl.col("actor_type") == "customer").fill_null(value=False)
    # What an agent takes down for a customer opens a contact of the customer's.
    opens = by_customer | (first & ~pl.col("outbound"))
    channel = pl.when(by_customer).then(pl.coalesce("channel", "case_channel"))
    own = pl.when(opens | first).then(
        channel_group(pl.coalesce(channel, "case_channel"))
    )

    return messages.with_columns(
        by_customer=by_customer,
        opens=opens,
        touch_channel=pl.when(opens | first).then(pl.coalesce(channel, "case_channel")),
        group=own,
    ).with_columns(pl.col("group", "touch_channel").forward_fill())


def solves(events: pl.DataFrame, whole: pl.DataFrame) -> pl.DataFrame:
    """When each case was solved: as its events say, else as the case itself does."""
    changed = pl.col("event_type") == "status_changed"
    solving = pl.col("event_type").is_in(DONE) | (
        changed & pl.col("to_value").is_in(DONE)
    )
    dated = (
        events.filter(solving)
        .join(whole.select(CASE), on=CASE, how="semi")
        .select(*CASE, solved_at="at")
    )
    undated = whole.join(dated, on=CASE, how="anti").select(
        *CASE, solved_at="resolved_at"
    )

    return pl.concat([dated, undated.drop_nulls()]).unique().sort("solved_at")


def numbered(touches: pl.DataFrame, solves: pl.DataFrame, rules: Cases) -> pl.DataFrame:
    """The messages with the number of the contact they belong to."""
    placed = _between_solves(touches, solves)
    at, solved = pl.col("at"), pl.col("solved_at")
    asked = pl.when("opens").then("at").forward_fill().shift()
    since_solved = (at - solved) <= rules.reopen_within
    came_back = pl.col("by_customer") & (solved >= asked.over(CASE)) & since_solved
    placed = placed.with_columns(
        reopening=came_back.fill_null(value=False) & ~_courtesy()
    )

    lanes = placed.sort(*CASE, "group", "at", "record_key", "content")
    first = pl.struct(*CASE, "group").is_first_distinct()
    late = (solved >= asked.over(*CASE, "group")) & ~since_solved
    live = pl.col("group").is_in(LIVE_GROUPS)
    patience = (
        pl.when(pl.col("idle_seconds").is_not_null())
        .then(pl.duration(seconds=pl.col("idle_seconds")))
        .when(live)
        .then(pl.lit(LEFT_AFTER))
    )
    left = (at - at.shift()) > patience
    splits = pl.col("opens") & (late | left).fill_null(value=False)

    return lanes.with_columns(number=(first | splits).cum_sum())


def scheduled(
    numbered: pl.DataFrame, whole: pl.DataFrame, events: pl.DataFrame, rules: Cases
) -> pl.DataFrame:
    """The messages, each with the opening hours that its case falls under there."""
    lanes = (
        numbered.select(*CASE, "group")
        .unique(maintain_order=True)
        .join(
            whole.select(*CASE, "team", "queue", "started_at"),
            on=CASE,
            maintain_order="left",
        )
        .with_columns(channel_group="group")
    )
    under = with_schedules(lanes, events, rules.hours, key=CASE)

    return numbered.join(
        under.select(*CASE, "group", "schedules"),
        on=[*CASE, "group"],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )


def _between_solves(touches: pl.DataFrame, solves: pl.DataFrame) -> pl.DataFrame:
    """The messages in order, with the case's solve before and after each."""
    placed = touches.sort("at")
    sides: dict[str, Literal["backward", "forward"]] = {
        "solved_at": "backward",
        "solved_next": "forward",
    }
    for name, side in sides.items():
        dated = solves.select(*CASE, at="solved_at").with_columns(
            pl.col("at").alias(name)
        )
        placed = placed.join_asof(
            dated, on="at", by=list(CASE), strategy=side, check_sortedness=False
        )

    return placed.sort(*CASE, "at", "record_key", "content")


def _courtesy() -> pl.Expr:
    """Whether a message reopened a case only to say thank you.

    It was solved again within a day, and nobody wrote back.
    """
    replied = pl.when(~pl.col("by_customer")).then("at").shift(-1).backward_fill()
    silent = replied.over(CASE).is_null() | (replied.over(CASE) > pl.col("solved_next"))
    soon = pl.col("solved_next") - pl.col("at") <= COURTESY_WITHIN

    return (silent & soon).fill_null(value=False)


def told(numbered: pl.DataFrame, rules: Cases) -> pl.DataFrame:
    """One row a contact: what its messages say of it."""
    chased = _with_chasers(numbered, rules)
    human = (pl.col("actor_type") == "human").fill_null(value=False)
    bot = (pl.col("actor_type") == "bot").fill_null(value=False)
    at = pl.col("at")

    return (
        chased.sort("number", "at", "record_key", "content")
        .group_by("number", maintain_order=True)
        .agg(
            pl.col(*CASE, "case_id", "group", "outbound").first(),
            channel=pl.col("touch_channel").first(),
            inbound=pl.col("opens").first(),
            started_at=at.first(),
            last_message_at=at.last(),
            first_response_at=at.filter(human & ~taken_down()).first(),
            customer_messages=pl.col("by_customer").sum().cast(pl.Int64),
            agent_messages=human.sum().cast(pl.Int64),
            bots=bot.sum(),
            strangers=(pl.col("actor_type").is_null() & ~pl.col("opens")).sum(),
            chasers=pl.col("chasing").sum().cast(pl.Int64),
            reopens=pl.col("reopening").sum().cast(pl.Int64),
            agent_id=pl.col("actor_id").filter(human).drop_nulls().last(),
            agents=pl.col("actor_id").filter(human).drop_nulls().n_unique(),
        )
        .with_columns(
            pl.col("agents").cast(pl.Int64),
            opening=pl.col("started_at") == pl.col("started_at").min().over(CASE),
        )
    )


def taken_down() -> pl.Expr:
    """Whether an agent wrote down what a customer said: no answer to anybody."""
    human = (pl.col("actor_type") == "human").fill_null(value=False)
    late = (pl.col("at") - pl.col("case_at") > TAKEN_DOWN_WITHIN).fill_null(value=False)

    return human & pl.col("opens") & ~late


def _with_chasers(numbered: pl.DataFrame, rules: Cases) -> pl.DataFrame:
    """The messages, those of customers who wait for an overdue answer marked."""
    ordered = numbered.sort(*CASE, "at", "record_key", "content")
    first = pl.struct(CASE).is_first_distinct()
    by_customer = pl.col("by_customer")
    waits = by_customer & by_customer.shift(fill_value=False) & ~first
    owed_from = pl.when(by_customer & ~waits).then("at").forward_fill()
    due = pl.col("group").replace_strict(
        dict(ANSWER_DUE), default=ANSWER_DUE_ELSEWHERE, return_dtype=pl.Int64
    )
    owed = ordered.with_columns(owed_from=owed_from, waits=waits)
    waited = held_seconds(owed, "owed_from", "at", rules.hours)

    return owed.with_columns(chasing=pl.col("waits") & (waited > due))


def ranked(told: pl.DataFrame) -> pl.DataFrame:
    """The contacts of each case in order, each with its number."""
    ordered = told.sort(*CASE, "started_at", "number")
    rank = pl.int_range(1, pl.len() + 1).over(CASE)
    numbered = pl.concat_str("source_contact_id", pl.lit("#"), "rank")

    return ordered.with_columns(rank=rank, count=pl.len().over(CASE)).with_columns(
        part_id=pl.when(pl.col("rank") == 1)
        .then("source_contact_id")
        .otherwise(numbered),
        until=pl.col("started_at").shift(-1).over(CASE),
    )
