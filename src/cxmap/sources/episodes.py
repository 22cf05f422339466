"""Cases become contacts: one a channel group until it is solved.

A case (a ticket, a conversation) may hold several contacts. Its public messages say
which: what the customer writes on one channel group belongs to one contact until the
case is solved; what comes within the reopening time after that reopens it, what comes
later is a new one. Silence never splits a pending case, except on channels that are
live (a chat ends when both have left it) and in threads that are never solved.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

import polars as pl

from cxmap.hours import business_seconds
from cxmap.names import LIVE_GROUPS
from cxmap.options import Hours
from cxmap.sources.channels import channel_group
from cxmap.tables import CONTACT_RECORDS, FACTS

CASE = ("source", "source_contact_id")
"""What names a case: the number its rows show."""

SOLVED = ("solved", "closed")

LEFT_AFTER = timedelta(hours=1)
"""A live exchange that is silent for so long has ended."""

ANSWER_DUE: Mapping[str, int] = MappingProxyType(
    {"chat": 60, "messaging": 15 * 60, "social": 4 * 3600}
)
"""Business seconds after which an answer is owed; elsewhere ANSWER_DUE_ELSEWHERE.
From then on a further message of the customer is a chaser."""
ANSWER_DUE_ELSEWHERE = 8 * 3600

OF_CASE = ("topic_raw", "language", "priority", "team", "queue", "updated_at")
"""What every contact of a case shares with it."""

OF_LAST = ("status", "closed_at", "resolved", "resolution_seconds")
"""What a case says of how it stands: true of its last contact."""

OF_FIRST = ("initiation", "queue_seconds", "queued_at", "transfers")
"""What a case says of how it came in, or of the whole: told once, of its first."""

TOLD_BY_MESSAGES = (
    "channel",
    "direction",
    "started_at",
    "last_message_at",
    "first_response_at",
    "resolved_at",
    "customer_messages",
    "agent_messages",
    "chasers",
    "reopens",
    "agent_id",
    "agents",
    "case_id",
    "disposition",
)
"""What the messages of a contact tell better than its case."""


@dataclass(frozen=True)
class Cases:
    """How cases are cut into contacts."""

    reopen_within: timedelta
    hours: Hours


@dataclass(frozen=True)
class Cut:
    """Contacts instead of cases, and which contacts each case became."""

    contacts: pl.DataFrame
    """As given, cases with messages replaced by their contacts."""
    parts: pl.DataFrame
    """`source`, `source_contact_id` of a case, `part_id` of each contact it became
    (or that stands for it) and `began_at`; cases that stayed whole are not listed."""


def cut_cases(
    contacts: pl.DataFrame,
    cases: pl.DataFrame,
    events: pl.DataFrame,
    *,
    rules: Cases,
) -> Cut:
    """Return `contacts` (source, source_contact_id and tables.FACTS) cut by messages.

    `cases` are `source`, `source_contact_id` and `idle_seconds` (null: never) of the
    contacts that are cases; `events` the event records, in which every public
    `message_sent` is a touch. The first contact of a case keeps its number, the
    others are `number#2`, `number#3` in order of their start; all name the case. A
    case without messages stays one contact, unless a call or chat of its own
    stands for it.
    """
    if cases.is_empty():
        return Cut(contacts, _no_parts())

    contacts = _with_case(contacts, cases)
    whole = contacts.join(cases, on=CASE, how="inner")
    touches = _touches(events, whole)
    solves = _solves(events, whole)
    told = _told(_numbered(touches, solves, rules), rules)
    live = _live(contacts, cases)
    told = told.join(live, on=["source", "case_id", "group"], how="anti")
    parts = _ranked(told)
    alone = whole.join(parts, on=CASE, how="anti")
    stood_for = alone.with_columns(group=channel_group(pl.col("channel"))).join(
        live, on=["source", "case_id", "group"], how="semi"
    )
    made = _contacts(parts, whole, solves)
    kept = contacts.join(
        pl.concat([parts.select(CASE).unique(), stood_for.select(CASE)]),
        on=CASE,
        how="anti",
    )
    kept = _inherited(kept, stood_for)

    return Cut(
        pl.concat([kept, made.select(kept.columns)]),
        pl.concat(
            [
                parts.select(*CASE, "part_id", began_at="started_at"),
                _standing_for(stood_for, contacts.join(cases, on=CASE, how="anti")),
            ]
        ),
    )


def _standing_for(cases: pl.DataFrame, calls: pl.DataFrame) -> pl.DataFrame:
    """The contacts that stand for cases without messages, as `Cut.parts`."""
    named = calls.select(
        "source",
        "case_id",
        part_id="source_contact_id",
        began_at="started_at",
        group=channel_group(pl.col("channel")),
    )
    return cases.join(named, on=["source", "case_id", "group"]).select(
        *CASE, "part_id", "began_at"
    )


def _no_parts() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "source": pl.String(),
            "source_contact_id": pl.String(),
            "part_id": pl.String(),
            "began_at": CONTACT_RECORDS["started_at"][0],
        }
    )


def _with_case(contacts: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """The contacts, those that are cases named as such."""
    own = pl.concat_str("source", pl.lit(":"), "source_contact_id")
    marked = cases.select(*CASE, case=pl.lit(value=True))
    named = pl.when("case").then(pl.coalesce("case_id", own)).otherwise("case_id")

    return (
        contacts.join(marked, on=CASE, how="left", maintain_order="left")
        .with_columns(case_id=named)
        .drop("case")
    )


def _live(contacts: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """Which channel groups of a case have live contacts of their own."""
    return (
        contacts.join(cases, on=CASE, how="anti")
        .drop_nulls("case_id")
        .select("source", "case_id", group=channel_group(pl.col("channel")))
        .filter(pl.col("group").is_in(LIVE_GROUPS))
        .unique()
    )


def _touches(events: pl.DataFrame, whole: pl.DataFrame) -> pl.DataFrame:
    """The public messages of cases in order, each with its channel group."""
    shown = (pl.col("event_type") == "message_sent") & pl.col("public").fill_null(True)
    told = whole.select(
        *CASE,
        "case_id",
        "idle_seconds",
        case_channel="channel",
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


def _solves(events: pl.DataFrame, whole: pl.DataFrame) -> pl.DataFrame:
    """When each case was solved: as its events say, else as the case itself does."""
    changed = pl.col("event_type") == "status_changed"
    solving = pl.col("event_type").is_in(SOLVED) | (
        changed & pl.col("to_value").is_in(SOLVED)
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


def _numbered(
    touches: pl.DataFrame, solves: pl.DataFrame, rules: Cases
) -> pl.DataFrame:
    """The messages with the number of the contact they belong to."""
    placed = (
        touches.sort("at")
        .join_asof(
            solves.with_columns(at="solved_at"),
            on="at",
            by=list(CASE),
            strategy="backward",
            check_sortedness=False,
        )
        .sort(*CASE, "at", "record_key", "content")
    )
    at, solved = pl.col("at"), pl.col("solved_at")
    in_case = ~pl.struct(CASE).is_first_distinct()
    before = pl.when(in_case).then(at.shift())
    since_solved = (at - solved) <= rules.reopen_within
    reopens = (pl.col("by_customer") & (solved >= before) & since_solved).fill_null(
        value=False
    )
    placed = placed.with_columns(reopening=reopens)

    lanes = placed.sort(*CASE, "group", "at", "record_key", "content")
    first = pl.struct(*CASE, "group").is_first_distinct()
    last = at.shift()
    late = (solved >= last) & ~since_solved
    live = pl.col("group").is_in(LIVE_GROUPS)
    patience = (
        pl.when(pl.col("idle_seconds").is_not_null())
        .then(pl.duration(seconds=pl.col("idle_seconds")))
        .when(live)
        .then(pl.lit(LEFT_AFTER))
    )
    left = (at - last) > patience
    splits = pl.col("opens") & (late | left).fill_null(value=False)

    return lanes.with_columns(number=(first | splits).cum_sum())


def _told(numbered: pl.DataFrame, rules: Cases) -> pl.DataFrame:
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
            first_response_at=at.filter(human & ~pl.col("opens")).first(),
            customer_messages=pl.col("by_customer").sum().cast(pl.Int64),
            agent_messages=human.sum().cast(pl.Int64),
            bots=bot.sum(),
            chasers=pl.col("chasing").sum().cast(pl.Int64),
            reopens=pl.col("reopening").sum().cast(pl.Int64),
            agent_id=pl.col("actor_id").filter(human).drop_nulls().last(),
            agents=pl.col("actor_id").filter(human).drop_nulls().n_unique(),
        )
        .with_columns(pl.col("agents").cast(pl.Int64))
    )


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
    waited = business_seconds(pl.col("owed_from"), pl.col("at"), rules.hours)

    return ordered.with_columns(owed_from=owed_from, waits=waits).with_columns(
        chasing=pl.col("waits") & (waited > due)
    )


def _ranked(told: pl.DataFrame) -> pl.DataFrame:
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


def _contacts(
    parts: pl.DataFrame, whole: pl.DataFrame, solves: pl.DataFrame
) -> pl.DataFrame:
    """The contacts of the cases, with what each takes over from its case."""
    case = whole.select(*CASE, **{f"case_{name}": name for name in FACTS})
    solved = _solved_in(parts, solves)
    rows = parts.join(case, on=CASE, how="left", maintain_order="left").join(
        solved, on="number", how="left", maintain_order="left"
    )
    filled = rows.with_columns(**_of_case(), **_of_messages())
    ended = pl.col("resolved_at").is_not_null()
    last = pl.col("rank") == pl.col("count")

    return filled.with_columns(
        source_contact_id="part_id",
        resolved=pl.when(~last & ended).then(True).otherwise("resolved"),
        disposition=_disposition(ended),
    ).select("source", "source_contact_id", *FACTS)


def _of_case() -> dict[str, pl.Expr]:
    """What a contact takes over from its case: all of it where it is the only one."""
    first, last = pl.col("rank") == 1, pl.col("rank") == pl.col("count")
    alone = pl.col("count") == 1
    holds = {
        **dict.fromkeys(FACTS, alone),
        **dict.fromkeys((*OF_CASE, "time_precision", "tz_source"), pl.lit(value=True)),
        **dict.fromkeys(OF_LAST, last),
        **dict.fromkeys(OF_FIRST, first),
    }
    taken = [name for name in FACTS if name not in TOLD_BY_MESSAGES]

    return {name: pl.when(holds[name]).then(pl.col(f"case_{name}")) for name in taken}


def _of_messages() -> dict[str, pl.Expr]:
    """What the messages of a contact say, beside its case."""
    first, last = pl.col("rank") == 1, pl.col("rank") == pl.col("count")
    alone = pl.col("count") == 1
    began, answered = pl.col("case_started_at"), pl.col("case_first_response_at")
    solved, counted = pl.col("case_resolved_at"), pl.col("case_reopens")
    person, people = pl.col("case_agent_id"), pl.col("case_agents")
    earlier = first & (began < pl.col("started_at"))

    return {
        "direction": pl.when("inbound")
        .then(pl.lit("inbound"))
        .otherwise(pl.lit("outbound")),
        "started_at": pl.when(earlier).then(began).otherwise("started_at"),
        "first_response_at": pl.coalesce(
            pl.when(alone).then(answered), "first_response_at"
        ),
        "resolved_at": pl.coalesce(pl.when(last).then(solved), "solved_in"),
        "reopens": pl.max_horizontal("reopens", pl.when(first).then(counted)),
        "agent_id": pl.coalesce("agent_id", pl.when(last).then(person)),
        "agents": pl.when(pl.col("agents") > 0)
        .then("agents")
        .otherwise(pl.when(alone).then(people)),
    }


def _disposition(ended: pl.Expr) -> pl.Expr:
    """How a contact ended: by a machine, or without an answer; else left open."""
    said = pl.col("case_disposition")
    silent = (pl.col("agent_messages") == 0) & ~ended
    unanswered = silent & pl.col("first_response_at").is_null()
    inbound = pl.col("direction") == "inbound"

    return (
        pl.when(said.is_in(["merged", "spam"]))
        .then(said)
        .when(inbound & silent & (pl.col("bots") > 0))
        .then(pl.lit("bot_handled"))
        .when(inbound & unanswered)
        .then(pl.lit("unanswered"))
    )


def _solved_in(parts: pl.DataFrame, solves: pl.DataFrame) -> pl.DataFrame:
    """When each contact was solved last, before the next of its case began."""
    inside = (pl.col("solved_at") >= pl.col("started_at")) & (
        (pl.col("solved_at") < pl.col("until")) | pl.col("until").is_null()
    )
    return (
        parts.select(*CASE, "number", "started_at", "until")
        .join(solves, on=CASE)
        .filter(inside)
        .group_by("number")
        .agg(solved_in=pl.col("solved_at").max())
    )


def _inherited(contacts: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """The contacts with what the cases they stand for say: the last how it ended."""
    if cases.is_empty():
        return contacts
    told = cases.select(
        "source",
        "case_id",
        *(
            pl.col(name).alias(f"case_{name}")
            for name in (*OF_CASE, *OF_LAST, "resolved_at")
        ),
    )
    rows = contacts.join(
        told, on=["source", "case_id"], how="left", maintain_order="left"
    )
    last = pl.col("started_at") == pl.col("started_at").max().over("source", "case_id")
    named = pl.col("case_id").is_not_null()
    shared = {n: pl.coalesce(n, f"case_{n}") for n in OF_CASE}
    ending = {
        n: pl.when(named & last).then(pl.coalesce(n, f"case_{n}")).otherwise(n)
        for n in (*OF_LAST, "resolved_at")
    }

    return rows.with_columns(**shared, **ending).select(contacts.columns)
