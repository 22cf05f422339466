"""Whom nobody answered nor got in touch with, held against plain Python."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap import tables
from cxmap.definitions import collect
from cxmap.flagging import flag
from cxmap.journeys.browsing import with_left_alone

START = datetime(2026, 3, 1, tzinfo=UTC)
HORIZON, OWN = START + timedelta(days=12), START + timedelta(days=11)
HOUR = timedelta(hours=1)

hours = st.integers(0, 24 * 13)
people = st.sampled_from(["ana", "ben", None])
asked = st.fixed_dictionaries(
    {
        "who": people,
        "hour": hours,
        "way": st.sampled_from(["inbound", "inbound", "outbound", "internal"]),
        "topic": st.sampled_from(["contract/cancel", None]),
        "source": st.sampled_from(["a", "b"]),
        "served": st.sampled_from([True, False, False, None]),
        "answered": st.sampled_from([None, None, 1, 47, 48, 49]),
    }
)
ordered = st.lists(st.tuples(people, hours), max_size=4)


def at(hour: int) -> datetime:
    return START + hour * HOUR


def contacts_of(given: list[dict[str, Any]]) -> pl.DataFrame:
    rows = [
        {
            "contact_id": f"c{place:02}",
            "source": one["source"],
            "customer_id": one["who"],
            "channel": "email",
            "channel_group": "written",
            "started_at": at(one["hour"]),
            "direction": one["way"],
            "inbound": one["way"] == "inbound",
            "topic": one["topic"],
            "served": one["served"],
            "first_response_at": None
            if one["answered"] is None
            else at(one["hour"] + one["answered"]),
            "source_horizon_at": OWN if one["source"] == "b" else HORIZON,
        }
        for place, one in enumerate(given)
    ]
    return tables.conform(
        pl.DataFrame(rows, infer_schema_length=None), "contacts"
    ).drop("left_alone")


def orders_of(given: list[tuple[str | None, int]]) -> pl.DataFrame:
    rows = [
        {"order_id": f"o{place}", "customer_id": who, "ordered_at": at(hour)}
        for place, (who, hour) in enumerate(given)
    ]
    if not rows:
        return tables.empty("orders")
    return tables.conform(pl.DataFrame(rows), "orders")


def by_hand(
    contacts: list[dict[str, Any]], orders: list[tuple[str | None, int]]
) -> list[bool | None]:
    found: list[bool | None] = []
    for one in contacts:
        hour, who = one["hour"], one["who"]
        held = OWN if one["source"] == "b" else HORIZON
        told = one["way"] == "inbound" and who is not None and one["topic"] is not None
        late = one["answered"] is not None and one["answered"] > 48
        unserved = one["served"] is False or (one["served"] is True and late)
        if not told or not unserved or at(hour) + 48 * HOUR > held:
            found.append(None)
            continue
        after = [
            other["hour"] - hour
            for other in contacts
            if other["who"] == who
            and other["way"] != "internal"
            and other["hour"] > hour
        ]
        bought = [h - hour for c, h in orders if c == who and h >= hour]
        found.append(min(after, default=999) > 48 and min(bought, default=999) > 7 * 24)
    return found


@settings(max_examples=120)
@given(st.lists(asked, min_size=1, max_size=8), ordered)
def test_plain_python_tells_the_same(
    contacts: list[dict[str, Any]], orders: list[tuple[str | None, int]]
) -> None:
    told = with_left_alone(contacts_of(contacts), orders_of(orders), horizon_at=HORIZON)

    assert told["left_alone"].to_list() == by_hand(contacts, orders)


def alone(*others: dict[str, Any], **changed: Any) -> bool | None:
    """Whether one is left alone who asked at noon of the first day, by default."""
    one = {
        **{"who": "ana", "hour": 12, "way": "inbound", "topic": "contract/cancel"},
        **{"source": "a", "served": False, "answered": None, **changed},
    }
    several = [one, *({**one, "topic": None, **other} for other in others)]
    told = with_left_alone(contacts_of(several), orders_of([]), horizon_at=HORIZON)
    unheld = with_left_alone(contacts_of(several), orders_of([]), horizon_at=None)
    assert unheld["left_alone"].to_list() == [None] * len(several)
    found: bool | None = told["left_alone"].to_list()[0]
    return found


def test_the_48_hours_are_inclusive() -> None:
    assert alone() is True
    assert alone({"hour": 60}) is False
    assert alone({"hour": 61}) is True
    assert alone({"hour": 60, "way": "outbound"}) is False
    assert alone({"hour": 60, "way": "internal"}) is True
    assert alone({"hour": 60, "who": "ben"}) is True
    assert alone({"hour": 11}) is True
    assert alone(served=True, answered=48) is None
    assert alone(served=True, answered=49) is True
    assert alone(hour=24 * 10) is True
    assert alone(hour=24 * 10 + 1) is None
    assert alone(hour=24 * 9 + 1, source="b") is None


def test_who_may_have_been_answered_is_not_told() -> None:
    assert alone(served=None) is None
    assert alone(served=True) is None


def test_without_a_horizon_nothing_is_told() -> None:
    whole = tables.empty("contacts").drop("left_alone")

    for horizon in (None, HORIZON):
        told = with_left_alone(whole, orders_of([]), horizon_at=horizon)
        assert told.schema["left_alone"] == pl.Boolean


def points(bound: dict[str, Any], **columns: list[Any]) -> int:
    friction = collect("frictions")["switching_intent"]
    [height] = {len(values) for values in columns.values()}
    empty = tables.empty("steps").clear(height)
    steps = empty.with_columns(
        pl.Series(name, values, empty.schema[name]) for name, values in columns.items()
    )

    return flag(steps, {friction.name: (friction, friction.bind(bound))}).height


@pytest.mark.parametrize(
    ("topic", "left", "shows"),
    [
        ("contract/cancel", True, True),
        ("contract/cancel/moving", True, True),
        ("contract/porting", True, True),
        ("contract/cancel", False, False),
        ("contract/cancel", None, False),
        ("contract", True, False),
        ("contract/cancelled", True, False),
        ("order/cancel", True, False),
        (None, True, False),
    ],
)
def test_topics_of_leaving_show_where_somebody_was_left_alone(
    topic: str | None, left: bool | None, shows: bool
) -> None:
    assert points({}, topic=[topic], left_alone=[left]) == shows


def test_what_the_config_names_is_a_way_to_leave_and_nothing_else() -> None:
    rows = {"topic": ["order/cancel", "contract/cancel"], "left_alone": [True, True]}

    assert points({"topics": "order"}, **rows) == 1
    assert points({"topics": "order, contract/cancel"}, **rows) == 2
    assert points({"topics": ""}, **rows) == 0
    assert points({"pages": ""}, **rows) == 1


def test_what_was_merged_or_seen_as_well_is_one_point() -> None:
    told = {
        "topic": ["contract/cancel"] * 3,
        "left_alone": [True, True, None],
        "disposition": ["merged", "abandoned", "handled"],
        "pages_alone": [None, "view /cancel", "view /cancel"],
    }

    assert points({}, **told) == 2
