"""Inbound contacts in journey order, each with the hop that leads to it."""

import polars as pl

from cxmap.hours import day_seconds, held_seconds, schedule_at
from cxmap.journeys.answers import worst_answers
from cxmap.journeys.standing import resolved_by, served, served_by
from cxmap.journeys.timeline import IN_ORDER, ordered
from cxmap.names import LIVE_GROUPS
from cxmap.options import Hours
from cxmap.tables import COUNT, conform

BEFORE = (
    "channel",
    "channel_group",
    "agent_messages",
    "served",
    "resolved",
    "answered_at",
    "first_response_at",
    "resolved_at",
    "ended_at",
    "resolved_by_export",
    "corrected_at",
)
"""What a step tells of the contact before it."""

OVER = ("source_horizon_at", "resolved_at", "closed_at", "ended_at")
"""Up to the first of these somebody without an answer can have waited."""


def steps(
    contacts: pl.DataFrame,
    links: pl.DataFrame,
    journeys: pl.DataFrame,
    surveys: pl.DataFrame,
    *,
    hours: Hours,
) -> pl.DataFrame:
    """Return tables.STEPS of stitched `contacts`, `links`, `journeys` and `surveys`.

    Outbound and internal contacts are no steps, but an outbound one can be the
    contact before. What was served and resolved before is told as it stood when the
    step began; what was answered about it, whenever. Business time runs in `hours`.
    """
    inbound = contacts.filter(pl.col("inbound") & pl.col("journey_id").is_not_null())
    told = journeys.select("journey_id", "outcome", journey_contacts="contacts")
    joined = inbound.select("contact_id", "journey_id").join(
        told, on="journey_id", how="left", maintain_order="left"
    )
    for known in (
        _hops(contacts, links),
        _onward(inbound, links),
        worst_answers(surveys, contacts),
    ):
        joined = joined.join(known, on="contact_id", how="left", maintain_order="left")
    joined = joined.drop("contact_id", "journey_id")
    order = inbound.select(pl.arg_sort_by("journey_id", "step")).to_series()
    whole = pl.concat([inbound, joined, _returns(inbound)], how="horizontal")[order]
    placed = whole.with_columns(
        channel_group_last=_back(1),
        channel_group_before=_back(2),
        contacts_after=pl.col("journey_contacts") - _place() - 1,
        waited_until=_waited_until(),
    )
    return conform(_timed(placed, hours), "steps")


def _timed(placed: pl.DataFrame, hours: Hours) -> pl.DataFrame:
    """Return the steps with how long each waited, in calendar and in opening time."""
    waited = (pl.col("waited_until") - pl.col("started_at")).dt.total_seconds()
    ended = placed.with_columns(over_at=pl.min_horizontal(OVER))
    told = ended.with_columns(
        waited_seconds=waited.clip(lower_bound=0),
        waited_business_seconds=held_seconds(
            ended, "started_at", "waited_until", hours
        ),
        unanswered_business_seconds=held_seconds(ended, "started_at", "over_at", hours),
        schedule=schedule_at(ended, "waited_until"),
    )
    whole_day = day_seconds(hours, pl.col("schedule"))

    return told.with_columns(
        waited_business_days=pl.col("waited_business_seconds") // whole_day
    )


def _returns(inbound: pl.DataFrame) -> pl.DataFrame:
    """Return, of unserved contacts, the seconds to their customer's next one."""
    same_customer = pl.col("customer_id") == pl.col("customer_id").shift(-1)
    end = pl.coalesce("last_touch_at", "started_at")
    gap = (pl.col("started_at").shift(-1) - end).dt.total_seconds()
    unserved = served() == pl.lit(value=False)
    line = ordered(
        inbound.select(*IN_ORDER, "last_touch_at", "served", "resolved").with_row_index(
            "at"
        )
    )
    returned = pl.when(same_customer & unserved).then(gap.clip(lower_bound=0))
    return line.select("at", returned_after_seconds=returned).sort("at").drop("at")


def _hops(contacts: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Return each hop by the contact it leads to, with the contact before."""
    before = contacts.select(*BEFORE, previous_contact_id="contact_id")
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
        previous_channel="channel",
        previous_channel_group="channel_group",
        previous_served=served_by(began),
        previous_resolved=resolved_by(began),
    )


def _onward(inbound: pl.DataFrame, links: pl.DataFrame) -> pl.DataFrame:
    """Return of each contact the soonest hop that leads on from it, to a step."""
    starts = inbound.select("started_at", to_contact_id="contact_id")
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
    )


def _place() -> pl.Expr:
    """Return how many inbound steps of the journey come before, the frame in order."""
    number = pl.int_range(pl.len(), dtype=COUNT)
    first = pl.col("journey_id").ne_missing(pl.col("journey_id").shift(1))
    return number - pl.when(first).then(number).forward_fill()


def _back(steps: int) -> pl.Expr:
    """Return the channel group so many inbound steps of the journey ago."""
    return pl.when(_place() >= steps).then(pl.col("channel_group").shift(steps))


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
