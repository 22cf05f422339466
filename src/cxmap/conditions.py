"""Conditions that several definitions share, each said once."""

from datetime import timedelta
from types import MappingProxyType

import polars as pl

from cxmap.names import DONE

UNIDENTIFIED = pl.col("customer_id").is_null()
"""Nobody to follow: what the customer did before or after cannot be told."""

NO_CONTACT = pl.col("disposition").is_in(["merged", "spam"]).fill_null(False)
"""Not an occasion of its own: merged into another contact, or spam."""

WRITTEN = pl.col("channel_group").is_in(["written", "messaging", "social"])
"""Cases that go on in messages, until they are solved."""

CALL_OR_CHAT = pl.col("channel_group").is_in(["voice", "chat"]) & pl.col(
    "channel"
).ne_missing("voicemail")
"""What waits in a queue for a person. A voicemail is a message left, and no call
offered to anybody."""

OFFERED = pl.col("disposition").is_in(
    ["handled", "abandoned", "short_abandoned", "unanswered", "missed", "overflowed"]
)
"""Ends that only a contact offered to people can have."""

NOBODY_TOOK = pl.col("disposition").is_in(["unanswered", "missed", "overflowed"])
"""Ends in which it was we who did not answer, and not the customer who left."""

CASE_OPEN = pl.col("status").is_in(["new", "open", "pending", "on_hold"])
CASE_OURS = pl.col("status").is_in(["new", "open", "on_hold"])
"""Cases in which the customer waits for the company, and not the other way round."""
CASE_DONE = pl.col("status").is_in(DONE)
MARKED_MERGED = (pl.col("disposition") == "merged").fill_null(False) | (
    pl.col("status") == "merged"
).fill_null(False)
"""What its export itself calls merged, whether or not it says into what."""

OCCASIONS = (pl.col("contacts") - pl.col("merged").fill_null(0)).clip(lower_bound=1)
"""How often a journey's customer got in touch: a contact that was merged into another
is one occasion with it."""

CASE_GONE = pl.col("status").is_in(["merged", "deleted"]).fill_null(False)

SERVED = pl.coalesce("served", pl.when(pl.col("resolved")).then(pl.lit(value=True)))
"""Whether somebody answered; solved counts as served. Null: cannot be told."""

NOT_SERVED = MappingProxyType(
    {"served_unknown": SERVED.is_null(), "not_served": ~SERVED}
)
"""Nobody answered, or the export cannot tell: not a contact that could resolve."""


def seconds(duration: timedelta) -> int:
    """Return the whole seconds of a duration."""
    return duration // timedelta(seconds=1)


def seconds_between(start: str, end: str) -> pl.Expr:
    """Return the whole seconds from one moment's column to another's."""
    return (pl.col(end) - pl.col(start)).dt.total_seconds()


def not_yet_silent(touch: str, window: str) -> pl.Expr:
    """Whether the window after a touch reaches beyond the horizon.

    Until it does not, silence proves nothing. No horizon: nothing can be told.
    """
    until = pl.col(touch) + pl.duration(seconds=pl.col(window).fill_null(0))
    return (until > pl.col("horizon_at")).fill_null(True)


def before_history(start: str, window: str, since: str) -> pl.Expr:
    """Whether the window before a start reaches back beyond what the source holds.

    What looks like a first contact there may be a repeat of one never exported.
    """
    reach = pl.col(start) - pl.duration(seconds=pl.col(window).fill_null(0))
    return (reach < pl.col(since)).fill_null(False)


def reopened_within(within: timedelta) -> pl.Expr:
    """Whether a case was reopened so soon after a solve, inclusive.

    One whose export counts reopenings without dating them counts whatever its age.
    Null where the export says nothing of reopenings.
    """
    after = pl.col("reopened_after_seconds")
    soon = after <= seconds(within)
    return pl.when(after.is_not_null()).then(soon).otherwise(pl.col("reopens") > 0)


def left_the_queue(short: timedelta) -> pl.Expr:
    """Whether the customer gave up waiting, later than a `short` abandon.

    A wait the export does not say is taken for a long one.
    """
    patient = pl.col("queue_seconds").fill_null(seconds(short) + 1) > seconds(short)
    return (pl.col("disposition") == "abandoned") & patient


def about_one_need(
    rule: str, gap: str, within: timedelta, unknown_topic: timedelta
) -> pl.Expr:
    """Whether a hop is too soon to be chance: its columns `rule` and `gap` say.

    `within` (inclusive) where both contacts are about one topic or are tied together
    explicitly, `unknown_topic` where nothing says what one of them was about.
    """
    shown = pl.col(rule).is_in(["reference", "same_topic"])
    limit = pl.when(shown).then(seconds(within)).otherwise(seconds(unknown_topic))
    return pl.col(gap) <= limit


def rated_badly(*, csat: int = 2, ces: int = 3, nps: int = 6) -> pl.Expr:
    """Whether an answer about the contact is at most so high: of 5, of 7, of 10."""
    low = (
        pl.col("csat_answer") <= (csat - 1) / 4,
        pl.col("ces_answer") <= (ces - 1) / 6,
        pl.col("nps_answer") <= nps / 10,
    )
    return pl.any_horizontal(low)
