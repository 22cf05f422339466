"""Through whose hands a contact went, read from what happened in it."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap.sources.handling import handled
from cxmap.tables import conform

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
COLUMNS = ("stations", "returned_to_team", "transfers")


def happened(*events: tuple[Any, ...]) -> pl.DataFrame:
    """Return events told as (contact, minute, type, actor, further columns)."""
    rows = [
        {
            "source": "desk",
            "source_contact_id": contact,
            "at": NINE + timedelta(minutes=minute),
            "event_type": kind,
            "actor_type": actor,
            "record_key": str(place),
            "content": "",
            **(more[0] if more else {}),
        }
        for place, (contact, minute, kind, actor, *more) in enumerate(events)
    ]
    return conform(pl.DataFrame(rows, infer_schema_length=None), "event_records")


def told(events: pl.DataFrame, *contacts: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the contacts (by default the one called c) as their events tell them."""
    several = contacts or ({},)
    rows = [{"source": "desk", "source_contact_id": "c", **one} for one in several]
    frame = conform(pl.DataFrame(rows, infer_schema_length=None), "contacts")

    return handled(frame, events).to_dicts()


def given_to(minute: int, before: str | None, now: str) -> tuple[Any, ...]:
    return (
        "c",
        minute,
        "transferred" if before else "assigned",
        None,
        {"from_value": before, "to_value": now},
    )


def test_without_events_nothing_is_said() -> None:
    [contact] = told(happened(("other", 1, "ended", "customer")))

    assert [
        contact[name]
        for name in (
            *("stations", "returned_to_team", "escalations", "ended_by"),
            *("dropped_on_hold", "handed_off", "handoff_seconds", "bot_repeats"),
        )
    ] == [None] * 8


def test_a_lone_agent_is_one_station_and_hands_nothing_over() -> None:
    answers = [("c", n, "answered", "human", {"actor_id": "ana"}) for n in (1, 2, 3)]
    notes = [("c", n, "note_added", "human", {"actor_id": "bob"}) for n in (4, 5)]

    [contact] = told(happened(*answers, *notes), {"transfers": 0, "served": True})

    assert [contact[name] for name in COLUMNS] == [1, 0, 0]


def test_hand_overs_are_changes_and_returns_count_again() -> None:
    path = [
        given_to(1, "billing", "tech"),
        given_to(2, "tech", "billing"),
        given_to(3, "billing", "billing"),
        given_to(4, "billing", "legal"),
    ]

    [contact] = told(happened(*path))

    assert [contact[name] for name in COLUMNS[:2]] == [4, 1]


def test_two_changes_at_one_instant_are_one() -> None:
    path = [given_to(1, None, "tech"), given_to(2, "x", "a"), given_to(2, "x", "b")]

    [contact] = told(happened(*path))

    assert [contact[name] for name in COLUMNS[:2]] == [2, 0]


def test_who_is_called_without_answering_is_no_station() -> None:
    rings = [("c", n, "rang", "human", {"actor_id": f"p{n}"}) for n in (1, 2, 3)]

    [contact] = told(happened(*rings, ("c", 4, "abandoned", "customer")))

    assert (contact["stations"], contact["ended_by"]) == (None, "customer")


@pytest.mark.parametrize(
    ("given", "stations", "returned"),
    [
        ({"transfers": 2, "served": True}, 3, None),
        ({"transfers": 1, "agent_id": "ana"}, 2, 0),
        ({"transfers": 0, "served": False}, None, None),
        ({"transfers": None, "served": True}, None, None),
        ({"transfers": 2, "served": True, "stations": 7}, 7, None),
    ],
)
def test_where_no_event_tells_hand_overs_do(
    given: dict[str, Any], stations: int | None, returned: int | None
) -> None:
    [contact] = told(happened(), given)

    assert (contact["stations"], contact["returned_to_team"]) == (stations, returned)


def test_never_escalated_is_said_only_where_others_were() -> None:
    events = happened(("a", 1, "escalated", "human"), ("b", 1, "queued", "queue"))
    numbers = [{"source_contact_id": name} for name in "abc"]
    elsewhere = [{"source_contact_id": "b", "source": "shop"}]

    several = told(events, *numbers, *elsewhere)

    assert [one["escalations"] for one in several] == [1, 0, None, None]


