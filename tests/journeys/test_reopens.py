"""How soon after a solve a case was opened again."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap import tables
from cxmap.journeys.reopens import with_reopens

START = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)

Moment = tuple[str, int]


def case(
    moments: list[Moment],
    *,
    reopens: int | None = None,
    solved: int | None = None,
    closed: int | None = None,
) -> int | None:
    """The seconds that one case's events, in days, amount to."""
    contacts = [
        {
            "contact_id": name,
            "reopens": reopens,
            "resolved_at": None if solved is None else START + solved * DAY,
            "closed_at": None if closed is None else START + closed * DAY,
        }
        for name in ("c1", "other")
    ]
    happened = [
        {"contact_id": "c1", "event_type": kind, "at": START + day * DAY}
        for kind, day in moments
    ]
    held = pl.DataFrame(contacts, infer_schema_length=None)
    events = pl.DataFrame(happened) if happened else tables.empty("events")
    told = with_reopens(
        tables.conform(held, "contacts"), tables.conform(events, "events")
    )
    ours, others = told["reopened_after_seconds"].to_list()

    assert others is None
    return None if ours is None else ours // 86_400


@pytest.mark.parametrize(
    ("moments", "days"),
    [
        ([("solved", 1), ("reopened", 4)], 3),
        ([("resolved", 1), ("reopened", 4)], 3),
        ([("solved", 1), ("closed", 3), ("reopened", 4)], 3),
        ([("closed", 3), ("reopened", 4)], 1),
        ([("solved", 1), ("solved", 2), ("reopened", 4)], 2),
        ([("solved", 4), ("reopened", 4)], 0),
        ([("solved", 1), ("reopened", 30), ("solved", 31), ("reopened", 33)], 2),
        ([("solved", 1), ("reopened", 3), ("closed", 9), ("reopened", 10)], 1),
    ],
)
def test_a_reopening_is_as_old_as_the_solve_it_undoes(
    moments: list[Moment], days: int
) -> None:
    assert case(moments) == days
    assert case(moments[::-1]) == days


@pytest.mark.parametrize(
    "moments",
    [
        [],
        [("solved", 1)],
        [("reopened", 4)],
        [("reopened", 4), ("solved", 5)],
        [("solved", 1), ("reopened", 2), ("reopened", 30)],
        [("status_changed", 1), ("reopened", 2)],
    ],
)
def test_a_reopening_without_its_solve_has_no_age(moments: list[Moment]) -> None:
    assert case(moments) is None


def test_the_last_solve_of_the_case_itself_serves_too() -> None:
    assert case([("reopened", 9)], solved=4) == 5
    assert case([("reopened", 9)], closed=8) == 1
    assert case([("reopened", 9)], solved=10) is None
    assert case([("solved", 1), ("reopened", 9)], solved=4, closed=8) == 5


def test_where_more_are_counted_than_dated_none_is_too_late() -> None:
    once = [("solved", 1), ("reopened", 40)]

    assert case(once, reopens=1) == case(once, reopens=0) == 39
    assert case(once, reopens=2) is None


def by_hand(row: dict[str, Any], happened: list[dict[str, Any]]) -> int | None:
    """One case told as a story, day by day."""
    line = [(one["at"], one["event_type"]) for one in happened]
    line += [(row["resolved_at"], "solved"), (row["closed_at"], "closed")]
    told = sorted({(at, kind) for at, kind in line if at is not None})
    backs = [at for at, kind in told if kind == "reopened"]
    gaps = []
    for place, back in enumerate(backs):
        before = backs[place - 1] if place else None
        for kinds in (("solved", "resolved"), ("closed",)):
            since = [
                at
                for at, kind in told
                if kind in kinds and at <= back and (before is None or at >= before)
            ]
            if since:
                gaps.append(int((back - max(since)).total_seconds()))
                break
    undated = len(gaps) < len(backs) or len(gaps) < (row["reopens"] or 0)

    return None if undated or not gaps else min(gaps)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_every_case_is_told_as_by_hand_whatever_the_order(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    kinds = ("solved", "resolved", "closed", "reopened", "reopened", "replied")

    def moment() -> datetime | None:
        known = dice.random() < 0.4
        return START + dice.randrange(12) * DAY if known else None

    rows = [
        {
            "contact_id": f"c{place}",
            "reopens": dice.choice([None, 0, 1, 2]),
            "resolved_at": moment(),
            "closed_at": moment(),
        }
        for place in range(8)
    ]
    happened: list[dict[str, Any]] = [
        {
            "contact_id": f"c{dice.randrange(8)}",
            "event_type": dice.choice(kinds),
            "at": START + dice.randrange(12) * DAY + timedelta(seconds=place),
        }
        for place in range(dice.randrange(1, 30))
    ]
    contacts = tables.conform(pl.DataFrame(rows, infer_schema_length=None), "contacts")
    events = tables.conform(pl.DataFrame(happened), "events")

    told = with_reopens(contacts, events)

    assert told["contact_id"].to_list() == contacts["contact_id"].to_list()
    assert told["reopened_after_seconds"].to_list() == [
        by_hand(row, [e for e in happened if e["contact_id"] == row["contact_id"]])
        for row in rows
    ]
