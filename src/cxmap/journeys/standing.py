"""How served and resolved stood at an instant, since both can come later."""

import polars as pl

from cxmap.journeys.reach import FOREVER
from cxmap.names import LIVE_GROUPS


def served() -> pl.Expr:
    """Return whether a contact was served in the end; solved counts as served."""
    solved = pl.when(pl.col("resolved")).then(pl.lit(value=True))
    return pl.coalesce("served", solved)


def served_at() -> pl.Expr:
    """Return when a served contact was first answered; null: not said.

    What was served by being solved is so from then on, and so is a case that nobody
    wrote an answer to.
    """
    by_solve = pl.col("served").is_null() | (~live_to_its_end() & _silent())
    return pl.coalesce(answered_at(), pl.when(by_solve).then(known_at()))


def answered_at() -> pl.Expr:
    """Return when a contact was first answered; null: never, or nobody says when."""
    return pl.min_horizontal("answered_at", "first_response_at")


def live_to_its_end() -> pl.Expr:
    """Tell which contacts last as long as both talk, and wait for no later answer."""
    live = pl.col("channel_group").is_in(LIVE_GROUPS).fill_null(value=False)
    return live & pl.col("channel").ne_missing(pl.lit("voicemail"))


def attempt_ended_at() -> pl.Expr:
    """Return when an attempt to reach somebody was over, in epoch seconds.

    A voicemail's is over with the message: what is done about it comes later.
    """
    last = pl.when(live_to_its_end()).then("last_touch_at")
    return pl.coalesce(last, "started_at").dt.epoch("s")


def _silent() -> pl.Expr:
    return pl.col("agent_messages").eq_missing(pl.lit(0))


def known_at() -> pl.Expr:
    """Return when a contact's `resolved` came to be so; null: not said."""
    return pl.coalesce("resolved_at", "ended_at")


def served_by(instant: pl.Expr) -> pl.Expr:
    """Return whether a contact had been served at `instant`; null: cannot be told.

    A case may have been answered before it was solved, unless its export says when
    it was, or that it never was.
    """
    too_early = served() & (served_at() > instant).fill_null(value=False)
    undated = (
        pl.col("served") & ~live_to_its_end() & answered_at().is_null() & ~_silent()
    )
    perhaps = undated & (known_at() > instant)
    return pl.when(~perhaps.fill_null(value=False)).then(served() & ~too_early)


def resolved_by(instant: pl.Expr) -> pl.Expr:
    """Return whether a contact had been resolved at `instant`; null: nothing said.

    What a survey says counts from its answer on.
    """
    corrected = pl.col("corrected_at") > instant
    told = pl.when(corrected).then("resolved_by_export").otherwise("resolved")
    too_early = told & (known_at() > instant).fill_null(value=False)
    return told & ~too_early


def unserved_attempt_until() -> pl.Expr:
    """Return until when a contact counts as an unserved attempt, in epoch seconds.

    Only live and bot contacts are attempts. One that was answered in the end was
    unserved until then; of a bot or a menu only a known answer counts. Null: never.
    """
    live = pl.col("channel_group").is_in(LIVE_GROUPS)
    machine = pl.col("channel").is_in(["bot", "ivr"])
    unserved = (served() == pl.lit(value=False)) | (served().is_null() & machine)
    return (
        pl.when(~live)
        .then(None)
        .when(unserved)
        .then(pl.lit(FOREVER, pl.Int64()))
        .when(served())
        .then(served_at().dt.epoch("s") - 1)
    )
