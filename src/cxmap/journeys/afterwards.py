"""What came after a contact: the customer again, or somebody who was there at last."""

import polars as pl

from cxmap.journeys.standing import served
from cxmap.journeys.timeline import IN_ORDER, IS_STEP, ordered
from cxmap.journeys.waits import waited_until
from cxmap.names import LIVE_GROUPS
from cxmap.tables import WHEN


def returns(inbound: pl.DataFrame) -> pl.DataFrame:
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


def rescues(contacts: pl.DataFrame) -> pl.DataFrame:
    """Return, of unserved steps, the seconds until somebody was there for them.

    The soonest answer in a later contact of the customer: at once in a live one or
    our call-back that reached them, with the reply in a written one. In the order in
    which `contacts` hold their steps.
    """
    reached = pl.when("inbound").then(served()).otherwise("connected")
    writes = pl.col("inbound") & ~pl.col("channel_group").is_in(LIVE_GROUPS)
    replied = pl.when(writes).then(waited_until())
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
    soonest = _soonest_later("there_at")
    end = pl.coalesce("last_touch_at", "started_at")
    gap = (soonest - end).dt.total_seconds().clip(lower_bound=0)
    theirs = pl.col("customer_id").is_not_null() & pl.col("unserved")
    rescued = line.with_columns(served_after_seconds=pl.when(theirs).then(gap))
    return rescued.filter("step").sort("at").select("served_after_seconds")


def _soonest_later(at: str) -> pl.Expr:
    """The soonest instant of the customer's later contacts, the contacts in order.

    Looking back, the lowest so far of a number that is lower for every customer before.
    """
    customer, width = pl.col("customer_id").rle_id().cast(pl.Int128), 2**64
    ranked = customer * width + pl.col(at).to_physical() + width // 2
    lowest = ranked.shift(-1).cum_min(reverse=True).backward_fill()
    theirs = lowest // width == customer

    found = pl.when(theirs).then(lowest % width - width // 2)

    return found.cast(pl.Int64).cast(WHEN)


def calls_back(contacts: pl.DataFrame) -> pl.DataFrame:
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
