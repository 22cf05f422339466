"""Snapshots of a row tell when it was solved, reopened and handed over."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PROFILE = """\
profile: snapshots
system: any
title: One row an update
case: true
read: {format: delimited}
key: number
version_at: {from: at, time: iso8601, tz: UTC}
version_no: no
history: [status, team]
contact:
  source_contact_id: number
  started_at: {from: opened, time: iso8601, tz: UTC}
  status:
    from: status
    map: {open: open, waiting: pending, solved: solved, closed: closed}
  team: team
"""

STATUSES = st.sampled_from(["open", "waiting", "solved", "closed", ""])
UPDATES = st.lists(
    st.tuples(st.integers(0, 5), STATUSES, st.sampled_from(["a", "b", ""])),
    min_size=1,
    max_size=8,
)


def lines(name: str, updates: list[tuple[int, str, str]]) -> list[str]:
    """The rows of one number: minutes apart, several of them in the same minute."""
    at = datetime(2026, 1, 1)
    rows = []
    for no, (gap, status, team) in enumerate(updates, 1):
        at += timedelta(minutes=gap)
        rows.append(
            f"{name},2026-01-01T00:00:00Z,{at.isoformat()}Z,{no},{status},{team}"
        )
    return rows


def walked(updates: list[tuple[int, str, str]]) -> dict[str, int]:
    """How often each thing happened, update by update."""
    seen: dict[str, int] = defaultdict(int)
    status = team = ""
    for _, now, holder in updates:
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
        status, team = now or status, holder or team
    return seen


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(first=UPDATES, second=UPDATES, order=st.randoms())
def test_versions_in_any_order_tell_what_a_walk_through_them_tells(
    map_text: Any,
    first: list[tuple[int, str, str]],
    second: list[tuple[int, str, str]],
    order: Any,
) -> None:
    rows = [*lines("1", first), *lines("2", second)]
    order.shuffle(rows)
    header = "number,opened,at,no,status,team"
    file = map_text("\n".join([header, *rows]) + "\n", PROFILE)
    folded = file.folded

    for number, updates in (("1", first), ("2", second)):
        contact = folded.contacts.filter(source_contact_id=number).row(0, named=True)
        events = folded.events.filter(contact_id=f"src:{number}")["event_type"]
        wanted = walked(updates)
        assert {kind: (events == kind).sum() for kind in set(events)} == wanted
        assert contact["reopens"] == wanted.get("reopened", 0)
        assert contact["transfers"] == wanted.get("transferred", 0)


def test_a_version_that_comes_twice_happened_once(map_text: Any, together: Any) -> None:
    header = "number,opened,at,no,status,team"
    rows = lines("1", [(0, "open", "a"), (1, "solved", "a"), (1, "open", "b")])
    one = map_text("\n".join([header, *rows[:2]]) + "\n", PROFILE)
    two = map_text("\n".join([header, *rows[1:]]) + "\n", PROFILE)
    folded = together(one, two)

    assert sorted(folded.events["event_type"]) == sorted(
        ["assigned", "solved", "reopened", "transferred"]
    )
    assert folded.contacts.select("reopens", "transfers", "status").rows() == [
        (1, 1, "open")
    ]
