"""Snapshots of a row tell when it was solved, reopened and handed over."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxmap.sources.history import completed
from cxmap.tables import conform, empty

PROFILE = """\
profile: snapshots
system: any
title: One row an update
case: true
read: {format: delimited}
key: number
version_at: {from: at, time: iso8601, tz: UTC}
version_no: no
history: [status, team, priority]
contact:
  source_contact_id: number
  started_at: {from: opened, time: iso8601, tz: UTC}
  status:
    from: status
    map: {open: open, waiting: pending, solved: solved, closed: closed}
  team: team
  priority: priority
"""

HEADER = "number,opened,at,no,status,team,priority"

STATUSES = st.sampled_from(["open", "waiting", "solved", "closed", ""])
PRIORITIES = ("Low", "2 - Normal", "medium", "high", "P1", "Sev A", "3", "")
LEVEL = {"Low": 1, "2 - Normal": 2, "medium": 2, "high": 3, "P1": 4}
UPDATES = st.lists(
    st.tuples(
        st.integers(0, 5),
        STATUSES,
        st.sampled_from(["a", "b", ""]),
        st.sampled_from(PRIORITIES),
    ),
    min_size=1,
    max_size=8,
)


def lines(name: str, updates: list[tuple[int, str, str, str]]) -> list[str]:
    """The rows of one number: minutes apart, several of them in the same minute."""
    at = datetime(2026, 1, 1)
    rows = []
    for no, (gap, status, team, priority) in enumerate(updates, 1):
        at += timedelta(minutes=gap)
        rows.append(
            f"{name},2026-01-01T00:00:00Z,{at.isoformat()}Z,{no},{status},{team},"
            f"{priority}"
        )
    return rows


def walked(updates: list[tuple[int, str, str, str]]) -> dict[str, int]:
    """How often each thing happened, update by update."""
    seen: dict[str, int] = defaultdict(int)
    status = team = urgent = ""
    for _, now, holder, priority in updates:
        if now and now != status:
            over, was = now in ("solved", "closed"), status in ("solved", "closed")
            if over and not was:
                seen[now] += 1
            elif was and not over:
                seen["reopened"] += 1
            elif status:
                seen["status_changed"] += 1
        if holder and holder != team:
            seen["transferred" if team else "assigned"] += 1
        if priority and urgent and priority != urgent:
            seen["escalated" if above(priority, urgent) else "priority_changed"] += 1
        status, team = now or status, holder or team
        urgent = priority or urgent
    return seen


def above(now: str, before: str) -> bool:
    known = now in LEVEL and before in LEVEL
    return known and LEVEL[now] > LEVEL[before]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(first=UPDATES, second=UPDATES, order=st.randoms())
def test_versions_in_any_order_tell_what_a_walk_through_them_tells(
    map_text: Any,
    first: list[tuple[int, str, str, str]],
    second: list[tuple[int, str, str, str]],
    order: Any,
) -> None:
    rows = [*lines("1", first), *lines("2", second)]
    order.shuffle(rows)
    file = map_text("\n".join([HEADER, *rows]) + "\n", PROFILE)
    folded = file.folded

    for number, updates in (("1", first), ("2", second)):
        contact = folded.contacts.filter(source_contact_id=number).row(0, named=True)
        events = folded.events.filter(contact_id=f"src:{number}")["event_type"]
        wanted = walked(updates)
        assert {kind: (events == kind).sum() for kind in set(events)} == wanted
        assert contact["reopens"] == wanted.get("reopened", 0)
        assert contact["transfers"] == wanted.get("transferred", 0)


def test_a_version_that_comes_twice_happened_once(map_text: Any, together: Any) -> None:
    rows = lines(
        "1",
        [(0, "open", "a", "low"), (1, "solved", "a", "high"), (1, "open", "b", "high")],
    )
    one = map_text("\n".join([HEADER, *rows[:2]]) + "\n", PROFILE)
    two = map_text("\n".join([HEADER, *rows[1:]]) + "\n", PROFILE)
    folded = together(one, two)

    assert sorted(folded.events["event_type"]) == sorted(
        ["assigned", "escalated", "solved", "reopened", "transferred"]
    )
    counts = ("reopens", "transfers", "escalations", "status")
    assert folded.contacts.select(counts).rows() == [(1, 1, 1, "open")]


def priorities(map_text: Any, *told: list[str]) -> list[int | None]:
    """How often each case was raised that had these priorities, an hour each."""
    rows = [
        f"{number},2026-01-01T00:00:00Z,2026-01-01T{hour:02}:00:00Z,{hour},open,,{word}"
        for number, words in enumerate(told)
        for hour, word in enumerate(words)
    ]
    folded = map_text("\n".join([HEADER, *rows]) + "\n", PROFILE).folded

    return folded.contacts.sort("source_contact_id")["escalations"].to_list()


def test_nobody_was_never_raised_where_no_priority_ever_was(map_text: Any) -> None:
    assert priorities(map_text, ["high", "low"], ["low"], [""]) == [None, None, None]


def test_who_has_a_priority_was_never_raised_where_others_were(map_text: Any) -> None:
    told = priorities(map_text, ["low", "", "urgent"], ["low"], [""], ["urgent", "low"])

    assert told == [1, 0, None, 0]


CHANGES = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.none() | st.sampled_from([*LEVEL, "Sev A"]),
        st.sampled_from([*LEVEL, "Sev A", None]),
    ),
    max_size=8,
)


@settings(max_examples=150)
@given(several=st.lists(CHANGES, min_size=1, max_size=3), order=st.randoms())
def test_changes_told_by_their_new_priority_alone_are_raises_one_after_the_other(
    several: list[list[tuple[int, str | None, str | None]]], order: Any
) -> None:
    rows, wanted = [], {}
    for case, changes in enumerate(several):
        minute, now, was = 0, None, None
        for place, (gap, before, after) in enumerate(changes):
            minute += gap
            key = f"{place:03}"
            rows.append((f"{case}", minute, key, before, after))
            if after is None:
                wanted[f"{case}", key] = ("priority_changed", before)
                continue
            first = was is None or was == minute
            origin = before or now
            high = bool(origin) and above(after, origin or "")
            raise_told = high and (before is not None or not first)
            wanted[f"{case}", key] = (
                "escalated" if raise_told else "priority_changed",
                origin,
            )
            now, was = after, minute
    order.shuffle(rows)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    events = conform(
        pl.DataFrame(
            [
                {
                    "source": "desk",
                    "source_contact_id": case,
                    "at": start + timedelta(minutes=minute),
                    "event_type": "priority_changed",
                    "record_key": key,
                    "content": "",
                    "from_value": before,
                    "to_value": after,
                }
                for case, minute, key, before, after in rows
            ],
            schema_overrides={"from_value": pl.String, "to_value": pl.String},
            infer_schema_length=None,
        )
        if rows
        else empty("event_records"),
        "event_records",
    )

    told = completed(events)

    assert {
        (row["source_contact_id"], row["record_key"]): (
            row["event_type"],
            row["from_value"],
        )
        for row in told.to_dicts()
    } == wanted
