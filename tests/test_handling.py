"""What contacts take and cost, and how much longer later ones take."""

import math
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap.config.settings import Costs
from cxmap.handling import (
    Rates,
    handling_counts,
    merge_counts,
    priced,
    rates,
    second_contacts,
    usual,
)
from cxmap.money import amount
from cxmap.tables import conform, empty

Row = dict[str, Any]
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def contacts(rows: list[Row]) -> pl.DataFrame:
    usually = {
        "channel_group": "voice",
        "inbound": True,
        "step": 1,
        "served": True,
        "topic": "billing/refund",
        "started_at": AT,
    }
    told = [{"contact_id": f"c{at}", **usually, **row} for at, row in enumerate(rows)]
    if not told:
        return empty("contacts")
    return conform(pl.DataFrame(told, infer_schema_length=None), "contacts")


def calls(n: int, seconds: int, **more: Any) -> list[Row]:
    return [{"talk_seconds": seconds, **more}] * n


class TestUsual:
    def test_it_is_the_median_of_ten_or_more(self) -> None:
        rows = [*calls(5, 100), *calls(5, 300), *calls(9, 60, channel_group="chat")]

        assert usual(handling_counts(contacts(rows))) == {"voice": 100}

    def test_hold_and_wrap_up_belong_to_it(self) -> None:
        rows = calls(10, 100, hold_seconds=20, wrap_up_seconds=5)

        assert usual(handling_counts(contacts(rows))) == {"voice": 125}

    @pytest.mark.parametrize(
        "left_out",
        [
            {"talk_seconds": None, "wrap_up_seconds": 5},
            {"talk_seconds": 0},
            {"served": False},
            {"channel_group": "digital_self"},
            {"disposition": "spam"},
        ],
    )
    def test_what_nobody_handled_is_not_usual(self, left_out: Row) -> None:
        rows = [*calls(9, 100), *({"talk_seconds": 9, **left_out},) * 9]

        assert usual(handling_counts(contacts(rows))) == {}


class TestSecondContacts:
    def test_they_are_held_against_first_ones_of_their_channel_and_topic(self) -> None:
        rows = [
            *calls(30, 100),
            *calls(40, 150, step=2),
            *calls(30, 400, channel_group="chat"),
            *calls(10, 480, channel_group="chat", step=3),
        ]

        found = second_contacts(handling_counts(contacts(rows)))

        assert found is not None
        mixed = (40 * 150 + 10 * 480) / (40 * 100 + 10 * 400)
        assert found.value == pytest.approx(mixed)
        assert (found.later, found.first) == (50, 60)

    def test_a_kind_without_first_contacts_drops_out(self) -> None:
        rows = [
            *calls(30, 100),
            *calls(30, 130, step=2),
            *calls(30, 999, step=2, topic="network"),
        ]

        found = second_contacts(handling_counts(contacts(rows)))

        assert found is not None
        assert (found.value, found.later) == (pytest.approx(1.3), 30)

    @pytest.mark.parametrize(("first", "later"), [(29, 30), (30, 29), (0, 90), (90, 0)])
    def test_of_fewer_than_thirty_nothing_is_told(self, first: int, later: int) -> None:
        rows = [*calls(first, 100), *calls(later, 130, step=2)]

        assert second_contacts(handling_counts(contacts(rows))) is None

    def test_our_own_calls_are_neither(self) -> None:
        rows = [*calls(30, 100), *calls(30, 130, step=2, inbound=False)]

        assert second_contacts(handling_counts(contacts(rows))) is None

    def test_its_interval_is_that_of_two_means_on_the_log_scale(self) -> None:
        first, later = [80, 120] * 20, [100, 200] * 20
        rows = [
            *({"talk_seconds": one} for one in first),
            *({"talk_seconds": one, "step": 2} for one in later),
        ]

        found = second_contacts(handling_counts(contacts(rows)))

        assert found is not None
        spread = (50 / 150) ** 2 / 40 + (20 / 100) ** 2 / 40
        assert found.high == pytest.approx(1.5 * math.exp(1.959964 * spread**0.5))
        assert found.low == pytest.approx(1.5 / math.exp(1.959964 * spread**0.5))


@given(
    st.lists(
        st.tuples(st.sampled_from([1, 2]), st.integers(1, 5), st.booleans()),
        max_size=30,
    )
)
def test_counts_of_buckets_add_up(rows: list[tuple[int, int, bool]]) -> None:
    def of(wanted: set[bool]) -> pl.DataFrame:
        told = [
            {"step": step, "talk_seconds": seconds}
            for step, seconds, side in rows
            if side in wanted
        ]
        return handling_counts(contacts(told))

    assert merge_counts([of({True}), of({False})]).equals(of({True, False}))


class TestRates:
    @pytest.mark.parametrize(
        ("currency", "hour"), [("EUR", 3650), ("JPY", 36), ("KWD", 36500)]
    )
    def test_money_is_kept_in_minor_units(self, currency: str, hour: int) -> None:
        costs = Costs(currency=currency, hour=36.5)

        assert rates(empty("handling_counts"), costs).hour == hour

    def test_without_costs_nothing_has_a_price(self) -> None:
        assert rates(empty("handling_counts"), None) == Rates()

    @pytest.mark.parametrize(
        ("minor", "currency", "said"),
        [
            (750, "EUR", "EUR 7.50"),
            (123_456, "EUR", "EUR 1,235"),
            (7, "JPY", "JPY 7"),
            (0, "EUR", "EUR 0.00"),
        ],
    )
    def test_amounts_have_no_more_digits_than_sense(
        self, minor: int, currency: str, said: str
    ) -> None:
        assert amount(minor, currency) == said


class TestPriced:
    def laid(self, rows: list[Row], friction: str) -> tuple[list[Any], list[Any]]:
        journeys = conform(pl.DataFrame({"journey_id": ["j2", "j1"]}), "journeys")
        told = [{"journey_id": "j1", "at": AT, "contact_id": "c0"}]
        points = conform(
            pl.DataFrame(told).with_columns(friction=pl.lit(friction)), "points"
        )
        of_journeys, of_points = priced(
            contacts([{"journey_id": "j1", **row} for row in rows]),
            journeys,
            points,
            rates=Rates({}, {}, 3600, "EUR"),
            returns=["restart"],
        )
        assert of_journeys["journey_id"].to_list() == ["j2", "j1"]
        return of_journeys["cost"].to_list(), of_points["cost"].to_list()

    def test_a_journey_costs_what_its_contacts_do(self) -> None:
        rows = [*calls(2, 100), *calls(1, 60, inbound=False)]

        assert self.laid(rows, "abandon") == ([None, 260], [160])

    def test_a_return_costs_itself(self) -> None:
        assert self.laid(calls(2, 100), "restart")[1] == [200]

    def test_what_cannot_be_timed_has_no_cost(self) -> None:
        rows: list[Row] = [{"channel_group": "written"}] * 2

        assert self.laid(rows, "abandon") == ([None, None], [None])
