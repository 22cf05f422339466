"""Through whose hands a contact went and how it ended, as its events tell."""

import polars as pl

from cxmap.sources.casework import HELD
from cxmap.sources.touches import CASE
from cxmap.sources.urgency import level
from cxmap.tables import COUNT

IN_ORDER = (*CASE, "at", "record_key", "content")
"""The order in which the events of one contact are read: a total one."""

ENDINGS = ("ended", "abandoned")

STEPS = (
    *HELD,
    *ENDINGS,
    "answered",
    "held",
    "resumed",
    "escalated",
    "bot_handoff",
)
"""Events by which a contact moves on; beside them only what bots do is read."""

ENDED_BY = {
    "customer": "customer",
    "human": "agent",
    "bot": "system",
    "system": "system",
    "queue": "system",
    "ivr": "system",
}
"""Who ended a contact, by whose doing its end was."""

SPOKEN = ("message_sent", "other")
"""Events in which a bot says, or understands, what their `to_value` names."""


def handled(contacts: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Return the contacts with what their events tell of their handling.

    `contacts` hold tables.FACTS and are concluded; `events` are event_records under
    the numbers of these contacts. Fills `stations`, `returned_to_team`,
    `escalations`, `ended_by`, `dropped_on_hold`, `handed_off`, `handoff_seconds` and
    `bot_repeats` where the export itself does not say. None is guessed: a contact
    counts as never escalated, or never handed over by a bot, only where its source
    tells of others that were: and it shows events, or has a priority and the others
    were raised in theirs.
    """
    by_bot = (pl.col("actor_type") == "bot").fill_null(value=False)
    steps = events.filter(pl.col("event_type").is_in(STEPS) | by_bot).sort(IN_ORDER)
    sources = _telling(steps)
    rows = contacts
    for told in (
        _holders(steps),
        _happened(steps),
        _seen(events, sources),
        _handoffs(steps, events, contacts),
        _holds(steps, contacts),
        _repeats(steps),
    ):
        rows = rows.join(told, on=CASE, how="left", maintain_order="left")
    rows = rows.join(sources, on="source", how="left", maintain_order="left")

    return (
        rows.with_columns(stations=pl.coalesce("stations", _stations()))
        .with_columns(returned_to_team=_returns(), **_filled())
        .select(contacts.columns)
    )


def _stations() -> pl.Expr:
    """As many holders as the events show, at least one more than hand-overs."""
    held = pl.col("agent_id").is_not_null() | pl.col("served").fill_null(value=False)
    return pl.max_horizontal(
        "stations_seen", pl.when(held).then(pl.col("transfers") + 1)
    )


def _returns() -> pl.Expr:
    """Who never had more than two stations cannot have come back to the first."""
    too_few = pl.when(pl.col("stations") <= 2).then(0)
    return pl.coalesce("returned_to_team", "returns_seen", too_few).cast(COUNT)


def _filled() -> dict[str, pl.Expr]:
    steady = pl.col("raises") & pl.col("priority").is_not_null()
    none = pl.when(pl.col("seen").fill_null(value=False) | steady).then(0)
    escalated = pl.when(pl.col("escalated") > 0).then("escalated")
    kept = pl.when(pl.col("hands_off") & pl.col("by_bot")).then(pl.lit(value=False))
    on_hold = pl.when(pl.col("hold_seconds") == 0).then(pl.lit(value=False))

    return {
        "escalations": pl.coalesce("escalations", escalated, none).cast(COUNT),
        "ended_by": pl.coalesce("ended_by", "ender"),
        "dropped_on_hold": pl.coalesce("dropped_on_hold", "ended_held", on_hold),
        "handed_off": pl.coalesce("handed_off", "handed", kept),
        "handoff_seconds": pl.coalesce("handoff_seconds", "stalled"),
        "bot_repeats": pl.coalesce("bot_repeats", "repeats_seen"),
    }


def _holders(events: pl.DataFrame) -> pl.DataFrame:
    """Return stations_seen and returns_seen: who had it, one after the other.

    Assignments name their holder, and the first of them who had it before; several
    at one instant are one. Where nothing is assigned, whoever answers has it.
    """
    assigned = events.filter(
        pl.col("event_type").is_in(HELD) & pl.col("to_value").is_not_null()
    ).unique([*CASE, "at"], keep="last", maintain_order=True)
    first = pl.struct(CASE).is_first_distinct()
    before = assigned.filter(first & pl.col("from_value").is_not_null())
    answered = events.filter(
        (pl.col("event_type") == "answered")
        & pl.col("actor_id").is_not_null()
        & (pl.col("actor_type").fill_null("human") == "human")
    ).join(assigned, on=CASE, how="anti", maintain_order="left")
    order = pl.int_range(1, pl.len() + 1)
    held = pl.concat(
        [
            before.select(*CASE, holder="from_value", order=pl.lit(0, pl.Int64)),
            assigned.select(*CASE, holder="to_value", order=order),
            answered.select(*CASE, holder="actor_id", order=order),
        ]
    ).sort(*CASE, "order")
    taken_on = held.filter(
        pl.struct(*CASE, "holder").ne_missing(pl.struct(*CASE, "holder").shift())
    )
    stations = pl.len().cast(COUNT)

    return taken_on.group_by(CASE).agg(
        stations_seen=stations,
        returns_seen=stations - pl.col("holder").n_unique().cast(COUNT),
    )


def _happened(events: pl.DataFrame) -> pl.DataFrame:
    """Return escalated, ender and by_bot: what shows in a contact at all.

    Escalations at one instant are one: to a higher tier, and in priority.
    """
    kind = pl.col("event_type")
    ender = pl.col("actor_type").replace_strict(ENDED_BY, default=None)
    return events.group_by(CASE, maintain_order=True).agg(
        escalated=pl.col("at").filter(kind == "escalated").n_unique().cast(COUNT),
        ender=ender.filter(kind.is_in(ENDINGS)).last(),
        by_bot=(pl.col("actor_type") == "bot").any(),
    )


def _telling(events: pl.DataFrame) -> pl.DataFrame:
    """Return of each source whether its events tell escalations and hand-overs.

    `raises`: escalations that raise the priority are among them.
    """
    kind = pl.col("event_type")
    escalated = kind == "escalated"
    return events.group_by("source").agg(
        escalates=escalated.any(),
        raises=(escalated & level(pl.col("to_value")).is_not_null()).any(),
        hands_off=(kind == "bot_handoff").any(),
    )


def _seen(events: pl.DataFrame, sources: pl.DataFrame) -> pl.DataFrame:
    """Return seen: which contacts have events, in sources that tell escalations."""
    telling = events.join(sources.filter("escalates"), on="source", how="semi")
    return telling.select(*CASE, seen=pl.lit(value=True)).unique()


def _handoffs(
    steps: pl.DataFrame, events: pl.DataFrame, contacts: pl.DataFrame
) -> pl.DataFrame:
    """Return handed and stalled: from the first hand-over to a person, or the end."""
    handed = (
        steps.filter(pl.col("event_type") == "bot_handoff")
        .unique(CASE, keep="first", maintain_order=True)
        .select(*CASE, handed_at="at")
    )
    human = pl.col("actor_type").fill_null("human") == "human"
    reply = (pl.col("event_type") == "message_sent") & pl.col("public").fill_null(True)
    by_person = (pl.col("event_type") == "answered") | reply
    after = (
        events.join(handed, on=CASE)
        .filter(pl.col("at") >= pl.col("handed_at"))
        .group_by(CASE)
        .agg(
            taken_at=pl.col("at").filter(by_person & human).min(),
            left_at=pl.col("at").filter(pl.col("event_type").is_in(ENDINGS)).min(),
        )
    )
    told = contacts.select(*CASE, "answered_at", "ended_at", "channel_group")
    rows = handed.join(after, on=CASE, how="left").join(told, on=CASE, how="left")
    since = pl.col("handed_at")
    answered = pl.when(pl.col("answered_at") >= since).then("answered_at")
    ended = pl.when(pl.col("ended_at") >= since).then("ended_at")
    until = pl.coalesce("taken_at", answered, "left_at", ended)

    return rows.select(
        *CASE,
        handed=pl.lit(value=True),
        stalled=(until - since).dt.total_seconds(),
    )


def _holds(events: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """Return ended_held: whether the last hold lasted until the contact's end.

    The hold's own length tells, or that nothing resumed the conversation, in a
    source that tells when it is resumed.
    """
    kind = pl.col("event_type")
    resumes = events.group_by("source").agg(resumes=(kind == "resumed").any())
    last = events.filter(kind == "held").unique(CASE, keep="last", maintain_order=True)
    again = kind.is_in(["resumed", "transferred", "answered"])
    resumed = events.filter(again).group_by(CASE).agg(resumed_at=pl.col("at").max())
    told = contacts.select(*CASE, "ended_at")
    rows = (
        last.select(*CASE, "at", held="duration_seconds")
        .join(resumed, on=CASE, how="left")
        .join(told, on=CASE, how="left")
        .join(resumes, on="source", how="left")
    )
    went_on = (pl.col("resumed_at") > pl.col("at")).fill_null(value=False)
    until = pl.col("at") + pl.duration(seconds=pl.col("held"))
    by_length = until >= pl.col("ended_at")
    by_silence = pl.when(pl.col("resumes") & pl.col("ended_at").is_not_null()).then(
        ~went_on
    )

    return rows.select(
        *CASE,
        ended_held=pl.when(went_on)
        .then(pl.lit(value=False))
        .otherwise(pl.coalesce(by_length, by_silence)),
    )


def _repeats(events: pl.DataFrame) -> pl.DataFrame:
    """Return repeats_seen: the most times one word of a bot shows in a contact."""
    said = events.filter(
        (pl.col("actor_type") == "bot")
        & pl.col("event_type").is_in(SPOKEN)
        & pl.col("to_value").is_not_null()
    )
    times = said.group_by(*CASE, "to_value").agg(times=pl.len().cast(COUNT))

    return times.group_by(CASE).agg(repeats_seen=pl.col("times").max())
