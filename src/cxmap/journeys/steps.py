"""Inbound contacts of journeys, each with the hop that leads to it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Set

import polars as pl

from cxmap.conditions import CASE_OPEN
from cxmap.hours import day_seconds, held_seconds, schedule_at
from cxmap.journeys.again import again
from cxmap.journeys.answers import ASKED, worst_answers
from cxmap.journeys.inside import INSIDE, repeated_after, with_inside
from cxmap.journeys.standing import resolved_by, served, served_by
from cxmap.journeys.timeline import IN_ORDER, ordered
from cxmap.names import LIVE_GROUPS
from cxmap.options import Hours
from cxmap.tables import COUNT, schema

BEFORE = (
    "channel",
    "channel_group",
    "agent_id",
    "agent_messages",
    "served",
    "resolved",
    "answered_at",
    "first_response_at",
    "resolved_at",
    "closed_at",
    "ended_at",
    "last_touch_at",
    "status",
    "resolved_by_export",
    "corrected_at",
)
"""What a step tells of the contact before it."""

MET_BY = ("served", "resolved", "disposition")
"""By what a contact tells whether a person answered in it."""

HOP = (
    "rule",
    "gap_seconds",
    "continuity",
    "switch",
    "previous_contact_id",
    "previous_channel",
    "previous_channel_group",
    "previous_served",
    "previous_resolved",
    "previous_agent_id",
    "previous_open",
    "since_previous_seconds",
)
"""What a step tells of the hop that leads to it."""

NEXT = (
    "next_rule",
    "next_gap_seconds",
    "next_continuity",
    "next_channel_group",
    "next_started_at",
)
"""What it tells of the soonest hop that leads on."""

ANSWERS = tuple(f"{kind}_answer" for kind in ASKED)

HANDS = ("hands", "hands_before")

TIMED = (
    "waited_seconds",
    "waited_business_seconds",
    "waited_business_days",
    "unanswered_business_seconds",
)
"""How long somebody waited for a first answer, and until it was over."""

Piece = tuple[Collection[str], Callable[[], pl.DataFrame]]
"""Columns, and what tells them of each step."""

IS_STEP = pl.col("inbound") & pl.col("journey_id").is_not_null()

ONWARD = ("next_journey_topic", "next_journey_after_seconds")
"""What the last step of a journey tells of the customer's next one."""

PLACED = (*ONWARD, "channel_group_last", "channel_group_before", "contacts_after")
"""What its place among the steps of its journey tells."""

OVER = ("source_horizon_at", "resolved_at", "closed_at", "ended_at")
"""Up to the first of these somebody without an answer can have waited."""


def steps(
    contacts: pl.DataFrame,
    links: pl.DataFrame,
    journeys: pl.DataFrame,
    surveys: pl.DataFrame,
    *,
    hours: Hours,
    columns: Collection[str] | None = None,
) -> pl.DataFrame:
    """Return tables.STEPS of stitched `contacts`, `links`, `journeys` and `surveys`.

    In the order of `contacts`; of the columns those named, and nothing is found out
    that only others tell. Outbound and internal contacts are no steps, but an outbound
    one can be the contact before. What was served and resolved before is told as it
    stood when the step began; what was answered about it, whenever. Business time runs
    in `hours`.
    """
    known = schema("steps")
    asked = known.keys() if columns is None else known.keys() & set(columns)
    inbound = contacts.filter(IS_STEP)
    joined = inbound.select("contact_id", "journey_id").join(
        _journeys(journeys), on="journey_id", how="left", maintain_order="left"
    )
    told = (
        (HOP, lambda: _hops(contacts, links)),
        (NEXT, lambda: _onward(inbound, links)),
        (ANSWERS, lambda: worst_answers(surveys, contacts)),
        (("again_after_seconds",), lambda: again(inbound)),
        (HANDS, lambda: _hands(contacts)),
        (("repeated_after_seconds",), lambda: repeated_after(inbound)),
    )
    for piece in _of(told, asked):
        joined = joined.join(piece, on="contact_id", how="left", maintain_order="left")
    beside = (
        (PLACED, lambda: _placed(inbound, joined)),
        (("returned_after_seconds", "since_last_seconds"), lambda: _returns(inbound)),
        (("served_after_seconds",), lambda: _rescues(contacts)),
        (("called_back_at",), lambda: _calls_back(contacts)),
    )
    own = joined.drop("contact_id", "journey_id", "journey", *ONWARD)
    whole = pl.concat([inbound, own, *_of(beside, asked)], how="horizontal")
    if not asked.isdisjoint((*TIMED, *INSIDE)):
        whole = _timed(whole, hours)
    if not asked.isdisjoint(INSIDE):
        whole = with_inside(whole, hours=hours)

    return whole.select(pl.col(n).cast(t) for n, t in known.items() if n in asked)


def _of(pieces: Iterable[Piece], asked: Set[str]) -> Iterator[pl.DataFrame]:
    """Yield the pieces that tell one of the columns asked for."""
    return (piece() for names, piece in pieces if not asked.isdisjoint(names))