@pytest.mark.parametrize(
    ("actor", "by"),
    [
        ("customer", "customer"),
        ("human", "agent"),
        ("system", "system"),
        ("queue", "system"),
        (None, None),
    ],
)
def test_whose_doing_the_end_was(actor: str | None, by: str | None) -> None:
    [contact] = told(happened(("c", 1, "held", "human"), ("c", 2, "ended", actor)))
    [stated] = told(happened(("c", 2, "ended", actor)), {"ended_by": "line"})

    assert (contact["ended_by"], stated["ended_by"]) == (by, "line")


def test_a_hand_over_lasts_until_a_person_answers() -> None:
    over = ("c", 2, "bot_handoff", "bot")
    bot, person = ("c", 3, "message_sent", "bot"), ("c", 5, "message_sent", "human")
    unseen = ("c", 4, "message_sent", "human", {"public": False})

    [contact] = told(happened(over, bot, unseen, person, ("c", 9, "ended", None)))

    assert (contact["handed_off"], contact["handoff_seconds"]) == (True, 180)


def test_a_hand_over_nobody_takes_lasts_until_the_end() -> None:
    over, left = ("c", 2, "bot_handoff", "bot"), ("c", 6, "abandoned", "customer")
    before = {"answered_at": NINE, "ended_at": NINE + timedelta(minutes=7)}

    [by_event] = told(happened(over, left), before)
    [by_contact] = told(happened(over), before)
    [open_still] = told(happened(over))

    assert by_event["handoff_seconds"] == 240
    assert by_contact["handoff_seconds"] == 300
    assert (open_still["handed_off"], open_still["handoff_seconds"]) == (True, None)


def test_a_bot_kept_it_only_where_others_were_handed_over() -> None:
    kept = ("b", 1, "message_sent", "bot")
    over = ("a", 1, "bot_handoff", "bot")
    numbers = [{"source_contact_id": name} for name in "abc"]

    assert [one["handed_off"] for one in told(happened(kept, over), *numbers)] == [
        *(True, False, None)
    ]
    assert [one["handed_off"] for one in told(happened(kept), *numbers)] == [None] * 3


def test_a_bot_that_says_the_same_is_counted_and_people_are_not() -> None:
    def says(minute: int, what: str | None, actor: str = "bot") -> tuple[Any, ...]:
        return ("c", minute, "message_sent", actor, {"to_value": what})

    spoken = [says(1, "fallback"), says(2, "order"), says(3, "fallback")]
    people = [says(n, "fallback", "human") for n in (4, 5, 6)]
    silent = [says(n, None) for n in (7, 8, 9, 10)]

    [contact] = told(happened(*spoken, *people, *silent))

    assert contact["bot_repeats"] == 2


@pytest.mark.parametrize(
    ("events", "dropped"),
    [
        ([("c", 1, "held", None, {"duration_seconds": 60})], True),
        ([("c", 1, "held", None, {"duration_seconds": 59})], False),
        ([("c", 1, "held", None)], None),
        ([("c", 1, "held", None), ("b", 1, "resumed", None)], True),
        ([("c", 0, "held", None), ("c", 1, "resumed", None)], False),
        ([("b", 1, "held", None), ("b", 2, "resumed", None)], None),
    ],
)
def test_a_hold_that_lasts_to_the_end(
    events: list[tuple[Any, ...]], dropped: bool | None
) -> None:
    [contact] = told(happened(*events), {"ended_at": NINE + timedelta(minutes=2)})

    assert contact["dropped_on_hold"] is dropped


HOLDERS = st.lists(
    st.tuples(
        st.sampled_from("ab"), st.integers(0, 30), st.sampled_from(["x", "y", "z"])
    ),
    max_size=25,
    unique_by=lambda one: one[:2],
)


@given(HOLDERS, st.randoms())
def test_stations_are_those_of_a_plain_walk_in_any_order_of_rows(
    held: list[tuple[str, int, str]], dice: Any
) -> None:
    events = [
        (who, minute, "assigned", None, {"to_value": team})
        for who, minute, team in held
    ]
    paths: dict[str, list[str]] = defaultdict(list)
    for who, _, team in sorted(held):
        if paths[who][-1:] != [team]:
            paths[who].append(team)
    frame = happened(*events)
    order = list(range(frame.height))
    dice.shuffle(order)

    found = told(frame[order], {"source_contact_id": "a"}, {"source_contact_id": "b"})

    for contact in found:
        path = paths[contact["source_contact_id"]]
        stations, returned = contact["stations"], contact["returned_to_team"]
        assert stations == (len(path) or None)
        assert returned == (len(path) - len(set(path)) if path else None)
