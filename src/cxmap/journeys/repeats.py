"""Repeats: a contact that comes too soon after one about the same need.

They are a relation of their own and know nothing of journeys.
"""

from datetime import timedelta

import polars as pl

from cxmap.conditions import MARKED_MERGED, reopened_within
from cxmap.journeys.reach import FOREVER
from cxmap.journeys.related import any_topic, same_topic, tree, unknown_topic
from cxmap.journeys.standing import (
    answered_at,
    attempt_ended_at,
    live_to_its_end,
    unserved_attempt_until,
)
from cxmap.journeys.timeline import ROW, timeline, within
from cxmap.journeys.windows import clock, seconds
from cxmap.options import RepeatRule


def repeats(
    contacts: pl.DataFrame, rule: RepeatRule, handed_on: pl.Series | None = None
) -> pl.DataFrame:
    """Return, row by row of `contacts` (in order), how they repeat each other.

    repeats_contact_id, repeat_gap_seconds, repeated, repeat_window_seconds,
    return_of and reopened, as tables.CONTACTS says. Only identified inbound
    contacts that are not `merged` repeat or are repeated; for all others `repeated`
    is null. Who comes for another reason (`return_of`) repeats only a contact of
    equal topic, and who retries never the attempt retried, whose story goes on. A
    reopen counts within `rule.reopen_within` of the solve; where the export counts
    one that it does not date, whatever its age. The rows `handed_on` are later legs
    of a transferred contact: we moved the customer, who did not come back.
    """
    window = contacts.select(within(rule.within)).to_series()
    returns = _returns(contacts, rule, handed_on)
    before, gap = returns["from_at"], returns["gap"]
    counts = (gap <= window.gather(before)).fill_null(value=False)
    earlier = before.zip_with(counts, pl.Series([None], dtype=ROW))
    known = (
        contacts["inbound"]
        & contacts["customer_id"].is_not_null()
        & ~contacts["merged"]
    )
    repeated = pl.repeat(value=False, n=contacts.height, eager=True)
    repeated = repeated.scatter(earlier.drop_nulls().unique(), values=True)

    return pl.select(
        repeats_contact_id=contacts["contact_id"].gather(earlier),
        repeat_gap_seconds=pl.when(counts).then(gap),
        repeated=pl.when(known).then(repeated),
        repeat_window_seconds=window,
        return_of=returns["return_of"],
        reopened=contacts.select(reopened_within(rule.reopen_within))
        .to_series()
        .fill_null(value=False),
    )


def returned_after(
    contacts: pl.DataFrame, rule: RepeatRule, handed_on: pl.Series | None = None
) -> pl.DataFrame:
    """Return, row by row of `contacts` (in order), after how long somebody came back.

    after: seconds until the first contact that repeats it as `repeats` judges, but
    however late it comes, for no window cuts it off; by: that contact's row. Null:
    nothing held came back to it.
    """
    returns = _returns(contacts, rule, handed_on).with_row_index("by")
    told = returns.drop_nulls(["from_at", "gap"]).sort("from_at", "gap", "by")
    soonest = told.unique("from_at", keep="first", maintain_order=True)
    never = pl.repeat(None, contacts.height, dtype=ROW, eager=True)

    return pl.select(
        after=never.clone().scatter(soonest["from_at"], soonest["gap"]),
        by=never.clone().scatter(soonest["from_at"], soonest["by"].cast(ROW)),
    )


def merged(contacts: pl.DataFrame, members: pl.DataFrame) -> pl.Series:
    """Tell which `contacts` were merged into another, and are one occasion with it.

    Those their export marks so, and those that say so (`members`, from
    cxmap.references) of an inbound contact of the same customer: where that one is
    not held, the contact itself is all that is known of the occasion.
    """
    own = members.filter(pl.col("says").is_null()).select("group", into="at")
    told = members.filter(pl.col("says") == "merged").join(own, on="group")
    customers, into = contacts["customer_id"], told["into"]
    same = customers.gather(told["at"]) == customers.gather(into)
    lasting = (same & contacts["inbound"].gather(into)).fill_null(value=False)
    marked = contacts.select(merged=MARKED_MERGED).to_series()

    return marked.scatter(told["at"].filter(lasting), values=True)


def _returns(
    contacts: pl.DataFrame, rule: RepeatRule, handed_on: pl.Series | None
) -> pl.DataFrame:
    """Return from_at, gap and return_of: what each contact comes back to, and when.

    The gap, in seconds, is null where it does not count as coming back, whatever the
    window.
    """
    before = _nearest(contacts, rule)
    gap = _gap(contacts, before, rule)
    tried = _retried(contacts, rule.retry)
    comeback = _return_of(contacts, rule, tried)
    topic = contacts["topic"]
    same_need = (topic == topic.gather(before)) & before.ne_missing(tried)
    allowed = comeback.is_null() | same_need.fill_null(value=False)
    if handed_on is not None:
        allowed = allowed.scatter(handed_on, values=False)

    return pl.select(from_at=before, gap=pl.when(allowed).then(gap), return_of=comeback)


