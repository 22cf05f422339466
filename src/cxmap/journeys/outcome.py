"""How a journey ended, and where that stands on the ladder."""

import polars as pl

GAVE_UP = ("abandoned", "short_abandoned", "opted_out")
"""Dispositions in which the customer left; any other unserved end is unanswered."""

ANSWERED = ("resolved", "presumed")
UNHAPPY = ("abandoned", "unanswered", "unresolved")
UNPROVEN = ("contained_unknown", "unknown")


def disposition_outcome(disposition: str) -> pl.Expr:
    """Return abandoned or unanswered for the disposition of an unserved contact."""
    left = pl.col(disposition).is_in(GAVE_UP)
    return pl.when(left).then(pl.lit("abandoned")).otherwise(pl.lit("unanswered"))


def outcome() -> pl.Expr:
    """Return the outcome of each row of `journeys.endings`.

    It is that of the last served contact, unless an inbound contact after it was
    not served: then that one's disposition. Where the last inbound contact cannot
    be judged, silence says nothing: contained_unknown after a bot or portal, else
    unknown.
    """
    silent = pl.col("served_resolved").is_null()
    machine = pl.col("last_channel_group") == "digital_self"
    unjudged = (
        pl.when(pl.col("last_resolved") == pl.lit(value=False))
        .then(pl.lit("unresolved"))
        .when(machine)
        .then(pl.lit("contained_unknown"))
        .when(pl.col("last_served") == pl.lit(value=False))
        .then(disposition_outcome("last_disposition"))
        .otherwise(pl.lit("unknown"))
    )
    return (
        pl.when(~pl.col("closed"))
        .then(pl.lit("open"))
        .when(pl.col("served_at_all").is_null())
        .then(unjudged)
        .when("unserved_after")
        .then(disposition_outcome("unserved_disposition"))
        .when("served_resolved")
        .then(pl.lit("resolved"))
        .when(~pl.col("served_resolved"))
        .then(pl.lit("unresolved"))
        .when(silent & pl.col("unknown_after"))
        .then(unjudged)
        .when(~pl.col("served_by_person"))
        .then(pl.lit("contained_unknown"))
        .otherwise(pl.lit("presumed"))
    )


def confirmed() -> pl.Expr:
    """Tell whether a status, disposition or survey says so; null while open."""
    said = pl.col("outcome").is_in([*UNHAPPY, "resolved"])
    return pl.when(pl.col("outcome") != "open").then(said)


def ladder() -> pl.Expr:
    """Return the rung: the first that holds; null for unidentified customers.

    A single contact is best only where it was answered: what a bot contained in
    silence is unproven, however few the contacts.
    """
    result = pl.col("outcome")
    smooth = (
        (pl.col("contacts") == 1)
        & ~pl.col("reopened")
        & (pl.col("chasers") == 0)
        & (pl.col("transfers") == 0)
    )
    rung = (
        pl.when(result == "open")
        .then(pl.lit("open"))
        .when(result.is_in(UNHAPPY))
        .then(pl.lit("none"))
        .when(smooth & result.is_in(ANSWERED))
        .then(pl.lit("best"))
        .when(pl.col("restarts") > 0)
        .then(pl.lit("good"))
        .when((pl.col("unknown_hops") > 0) | result.is_in(UNPROVEN))
        .then(pl.lit("unproven"))
        .otherwise(pl.lit("better"))
    )
    return pl.when(pl.col("customer_id").is_not_null()).then(rung)
