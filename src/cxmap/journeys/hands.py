"""How many people the customers of a journey met on the way."""

import polars as pl

from cxmap.journeys.standing import served
from cxmap.journeys.timeline import IS_STEP
from cxmap.tables import COUNT

HANDS = ("hands", "hands_before")


def hands(contacts: pl.DataFrame) -> pl.DataFrame:
    """Return of each step how many people its journey met up to it, and before.

    People, not bots: whom a contact names counts where somebody answered in it; one
    in which several people took part counts at least as many. In the order in which
    `contacts` hold their steps.
    """
    met = served().fill_null(value=True) & (
        pl.col("disposition").ne_missing(pl.lit("bot_handled"))
    )
    line = (
        contacts.select(
            "journey_id",
            "step",
            "contact_id",
            is_step=IS_STEP.fill_null(value=False),
            agent=pl.when(met).then("agent_id"),
            agents=pl.when(met).then("agents").fill_null(0),
            at=pl.int_range(pl.len()),
        )
        .drop_nulls("journey_id")
        .sort("journey_id", "step", "contact_id")
        .with_columns(journey=pl.col("journey_id").rle_id())
    )
    counted = line.with_columns(hands=pl.max_horizontal(_named(), _most()))
    before = pl.when(~_first()).then(pl.col("hands").shift()).fill_null(0)
    told = counted.with_columns(
        hands=pl.when(pl.col("hands") > 0).then("hands"), hands_before=before
    )

    return told.filter("is_step").sort("at").select(pl.col(HANDS).cast(COUNT))


def _first() -> pl.Expr:
    """Whether a contact is the first of its journey, the contacts in order."""
    return pl.col("journey").ne_missing(pl.col("journey").shift())


def _named() -> pl.Expr:
    """How many different people the contacts of the journey have named so far."""
    distinct = pl.struct("journey", "agent").is_first_distinct()
    new = (pl.col("agent").is_not_null() & distinct).cast(pl.Int64)
    ever = new.cum_sum()

    return ever - pl.when(_first()).then(ever - new).forward_fill()


def _most() -> pl.Expr:
    """In how many people's hands a single contact of the journey was so far, at most.

    The highest so far of a number that is greater in every later journey.
    """
    width = 2**32
    ranked = pl.col("journey").cast(pl.Int64) * width + pl.col("agents")

    return ranked.cum_max() % width
