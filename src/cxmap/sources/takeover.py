"""What a contact takes over from the case it belongs to."""

import polars as pl

from cxmap.sources.channels import inbound
from cxmap.sources.touches import CASE
from cxmap.tables import FACTS

OF_CASE = ("topic_raw", "language", "priority", "team", "queue", "updated_at")
"""What every contact of a case shares with it."""

OF_LAST = ("status", "closed_at", "resolved")
"""What a case says of how it stands: true of its last contact."""

OF_END = (*OF_LAST, "resolved_at", "reopens")
"""What a case without messages says of the last contact that stands for it."""

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


def contacts_of(
    parts: pl.DataFrame, whole: pl.DataFrame, solves: pl.DataFrame
) -> pl.DataFrame:
    """The contacts of the cases, with what each takes over from its case."""
    case = whole.select(*CASE, **{f"case_{name}": name for name in FACTS})
    solved = _solved_in(parts, solves)
    rows = parts.join(case, on=CASE, how="left", maintain_order="left").join(
        solved, on="number", how="left", maintain_order="left"
    )
    dated = solves.select(CASE).unique().with_columns(dated=pl.lit(value=True))
    rows = rows.join(dated, on=CASE, how="left", maintain_order="left")
    first, last = pl.col("opening"), pl.col("rank") == pl.col("count")
    rows = rows.with_columns(last=last, alone=first & (pl.col("count") == 1))
    filled = rows.with_columns(**_of_case(), **_of_messages())
    ended = pl.col("resolved_at").is_not_null()
    closed = pl.when(pl.col("closed_at") >= pl.col("started_at")).then("closed_at")

    return filled.with_columns(
        closed_at=closed,
        source_contact_id="part_id",
        resolved=pl.when(~pl.col("last") & ended).then(True).otherwise("resolved"),
        disposition=_disposition(ended),
    ).select("source", "source_contact_id", *FACTS)


def _of_case() -> dict[str, pl.Expr]:
    """What a contact takes over from its case: all of it where it is the only one."""
    first, last, alone = pl.col("opening"), pl.col("last"), pl.col("alone")
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
    first, last, alone = pl.col("opening"), pl.col("last"), pl.col("alone")
    undated = pl.col("dated").is_null()
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
        "resolved_at": pl.coalesce(
            pl.when(last & (solved >= pl.col("started_at"))).then(solved), "solved_in"
        ),
        # The system counts a return after the window, too: the solves tell better.
        "reopens": pl.max_horizontal(
            "reopens", pl.when(alone | (first & undated)).then(counted)
        ),
        "agent_id": pl.coalesce("agent_id", pl.when(last).then(person)),
        "agents": pl.when(pl.col("agents") > 0)
        .then("agents")
        .otherwise(pl.when(alone).then(people)),
    }


def _disposition(ended: pl.Expr) -> pl.Expr:
    """How a contact ended: by a machine, or without an answer; else left open."""
    said = pl.col("case_disposition")
    silent = (pl.col("agent_messages") == 0) & ~ended
    # A message whose author nobody knows may be an answer.
    known = pl.col("strangers") == 0
    unanswered = silent & known & pl.col("first_response_at").is_null()
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


def inherited(contacts: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """The contacts with what the cases they stand for say: the last how it ended."""
    if cases.is_empty():
        return contacts
    # Two tickets may name one case: the later of them says how it stands.
    latest = cases.sort("started_at", "source_contact_id", nulls_last=False).unique(
        ["source", "case_id"], keep="last", maintain_order=True
    )
    told = latest.select(
        "source",
        "case_id",
        *(pl.col(name).alias(f"case_{name}") for name in (*OF_CASE, *OF_END)),
    )
    rows = contacts.join(
        told, on=["source", "case_id"], how="left", maintain_order="left"
    )
    came = pl.when(inbound()).then("started_at")
    last = came == came.max().over("source", "case_id")
    named = pl.col("case_id").is_not_null()
    shared = {n: pl.coalesce(n, f"case_{n}") for n in OF_CASE}
    ending = {
        n: pl.when(named & last).then(pl.coalesce(n, f"case_{n}")).otherwise(n)
        for n in OF_END
    }

    return rows.with_columns(**shared, **ending).select(contacts.columns)