def _journeys(journeys: pl.DataFrame) -> pl.DataFrame:
    """Return by journey_id what a step tells of its journey, and its number."""
    return journeys.select(
        "journey_id",
        "outcome",
        *ONWARD,
        journey=pl.int_range(pl.len(), dtype=pl.UInt32),
        journey_contacts="contacts",
        journey_ended_at="ended_at",
    )


def _placed(inbound: pl.DataFrame, joined: pl.DataFrame) -> pl.DataFrame:
    """Return, in order of `inbound`, what each step's place in its journey tells."""
    line = (
        joined.select("journey", "journey_contacts", *ONWARD)
        .with_columns(inbound["step"], inbound["channel_group"])
        .with_row_index("at")
        .sort("journey", "step")
        .with_columns(place=_place())
    )
    after = pl.col("journey_contacts") - pl.col("place") - 1
    told = line.select(
        "at",
        *(pl.when(after == 0).then(name).alias(name) for name in ONWARD),
        channel_group_last=_back(1),
        channel_group_before=_back(2),
        contacts_after=after,
    )
    return told.sort("at").drop("at")


def _timed(placed: pl.DataFrame, hours: Hours) -> pl.DataFrame:
    """Return the steps with how long each waited, in calendar and in opening time."""
    ended = placed.with_columns(
        waited_until=_waited_until(),
        asked_at=pl.coalesce("asked_again_at", "started_at"),
        over_at=pl.min_horizontal(OVER),
    )
    waited = (pl.col("waited_until") - pl.col("asked_at")).dt.total_seconds()
    told = ended.with_columns(
        waited_seconds=waited.clip(lower_bound=0),
        waited_business_seconds=held_seconds(ended, "asked_at", "waited_until", hours),
        unanswered_business_seconds=held_seconds(ended, "started_at", "over_at", hours),
        schedule=schedule_at(ended, "waited_until"),
    )
    whole_day = day_seconds(hours, pl.col("schedule"))

    return told.with_columns(
        waited_business_days=pl.col("waited_business_seconds") // whole_day
    )


def _returns(inbound: pl.DataFrame) -> pl.DataFrame:
    """Return the seconds from unserved contacts to their customer's next one.

    And of any contact those from the customer's one before.
    """
    customer = pl.col("customer_id")
    same_customer = customer == customer.shift(-1)
    end = pl.coalesce("last_touch_at", "started_at")
    gap = (pl.col("started_at").shift(-1) - end).dt.total_seconds()
    unserved = served() == pl.lit(value=False)
    line = ordered(
        inbound.select(*IN_ORDER, "last_touch_at", "served", "resolved").with_row_index(
            "at"
        )
    )
    returned = pl.when(same_customer & unserved).then(gap.clip(lower_bound=0))
    since = pl.when(customer == customer.shift()).then(gap.shift().clip(lower_bound=0))
    told = line.select("at", returned_after_seconds=returned, since_last_seconds=since)
    return told.sort("at").drop("at")


def _rescues(contacts: pl.DataFrame) -> pl.DataFrame:
    """Return, of unserved steps, the seconds until somebody was there for them.

    The soonest answer in a later contact of the customer: at once in a live one or
    our call-back that reached them, with the reply in a written one. In the order in
    which `contacts` hold their steps.
    """
    reached = pl.when("inbound").then(served()).otherwise("connected")
    writes = pl.col("inbound") & ~pl.col("channel_group").is_in(LIVE_GROUPS)
    replied = pl.when(writes).then(_waited_until())
    line = ordered(
        contacts.select(
            *IN_ORDER,
            "last_touch_at",
            step=IS_STEP.fill_null(value=False),
            unserved=served() == pl.lit(value=False),
            there_at=pl.when(reached).then(pl.coalesce(replied, "started_at")),
            at=pl.int_range(pl.len()),
        )
    )
    later = pl.col("there_at").shift(-1).reverse().cum_min().reverse()
    soonest = later.backward_fill().over("customer_id")
    end = pl.coalesce("last_touch_at", "started_at")
    gap = (soonest - end).dt.total_seconds().clip(lower_bound=0)
    theirs = pl.col("customer_id").is_not_null() & pl.col("unserved")
    rescued = line.with_columns(served_after_seconds=pl.when(theirs).then(gap))
    return rescued.filter("step").sort("at").select("served_after_seconds")


def _calls_back(contacts: pl.DataFrame) -> pl.DataFrame:
    """Return, of steps, when a call of ours reached their customer after their start.

    In the order in which `contacts` hold their steps.
    """
    call = (pl.col("direction") == "outbound") & (pl.col("channel_group") == "voice")
    reached = (call & pl.col("connected")).fill_null(value=False)
    line = ordered(
        contacts.select(
            *IN_ORDER,
            step=IS_STEP.fill_null(value=False),
            reached=reached,
            at=pl.int_range(pl.len()),
        )
    ).with_columns(
        call_at=pl.when("reached").then("started_at").shift(-1).backward_fill(),
        whose=pl.when("reached").then("customer_id").shift(-1).backward_fill(),
    )
    theirs = pl.col("whose") == pl.col("customer_id")
    called = line.with_columns(called_back_at=pl.when(theirs).then("call_at"))
    return called.filter("step").sort("at").select("called_back_at")


