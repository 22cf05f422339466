"""Inbound contacts of journeys, each with the hop that leads to it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Set

import polars as pl

from cxmap.conditions import CASE_OPEN
from cxmap.journeys.afterwards import calls_back, rescues, returns
from cxmap.journeys.again import again
from cxmap.journeys.answers import ASKED, worst_answers
from cxmap.journeys.hands import HANDS, hands
from cxmap.journeys.inside import INSIDE, repeated_after, with_inside
from cxmap.journeys.standing import resolved_by, served_by
from cxmap.journeys.timeline import IS_STEP
from cxmap.journeys.waits import TIMED, with_waits
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

ONWARD = ("next_journey_topic", "next_journey_after_seconds")
"""What the last step of a journey tells of the customer's next one."""

PLACED = (*ONWARD, "channel_group_last", "channel_group_before", "contacts_after")
"""What its place among the steps of its journey tells."""

Piece = tuple[Collection[str], Callable[[], pl.DataFrame]]
"""Columns, and what tells them of each step."""


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
        (("repeated_after_seconds",), lambda: repeated_after(inbound)),
    )
    for piece in _of(told, asked):
        joined = joined.join(piece, on="contact_id", how="left", maintain_order="left")
    beside = (
        (HANDS, lambda: hands(contacts)),
        (PLACED, lambda: _placed(inbound, joined)),
        (("returned_after_seconds", "since_last_seconds"), lambda: returns(inbound)),
        (("served_after_seconds",), lambda: rescues(contacts)),
        (("called_back_at",), lambda: calls_back(contacts)),
    )
    own = joined.drop("contact_id", "journey_id", "journey", *ONWARD)
    whole = pl.concat([inbound, own, *_of(beside, asked)], how="horizontal")
    if not asked.isdisjoint((*TIMED, *INSIDE)):
        whole = with_waits(whole, hours)
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