def _gap(contacts: pl.DataFrame, before: pl.Series, rule: RepeatRule) -> pl.Series:
    """Return the seconds from the contacts `before` (by row) to each one's start.

    Within a case that is still open there is no gap, except where one of the two has
    no topic and the case had been answered by then: then it runs from the first answer,
    since being open says nothing. Who still waits for one comes back to it.
    """
    told = contacts.select(
        "topic",
        start=pl.col("started_at").dt.epoch("s"),
        last=clock(rule.within),
        answer=pl.when(~live_to_its_end()).then(answered_at().dt.epoch("s")),
    )
    earlier = told.select(pl.all().gather(before).name.prefix("i_"))
    pairs = pl.concat([told, earlier], how="horizontal")
    untold = pl.col("topic").is_null() | pl.col("i_topic").is_null()
    open_yet = pl.col("start") < pl.col("i_last")
    answered = pl.col("i_answer") <= pl.col("start")
    answer = pl.max_horizontal("i_answer", "i_start")
    since = pl.when(untold & open_yet & answered).then(answer).otherwise("i_last")
    return pairs.select((pl.col("start") - since).clip(lower_bound=0)).to_series()


def _nearest(contacts: pl.DataFrame, rule: RepeatRule) -> pl.Series:
    """Return the row of the nearest preceding contact of comparable topic.

    Among inbound contacts that are occasions of their own.
    """
    nodes = tree(contacts["topic"])
    rows = timeline(contacts).filter("inbound")
    rows = rows.filter(~contacts["merged"].gather(rows["at"]))
    rows = rows.with_columns(
        topic=nodes.topic.gather(rows["at"]),
        reach=pl.lit(FOREVER, ROW),
        joins=pl.lit(value=False),
    )
    found = [related.latest for related in same_topic(rows, nodes)]
    if rule.unknown_topic == "count":
        found.append(unknown_topic(rows).latest)

    empty = pl.DataFrame(schema={"at": ROW, "from_at": ROW})
    nearest = pl.concat([empty, *found]).group_by("at").agg(pl.col("from_at").max())
    nowhere = pl.repeat(None, contacts.height, dtype=ROW, eager=True)
    return nowhere.scatter(nearest["at"], nearest["from_at"])


def _return_of(contacts: pl.DataFrame, rule: RepeatRule, tried: pl.Series) -> pl.Series:
    """Return what an inbound contact answers: retry, campaign_response, return_call.

    `tried` is the attempt that it retries, by its row.
    """
    outbound = ~pl.col("inbound")
    campaign = outbound & (pl.col("initiation") == "campaign")
    voice = pl.col("channel_group") == "voice"
    missed = outbound & voice & ~pl.col("connected")
    campaigned = _after(contacts, campaign, rule.campaign_response)
    called = _after(contacts, missed, rule.return_call)

    reasons = (
        pl.when(tried.is_not_null())
        .then(pl.lit("retry"))
        .when(campaigned)
        .then(pl.lit("campaign_response"))
        .when(called)
        .then(pl.lit("return_call"))
    )
    return contacts.select(pl.when("inbound").then(reasons)).to_series()


def _after(contacts: pl.DataFrame, what: pl.Expr, window: timedelta) -> pl.Series:
    """Tell which contacts start within `window` after a `what` of their customer."""
    ends = pl.coalesce("last_touch_at", "started_at").dt.epoch("s")
    reach = contacts.select(pl.when(what).then(ends + seconds(window))).to_series()
    rows = timeline(contacts)
    rows = rows.with_columns(reach=reach.gather(rows["at"]), joins=pl.lit(value=False))
    reached = any_topic(rows).latest["at"]
    return pl.repeat(value=False, n=contacts.height, eager=True).scatter(
        reached, values=True
    )


def _retried(contacts: pl.DataFrame, window: timedelta) -> pl.Series:
    """Return the row of the unserved attempt that each contact follows straight on.

    An attempt to reach a person, by way of a menu or not: who turns from a bot to a
    person asks a second time.
    """
    alone = (pl.col("channel_group") == "digital_self") & (pl.col("channel") != "ivr")
    unserved = pl.when(~alone).then(unserved_attempt_until())
    until = pl.min_horizontal(attempt_ended_at() + seconds(window), unserved)
    reach = contacts.select(pl.when(unserved.is_not_null()).then(until)).to_series()
    rows = timeline(contacts).filter("inbound")
    rows = rows.with_columns(reach=reach.gather(rows["at"]))
    neighbour = pl.col("lane") == pl.col("lane").shift(1)
    again = neighbour & (pl.col("reach").shift(1) >= pl.col("start"))
    tried = rows.with_columns(tried=pl.col("at").shift(1)).filter(again)
    nowhere = pl.repeat(None, contacts.height, dtype=ROW, eager=True)
    return nowhere.scatter(tried["at"], tried["tried"])
