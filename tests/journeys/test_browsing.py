"""What customers looked at after a contact, held against plain Python."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap import tables
from cxmap.definitions import collect
from cxmap.flagging import flag
from cxmap.journeys.browsing import with_browsing

START = datetime(2026, 3, 1, tzinfo=UTC)
HORIZON = START + timedelta(days=50)
HOUR = timedelta(hours=1)

hours = st.integers(0, 24 * 55)
whose = st.sampled_from(["ana", "ben", None])
Met = tuple[str | None, int, str, int]
"""Whose, when it began, which way, and after how many hours it was last touched."""

met = st.lists(
    st.tuples(
        whose,
        hours,
        st.sampled_from(["inbound", "outbound", "internal"]),
        st.integers(0, 99),
    ),
    max_size=12,
)
looked = st.lists(st.tuples(whose, hours), max_size=12)


def at(hour: int) -> datetime:
    return START + hour * HOUR


def contacts_of(given: list[Met]) -> pl.DataFrame:
    rows = [
        {
            "contact_id": f"c{place:02}",
            "customer_id": who,
            "started_at": at(hour),
            "last_touch_at": at(hour + touched),
            "direction": way,
            "inbound": way == "inbound",
        }
        for place, (who, hour, way, touched) in enumerate(given)
    ]
    return tables.conform(pl.DataFrame(rows) if rows else pl.DataFrame(), "contacts")


def others_of(
    given: list[tuple[str | None, int]], table: str, key: str, when: str
) -> pl.DataFrame:
    rows = [
        {key: f"t{place:02}", "customer_id": who, when: at(hour), "page": f"/p{place}"}
        for place, (who, hour) in enumerate(given)
    ]
    return tables.conform(pl.DataFrame(rows) if rows else pl.DataFrame(), table)


def by_hand(
    contacts: list[Met],
    pages: list[tuple[str | None, int]],
    orders: list[tuple[str | None, int]],
) -> dict[str, str]:
    found: dict[str, list[Any]] = {}
    for place, (who, hour) in enumerate(pages):
        if who is None or at(hour) + 48 * HOUR > HORIZON:
            continue
        theirs = [(h, way, n) for n, (c, h, way, _) in enumerate(contacts) if c == who]
        before = [(h, n) for h, way, n in theirs if way == "inbound" and h <= hour]
        after = [h for h, way, _ in theirs if way != "internal" and h > hour]
        bought = [h for c, h in orders if c == who and h >= hour]
        if not before or hour - max(before)[0] > 30 * 24:
            continue
        last = max(before)[1]
        if hour <= contacts[last][1] + contacts[last][3] <= hour + 48:
            continue
        if (after and min(after) - hour <= 48) or (
            bought and min(bought) - hour <= 7 * 24
        ):
            continue
        found.setdefault(f"c{last:02}", []).append((hour, place))
    return {
        contact: "\n".join(f"/p{place}" for _, place in sorted(seen))
        for contact, seen in found.items()
    }


@given(met, looked, looked)
def test_plain_python_tells_the_same_pages(
    contacts: list[Met],
    pages: list[tuple[str | None, int]],
    orders: list[tuple[str | None, int]],
) -> None:
    told = with_browsing(
        contacts_of(contacts).drop("pages_alone"),
        others_of(pages, "touchpoints", "touchpoint_id", "at"),
        others_of(orders, "orders", "order_id", "ordered_at"),
        horizon_at=HORIZON,
    )

    found = told.select("contact_id", "pages_alone").drop_nulls()
    assert dict(found.iter_rows()) == by_hand(contacts, pages, orders)
    assert told["contact_id"].to_list() == contacts_of(contacts)["contact_id"].to_list()


@pytest.mark.parametrize(
    ("pages", "shows"),
    [
        ("page_view /account/cancel", True),
        ("page_view /Tariffs", True),
        ("rate_card_viewed", True),
        ("page_view /plans/rate-card", True),
        ("page_view /help\nsearch pricing", True),
        ("page_view /scancellation", False),
        ("page_view /corporate", False),
        ("page_view /prices2024", False),
        ("page_view /help", False),
        (None, False),
    ],
)
def test_whole_words_say_that_somebody_looks_round(
    pages: str | None, shows: bool
) -> None:
    friction = collect("frictions")["switching_intent"]
    steps = (
        tables.empty("steps")
        .clear(1)
        .with_columns(pages_alone=pl.lit(pages, pl.String))
    )

    found = flag(steps, {friction.name: (friction, friction.bind({}))})

    assert found.height == shows


def test_what_the_config_names_is_looked_for_and_nothing_else() -> None:
    friction = collect("frictions")["switching_intent"]
    steps = (
        tables.empty("steps")
        .clear(2)
        .with_columns(pages_alone=pl.Series(["view /leave us", "view /cancel"]))
    )

    def found(pages: str) -> int:
        bound = {friction.name: (friction, friction.bind({"pages": pages}))}
        return flag(steps, bound).height

    assert found("leave us") == found("cancel") == 1
    assert found("leave us, cancel") == 2
    assert found("") == found("elsewhere") == 0