def _hands(contacts: pl.DataFrame) -> pl.DataFrame:
    """Return of each contact how many people its journey met up to it, and before.

    People, not bots: whom a contact names counts where somebody answered in it; one
    in which several people took part counts at least as many.
    """
    told = ("journey_id", "step", "contact_id", "agent_id", "agents", *MET_BY)
    members = contacts.filter(pl.col("journey_id").is_not_null()).select(told)
    met = served().fill_null(value=True) & (
        pl.col("disposition").ne_missing(pl.lit("bot_handled"))
    )
    agent = pl.when(met).then("agent_id")
    new = agent.is_not_null() & pl.struct("journey_id", "agent").is_first_distinct()
    named = (
        members.sort("journey_id", "step", "contact_id")
        .with_columns(agent=agent)
        .with_columns(new=new.cast(COUNT))
    )
    of = "journey_id"
    agents = pl.when(met).then("agents").fill_null(0)
    several = named.filter(pl.col(of).is_duplicated())
    alone = named.filter(~pl.col(of).is_duplicated())
    along = pl.max_horizontal(
        pl.col("new").cum_sum().over(of), agents.cum_max().over(of)
    )
    counted = pl.concat(
        [
            alone.select("contact_id", of, hands=pl.max_horizontal("new", agents)),
            several.select("contact_id", of, hands=along),
        ]
    ).with_columns(hands=pl.when(pl.col("hands") > 0).then("hands").cast(COUNT))
    same = pl.col(of) == pl.col(of).shift()

    return counted.select(
        "contact_id",
        "hands",
        hands_before=pl.when(same).then(pl.col("hands").shift()).fill_null(0),
    )


def _hops(contacts: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Return each hop by the contact it leads to, with the contact before."""
    before = contacts.select(
        *BEFORE, previous_contact_id="contact_id", previous_started_at="started_at"
    )
    starts = contacts.select("contact_id", "started_at")
    hops = links.select(
        "rule",
        "gap_seconds",
        "continuity",
        "switch",
        contact_id="to_contact_id",
        previous_contact_id="from_contact_id",
    )
    whole = hops.join(before, on="previous_contact_id").join(starts, on="contact_id")
    began = pl.col("started_at")
    return whole.select(
        *hops.columns,
        previous_agent_id="agent_id",
        previous_open=_over_by(began) == pl.lit(value=False),
        since_previous_seconds=(
            began - pl.col("previous_started_at")
        ).dt.total_seconds(),
        previous_channel="channel",
        previous_channel_group="channel_group",
        previous_served=served_by(began),
        previous_resolved=resolved_by(began),
    )


def _over_by(instant: pl.Expr) -> pl.Expr:
    """Return whether a contact was over at `instant`; a case still open today was not.

    Over is solved or closed, and what says neither is over when it was last touched.
    """
    over_at = pl.coalesce("resolved_at", "closed_at", "ended_at", "last_touch_at")
    return (over_at <= instant) & ~CASE_OPEN.fill_null(value=False)


def _onward(inbound: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Return of each contact the soonest hop that leads on from it, to a step."""
    starts = inbound.select("started_at", "channel_group", to_contact_id="contact_id")
    soonest = (
        links.join(starts, on="to_contact_id")
        .sort("from_contact_id", "started_at", "to_contact_id")
        .unique("from_contact_id", keep="first")
    )
    return soonest.select(
        contact_id="from_contact_id",
        next_rule="rule",
        next_gap_seconds="gap_seconds",
        next_continuity="continuity",
        next_channel_group="channel_group",
        next_started_at="started_at",
    )


def _place() -> pl.Expr:
    """Return how many inbound steps of the journey come before, the frame in order."""
    number = pl.int_range(pl.len(), dtype=COUNT)
    first = pl.col("journey").ne_missing(pl.col("journey").shift(1))
    return number - pl.when(first).then(number).forward_fill()


def _back(steps: int) -> pl.Expr:
    """Return the channel group so many inbound steps of the journey ago."""
    return pl.when(pl.col("place") >= steps).then(pl.col("channel_group").shift(steps))


def _waited_until() -> pl.Expr:
    """Return when the wait for a first answer ended, or up to when it is known.

    A live contact nobody took ended when the customer left; any other unanswered
    one still waits as far as its own source is held. Null where the export cannot
    tell.
    """
    live = pl.col("channel_group").is_in(LIVE_GROUPS)
    started = pl.col("started_at")
    said = pl.coalesce("first_response_seconds", "queue_seconds")
    answered = pl.coalesce(
        pl.when(live).then("answered_at"),
        "first_response_at",
        "answered_at",
        started + pl.duration(seconds=said),
    )
    left = pl.coalesce("ended_at", "last_touch_at", "started_at")
    unserved = served() == pl.lit(value=False)
    return (
        pl.when(unserved & live)
        .then(left)
        .when(unserved)
        .then(pl.max_horizontal("started_at", "source_horizon_at"))
        .otherwise(answered)
    )
