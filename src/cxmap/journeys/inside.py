"""What goes on inside steps that are not over: who waits, and where nothing happens."""

import polars as pl

from cxmap.hours import day_seconds, held_seconds, schedule_at
from cxmap.options import Hours

OURS = ("new", "open", "on_hold")
"""Statuses of cases that wait for the company."""

OPEN = (*OURS, "pending")


INSIDE = (
    "longest_wait_seconds",
    "longest_wait_business_seconds",
    "quiet_seconds",
    "quiet_business_days",
    "unsaid_seconds",
)
"""What goes on inside, as columns of steps."""


def with_inside(steps: pl.DataFrame, *, hours: Hours) -> pl.DataFrame:
    """Return `steps` with how long the customer waited inside, and nothing happened.

    Adds longest_wait_seconds, quiet_seconds and unsaid_seconds, the first two in
    business time too: in the hours under which each step fell then, and in days of the
    last of them. What is still open counts as far as its own source is held; a case
    without a status is over, since nobody can tell that it is not.
    """
    horizon = pl.col("source_horizon_at")
    owed = pl.when(_open(OPEN) & pl.col("answered_inside")).then("owed_since_at")
    happened = pl.max_horizontal("last_event_at", "updated_at")
    quiet = pl.when(_open(OURS)).then(happened)
    marked = steps.with_columns(
        answered_inside=(pl.col("messages_after_answer") > 0).fill_null(value=False)
    ).with_columns(longest_wait_since=owed, quiet_since=quiet)
    spans = {"longest_wait": "longest_response", "quiet": "longest_silence"}
    timed = marked.with_columns(
        **{
            f"{name}_seconds": pl.max_horizontal(
                f"{told}_seconds", _from(pl.col(f"{name}_since"), horizon)
            )
            for name, told in spans.items()
        },
        **{
            f"{name}_business_seconds": pl.max_horizontal(
                f"{told}_business_seconds",
                held_seconds(marked, f"{name}_since", "source_horizon_at", hours),
            )
            for name, told in spans.items()
        },
        unsaid_seconds=pl.when(pl.col("messages_after_answer") == 0).then(
            _from(pl.col("first_response_at"), horizon)
        ),
    )

    last = schedule_at(timed, "source_horizon_at")
    whole_day = day_seconds(hours, pl.col("last_schedule"))

    return timed.with_columns(last_schedule=last).with_columns(
        quiet_business_days=pl.col("quiet_business_seconds") // whole_day
    )


def waits_inside() -> pl.Expr:
    """Whether any of these times of a contact may run to its source's horizon."""
    unsaid = pl.col("messages_after_answer") == 0
    return (_open(OPEN) | unsaid).fill_null(value=False)


def repeated_after(inbound: pl.DataFrame) -> pl.DataFrame:
    """Return of each contact that was over and is repeated the time in between."""
    repeats = (
        inbound.select("started_at", contact_id="repeats_contact_id")
        .drop_nulls("contact_id")
        .group_by("contact_id")
        .agg(again_at=pl.col("started_at").min())
    )
    over = pl.coalesce("resolved_at", "closed_at")
    after = (pl.col("again_at") - over).dt.total_seconds()

    return (
        inbound.select("contact_id", "resolved_at", "closed_at")
        .join(repeats, on="contact_id")
        .select("contact_id", repeated_after_seconds=pl.when(after >= 0).then(after))
        .drop_nulls()
    )


def _open(statuses: tuple[str, ...]) -> pl.Expr:
    return pl.col("status").is_in(statuses).fill_null(value=False)


def _from(since: pl.Expr, until: pl.Expr) -> pl.Expr:
    return (until - since).dt.total_seconds().clip(lower_bound=0)
