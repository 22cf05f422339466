"""The friction ledger: points, contacts, time and money, where the journeys began."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap import tables
from cxmap.definitions import collect
from cxmap.handling import Rates
from cxmap.ledger import (
    LedgerParts,
    friction_lines,
    friction_partials,
    merge_frictions,
)
from cxmap.scorecard import FrictionLine

MARCH = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
FEBRUARY = (datetime(2026, 2, 1, tzinfo=UTC), MARCH[0])
PERIODS = {"current": MARCH, "previous": FEBRUARY}
DAYS_31 = 31 * 86_400
NAMES = ("abandon", "repeat_contact", "restart", "transfer")

FRICTIONS = {
    name: (one, one.bind({}))
    for name, one in collect("frictions").items()
    if name in NAMES
}

Row = dict[str, Any]
World = dict[str, list[Row]]
BARE = Rates()

USUAL = {
    "inbound": True,
    "channel": "voice",
    "channel_group": "voice",
    "customer_id": "ana",
    "served": True,
    "started_at": MARCH[0],
}


def table(name: str, rows: Sequence[Row]) -> pl.DataFrame:
    if not rows:
        return tables.empty(name)
    return tables.conform(pl.DataFrame(list(rows), infer_schema_length=None), name)


def framed(world: World) -> dict[str, pl.DataFrame]:
    names = ("journeys", "contacts", "points", "surveys", "customers")
    frames = {name: table(name, world.get(name, [])) for name in names}
    return {**frames, "steps": table("steps", world.get("contacts", []))}


def counted(
    world: World, *, rates: Rates = BARE, by: tuple[str, ...] = ()
) -> LedgerParts:
    return friction_partials(
        framed(world),
        FRICTIONS,
        periods=PERIODS,
        rates=rates,
        cuts=(by,) if by else (),
    )


def lines(
    world: World, *, rates: Rates = BARE, by: tuple[str, ...] = (), **severities: str
) -> list[FrictionLine]:
    return friction_lines(
        counted(world, rates=rates, by=by),
        FRICTIONS,
        severities=severities,
        rates=rates,
        seconds=DAYS_31,
        min_cell=3,
    )


def line(world: World, friction: str, *, rates: Rates = BARE) -> FrictionLine:
    return next(one for one in lines(world, rates=rates) if one.friction == friction)


def journey(name: str, at: datetime = MARCH[0], **more: Any) -> Row:
    return {"journey_id": name, "customer_id": "ana", "started_at": at, **more}


def contact(name: str, of: str, minute: int = 0, **more: Any) -> Row:
    at = MARCH[0] + timedelta(minutes=minute)
    return {
        **USUAL,
        "contact_id": name,
        "journey_id": of,
        "started_at": at,
        "contacts_after": 0,
        **more,
    }


def point(friction: str, of: str, on: str, minute: int = 0) -> Row:
    at = MARCH[0] + timedelta(minutes=minute)
    return {"friction": friction, "journey_id": of, "contact_id": on, "at": at}


def one_journey(friction: str = "abandon", on: str = "c1") -> World:
    """Three calls and a call back, of which the first two are timed."""
    minutes = {"c1": 0, "c2": 10, "c3": 20, "out": 30}
    return {
        "journeys": [journey("j1", first_channel_group="voice", first_channel="voice")],
        "contacts": [
            contact("c1", "j1", 0, talk_seconds=100, contacts_after=2),
            contact(
                "c2", "j1", 10, talk_seconds=200, hold_seconds=30, contacts_after=1
            ),
            contact("c3", "j1", 20, wrap_up_seconds=5),
            contact("out", "j1", 30, inbound=False, talk_seconds=60),
        ],
        "points": [point(friction, "j1", on, minutes[on])],
    }


def test_a_point_counts_where_its_journey_began() -> None:
    world: World = {
        "journeys": [journey("j1"), journey("j2"), journey("j3", FEBRUARY[0])],
        "contacts": [
            contact("c1", "j1", contacts_after=3),
            contact("c2", "j1", contacts_after=2),
            contact("c3", "j3", contacts_after=9),
        ],
        "points": [
            point("abandon", "j1", "c1"),
            point("abandon", "j1", "c2"),
            point("abandon", "j3", "c3"),
            point("restart", "j3", "c3"),
        ],
    }

    first, *others = lines(world, abandon="low")

    assert (first.friction, first.points, first.journeys) == ("abandon", 2, 1)
    assert (first.share, first.contacts_after, first.severity) == (0.5, 3, "low")
    assert [(one.friction, one.points, one.share) for one in others] == [
        ("repeat_contact", 0, 0),
        ("restart", 0, 0),
        ("transfer", 0, 0),
    ]


def test_a_ledger_of_no_journeys_has_no_shares() -> None:
    assert {(one.share, one.handling_seconds) for one in lines({})} == {(None, None)}


def test_what_followed_is_every_later_contact_and_our_own_call() -> None:
    found = line(one_journey(), "abandon")

    assert (found.contacts_followed, found.contacts_untimed) == (3, 1)
    assert found.handling_seconds == 200 + 30 + 60
    assert found.handling_share == (290 / 390)


def test_a_return_is_itself_what_followed() -> None:
    found = line(one_journey("repeat_contact", "c2"), "repeat_contact")

    assert (found.contacts_followed, found.handling_seconds) == (3, 290)
    assert found.contacts_after == 1


def test_a_hand_over_is_not_what_followed_it() -> None:
    found = line(one_journey("transfer", "c2"), "transfer")

    assert (found.contacts_followed, found.handling_seconds) == (2, 60)


def test_only_the_first_point_of_a_journey_counts_what_followed() -> None:
    world = one_journey()
    world["points"].append(point("abandon", "j1", "c2", 10))

    assert line(world, "abandon").handling_seconds == 290


def test_two_contacts_of_one_moment_follow_each_other_by_their_ids() -> None:
    world: World = {
        "journeys": [journey("j1")],
        "contacts": [
            contact("b", "j1", talk_seconds=7),
            contact("a", "j1", talk_seconds=5),
        ],
        "points": [point("abandon", "j1", "a")],
    }

    assert line(world, "abandon").handling_seconds == 7


def test_what_is_usual_stands_in_and_is_told_apart() -> None:
    found = line(one_journey(), "abandon", rates=Rates({"voice": 90}))

    assert (found.handling_seconds, found.handling_seconds_guessed) == (380, 90)
    assert found.contacts_untimed == 0


@pytest.mark.parametrize(
    "idle",
    [
        {"served": False},
        {"channel_group": "digital_self", "talk_seconds": 50},
        {"disposition": "merged", "talk_seconds": 50},
        {"disposition": "spam"},
    ],
)
def test_what_nobody_handled_took_no_time_and_no_money(idle: Row) -> None:
    world = one_journey()
    world["contacts"][2] |= idle
    rates = Rates({"voice": 90}, {"voice": 700}, 3600, "EUR")

    found = line(world, "abandon", rates=rates)

    assert (found.handling_seconds, found.contacts_untimed) == (290, 0)
    assert found.cost == 1400


def test_an_unserved_call_keeps_the_time_that_it_took() -> None:
    world = one_journey()
    world["contacts"][1] |= {"served": False}

    assert line(world, "abandon").handling_seconds == 290


def test_where_no_time_is_recorded_there_are_no_hours() -> None:
    world = one_journey()
    for one in world["contacts"]:
        one |= {"talk_seconds": None, "served": None}

    found = line(world, "abandon")

    assert (found.handling_seconds, found.handling_share) == (None, None)
    assert found.contacts_untimed == 3


def test_where_nothing_followed_it_took_no_time() -> None:
    found = line(one_journey("abandon", "out"), "abandon")

    assert (found.contacts_followed, found.handling_seconds) == (0, 0)


class TestMoney:
    def test_without_prices_there_is_none(self) -> None:
        found = line(one_journey(), "abandon", rates=Rates({"voice": 90}))

        money = (found.cost, found.currency, found.cost_year, found.contacts_unpriced)
        assert money == (None, None, None, None)

    def test_an_hour_pays_each_contact_to_the_nearest_unit(self) -> None:
        rates = Rates({"voice": 90}, {}, 3600, "EUR")

        found = line(one_journey(), "abandon", rates=rates)

        assert found.cost == 230 + 90 + 60
        assert found.cost_share == 380 / 480
        assert found.cost_year == round(380 * 365.25 / 31)

    def test_half_a_unit_is_rounded_up_contact_by_contact(self) -> None:
        world = one_journey()
        world["contacts"] = [
            contact(name, "j1", minute, talk_seconds=1)
            for minute, name in enumerate(("c1", "c2", "c3", "out"))
        ]

        found = line(world, "abandon", rates=Rates(hour=1800, currency="EUR"))

        assert found.cost == 3

    def test_a_price_of_the_contact_wins_over_the_hour(self) -> None:
        rates = Rates({}, {"voice": 750}, 3600, "EUR")

        assert line(one_journey(), "abandon", rates=rates).cost == 3 * 750

    def test_what_has_no_price_is_counted(self) -> None:
        world = one_journey()
        world["contacts"][2] |= {"channel_group": "written"}

        found = line(world, "abandon", rates=Rates({}, {}, 3600, "EUR"))

        assert (found.cost, found.contacts_unpriced) == (290, 1)

    def test_where_nothing_has_a_price_there_is_no_cost(self) -> None:
        found = line(
            one_journey(), "abandon", rates=Rates({}, {"chat": 5}, None, "EUR")
        )

        assert (found.cost, found.contacts_unpriced) == (None, 3)


class TestSegments:
    def test_the_whole_comes_first_and_segments_are_of_the_first_contact(self) -> None:
        world = one_journey()
        world["journeys"].append(
            journey("j2", first_channel_group="chat", first_channel="chat")
        )

        found = lines(world, by=("channel_group",))

        assert [dict(one.by) for one in found[:4]] == [{}] * 4
        cells = {
            one.by["channel_group"]: (one.journeys, one.share)
            for one in found
            if one.by and one.friction == "abandon"
        }
        assert cells == {"voice": (1, 1), "chat": (0, 0)}

    def test_few_customers_are_marked(self) -> None:
        world = one_journey()
        world["journeys"] += [journey(f"j{one}") for one in range(2, 6)]
        world["points"] += [point("abandon", f"j{one}", "c1") for one in range(2, 6)]

        found = line(world, "abandon")

        assert (found.journeys, found.customers, found.suppressed) == (5, 1, True)

    def test_journeys_of_nobody_known_are_a_customer_each(self) -> None:
        world: World = {
            "journeys": [journey(f"j{one}", customer_id=None) for one in range(3)],
            "points": [point("abandon", f"j{one}", "c") for one in range(3)],
        }

        found = line(world, "abandon")

        assert (found.customers, found.suppressed) == (3, False)


GROUPS = ("voice", "written", "digital_self")
PRICES = Rates({"voice": 301}, {"written": 450}, 3599, "EUR")

contacts_drawn = st.tuples(
    st.sampled_from(GROUPS),
    st.one_of(st.none(), st.integers(0, 900)),
    st.sampled_from([True, False, None]),
    st.integers(0, 3),
)
journeys_drawn = st.tuples(
    st.sampled_from(["ana", "bob", "cyd", None]),
    st.lists(contacts_drawn, min_size=1, max_size=4),
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.integers(0, 3)), max_size=3, unique=True
    ),
    st.sampled_from([None, 1.0, 4.0, 5.0]),
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    world: World = {
        "journeys": [],
        "contacts": [],
        "points": [],
        "surveys": [],
        "customers": [
            {"customer_id": name, "segment": segment}
            for name, segment in (("ana", "x"), ("bob", "x"), ("cyd", None))
        ],
    }
    for number, drawn in enumerate(draw(st.lists(journeys_drawn, max_size=7))):
        customer, contacts, points, score = drawn
        name = f"j{number}"
        minutes = [minute for *_, minute in contacts]
        for place, (group, talk, served, minute) in enumerate(contacts):
            world["contacts"].append(
                contact(
                    f"{name}c{place}",
                    name,
                    minute,
                    customer_id=customer,
                    channel_group=group,
                    talk_seconds=talk,
                    served=served,
                    contacts_after=len(contacts) - place - 1,
                )
            )
        flagged = {(friction, place % len(contacts)) for friction, place in points}
        for friction, on in sorted(flagged):
            world["points"].append(point(friction, name, f"{name}c{on}", minutes[on]))
        world["journeys"].append(
            journey(
                name,
                customer_id=customer,
                contacts=len(contacts),
                first_channel=contacts[0][0],
                first_channel_group=contacts[0][0],
                topic="a/b" if number % 2 else None,
            )
        )
        if score is not None:
            world["surveys"].append(
                {
                    "survey_id": f"s{number}",
                    "journey_id": name,
                    "last_answer": True,
                    "survey_type": "csat",
                    "score": score,
                    "scale_min": 1.0,
                    "scale_max": 5.0,
                }
            )

    return world


def plain(world: World, friction: str) -> FrictionLine:
    """The same line row by row, in plain Python; all journeys begin in March."""
    journeys = {one["journey_id"]: one for one in world["journeys"]}
    of_journey: dict[str, list[Row]] = {name: [] for name in journeys}
    for one in world["contacts"]:
        of_journey[one["journey_id"]].append(one)
    points = {
        (one["at"], one["contact_id"], one["journey_id"])
        for one in world["points"]
        if one["friction"] == friction
    }
    first = {name: min(p for p in points if p[2] == name) for _, _, name in points}
    after = []
    for name, (at, on, _) in first.items():
        for one in of_journey[name]:
            spot = (one["started_at"], one["contact_id"])
            comes_back = friction in ("repeat_contact", "restart")
            if spot > (at, on) or (comes_back and spot == (at, on)):
                after.append(one)
    took = [seconds(one) for one in after]
    care = sum(seconds(one) or 0 for one in world["contacts"])
    known = care > 0 and (sum(t or 0 for t in took) > 0 or None not in took)
    cost = sum(price(one) or 0 for one in after)
    unpriced = sum(price(one) is None for one in after)
    worth = cost > 0 or not unpriced
    total = sum(price(one) or 0 for one in world["contacts"])
    left = {one["contact_id"]: one["contacts_after"] for one in world["contacts"]}
    guessed = sum(
        seconds(one) or 0
        for one in after
        if one["channel_group"] == "voice"
        and one["talk_seconds"] is None
        and one["served"] is not False
    )
    people = {journeys[name]["customer_id"] or name for name in first}

    return FrictionLine(
        friction=friction,
        points=len(points),
        journeys=len(first),
        share=len(first) / len(journeys) if journeys else None,
        contacts_after=sum(
            max(left[on] for _, on, of in points if of == name) for name in first
        ),
        severity="medium",
        contacts_followed=len(after),
        contacts_untimed=took.count(None),
        handling_seconds=sum(t or 0 for t in took) if known else None,
        handling_seconds_guessed=guessed if known else None,
        handling_share=sum(t or 0 for t in took) / care if known else None,
        cost=cost if worth else None,
        currency="EUR",
        cost_share=cost / total if worth and total else None,
        cost_year=round(cost * 31_557_600 / DAYS_31) if worth else None,
        contacts_unpriced=unpriced,
        customers=len(people),
        suppressed=0 < len(people) < 3,
    )


def seconds(one: Row) -> int | None:
    if one["channel_group"] == "digital_self":
        return 0
    if one["talk_seconds"] is not None:
        return int(one["talk_seconds"])
    if one["served"] is False:
        return 0
    return 301 if one["channel_group"] == "voice" else None


def price(one: Row) -> int | None:
    if one["channel_group"] == "written":
        return 0 if one["served"] is False else 450
    took = seconds(one)
    return None if took is None else (took * 3599 + 1800) // 3600


@settings(max_examples=30)
@given(worlds())
def test_every_line_is_what_plain_python_counts(world: World) -> None:
    told = {one.friction: one for one in lines(world, rates=PRICES)}

    for name in NAMES:
        answered = replace(
            told[name],
            severity="medium",
            **{key: 0 for key in vars(told[name]) if key.startswith("csat_")}
            | {"csat_effect": None, "csat_low": None, "csat_high": None},
        )
        assert answered == plain(world, name)


@settings(max_examples=15)
@given(worlds(), st.permutations(["ana", "bob", "cyd"]))
def test_ledgers_of_buckets_of_customers_add_up(world: World, order: list[str]) -> None:
    some = {order[0]}

    def part(inside: bool) -> World:
        owners = {one["journey_id"]: one["customer_id"] for one in world["journeys"]}
        return {
            name: [
                row
                for row in rows
                if (
                    (row.get("customer_id") or owners.get(row.get("journey_id")))
                    in some
                )
                == inside
            ]
            for name, rows in world.items()
        }

    by = ("channel_group", "topic")
    added = merge_frictions(
        counted(part(inside), rates=PRICES, by=by) for inside in (True, False)
    )
    whole = counted(world, rates=PRICES, by=by)

    # A cell of no journey in the one part and of some in the other is told once.
    assert added.sums.equals(whole.sums)
    assert added.answers.equals(whole.answers)


@settings(max_examples=8)
@given(worlds(), st.randoms())
def test_the_order_of_rows_changes_nothing(world: World, dice: Any) -> None:
    mixed = {name: dice.sample(rows, len(rows)) for name, rows in world.items()}

    told, again = counted(world, rates=PRICES), counted(mixed, rates=PRICES)

    assert told.sums.equals(again.sums)
    assert told.answers.equals(again.answers)
