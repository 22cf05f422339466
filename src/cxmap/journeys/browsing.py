"""Where nobody got in touch: what customers looked at, and whom nobody answered."""

from datetime import datetime, timedelta

import polars as pl

from cxmap.journeys.standing import served_by
from cxmap.tables import FLAG, TEXT

ALONE_FOR = timedelta(hours=48)
"""So long after a page somebody could still have got in touch."""
BOUGHT_WITHIN = timedelta(days=7)
"""Who orders so soon after it looked because of that."""
RECALLED_FOR = timedelta(days=30)
"""A page so long after a contact has nothing to do with it any more."""


def with_browsing(
    contacts: pl.DataFrame,
    touchpoints: pl.DataFrame,
    orders: pl.DataFrame,
    *,
    horizon_at: datetime | None,
) -> pl.DataFrame:
    """Return `contacts` with `pages_alone`, as tables.CONTACTS says.

    `contacts`, `touchpoints` and `orders` know their customers. A touchpoint belongs
    to the customer's last inbound contact before it, unless that one was touched again
    within 48 hours: somebody may have answered in it. Only those of which the horizon
    lets us know that nobody followed are told; an order that comes later withdraws one.
    """
    nothing = contacts.with_columns(pages_alone=pl.lit(None, TEXT))
    if touchpoints.is_empty() or horizon_at is None:
        return nothing
    known = touchpoints.drop_nulls(["customer_id", "at"]).select(
        "customer_id", "at", "touchpoint_id", shown=_shown()
    )
    seen = known.filter(pl.col("at") + ALONE_FOR <= horizon_at).sort("at")
    if seen.is_empty():
        return nothing

    met = contacts.filter(pl.col("direction").ne_missing(pl.lit("internal")))
    asked = _moments(met.filter("inbound"), "started_at", "contact_id", "began_at")
    touches = contacts.select("contact_id", touched_at="last_touch_at")
    any_after = _moments(met, "started_at", "contact_id", "met_at")
    bought = _moments(orders, "ordered_at", "order_id", "bought_at")
    told = (
        _nearest(seen, asked, "backward")
        .join(touches, on="contact_id", how="left")
        .sort("at")
        .pipe(_nearest, any_after.drop("contact_id"), "forward", exact=False)
        .pipe(_nearest, bought.drop("order_id"), "forward")
    )
    at = pl.col("at")
    answered = pl.col("touched_at").is_between(at, at + ALONE_FOR)
    recalled = at - pl.col("began_at") <= RECALLED_FOR
    pages = (
        told.filter(_alone() & ~answered.fill_null(value=False) & recalled)
        .sort("contact_id", "at", "touchpoint_id")
        .group_by("contact_id", maintain_order=True)
        .agg(pages_alone=pl.col("shown").str.join("\n"))
    )

    return contacts.join(pages, on="contact_id", how="left", maintain_order="left")


def with_left_alone(
    contacts: pl.DataFrame, orders: pl.DataFrame, *, horizon_at: datetime | None
) -> pl.DataFrame:
    """Return `contacts` with `left_alone`, as tables.CONTACTS says.

    `contacts` and `orders` know their customers, contacts also their topic and up to
    when their source is held. What both horizons do not let us know is null.
    """
    nothing = contacts.with_columns(left_alone=pl.lit(None, FLAG))
    if horizon_at is None:
        return nothing
    until = pl.col("started_at") + ALONE_FOR
    held = pl.min_horizontal("source_horizon_at", pl.lit(horizon_at))
    asked = contacts.filter(
        "inbound",
        pl.col("customer_id").is_not_null() & pl.col("topic").is_not_null(),
        until <= held,
        served_by(until) == pl.lit(value=False),
    ).select("customer_id", "contact_id", at="started_at")
    if asked.is_empty():
        return nothing

    theirs = asked.select("customer_id").unique()
    met = contacts.filter(pl.col("direction").ne_missing(pl.lit("internal"))).join(
        theirs, on="customer_id", how="semi"
    )
    any_after = _moments(met, "started_at", "contact_id", "met_at")
    bought = _moments(orders, "ordered_at", "order_id", "bought_at")
    told = (
        asked.sort("at")
        .pipe(_nearest, any_after.drop("contact_id"), "forward", exact=False)
        .pipe(_nearest, bought.drop("order_id"), "forward")
    )
    alone = told.select("contact_id", left_alone=_alone())

    return contacts.join(alone, on="contact_id", how="left", maintain_order="left")


def _alone() -> pl.Expr:
    """Whether nobody met the customer, nor sold them anything, soon after `at`."""
    at = pl.col("at")
    alone = (pl.col("met_at") - at > ALONE_FOR).fill_null(value=True)
    kept = (pl.col("bought_at") - at > BOUGHT_WITHIN).fill_null(value=True)

    return alone & kept


def _shown() -> pl.Expr:
    parts = [pl.col(name).fill_null("") for name in ("name", "page")]
    return pl.concat_str(parts, separator=" ").str.strip_chars()


def _moments(rows: pl.DataFrame, at: str, key: str, name: str) -> pl.DataFrame:
    """The customers' moments in order, one of each instant: `at`, and again `name`."""
    known = rows.drop_nulls(["customer_id", at]).select(
        "customer_id", key, pl.col(at).alias("at"), pl.col(at).alias(name)
    )
    last = known.sort("customer_id", "at", key)
    return last.unique(["customer_id", "at"], keep="last").sort("at")


def _nearest(
    seen: pl.DataFrame, moments: pl.DataFrame, way: str, *, exact: bool = True
) -> pl.DataFrame:
    return seen.join_asof(
        moments,
        on="at",
        by="customer_id",
        strategy=way,  # type: ignore[arg-type]
        allow_exact_matches=exact,
        check_sortedness=False,
    )
