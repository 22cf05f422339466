"""What real logs tell of the inside of their cases, by cxmap and by plain Python.

The logs are no part of the project: without the folder `shared` beside the checkout
these tests are skipped.
"""

import csv
from collections import defaultdict
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

LATER = datetime(2027, 1, 1, tzinfo=UTC)


def seconds(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds())


def test_a_real_log_of_problems_tells_of_first_solves_and_silences(
    map_file: Any, shared: Any
) -> None:
    path: Path = shared("real/06_bpic2013_closed.csv")
    file = map_file(path, "event_log", settings={"done": "^Completed$"}, now=LATER)
    contacts = {c["source_contact_id"]: c for c in file.folded.contacts.to_dicts()}
    cases = defaultdict(list)
    with path.open(newline="", encoding="utf-8") as log:
        for row in csv.DictReader(log):
            at = datetime.fromisoformat(row["time:timestamp"])
            cases[row["case:concept:name"]].append((at, row["concept:name"]))
    wanted, told = {}, {}
    for number, events in cases.items():
        if len({at for at, _ in events}) < len(events):
            continue  # what came first of two events at one instant, nobody says
        events.sort()
        start, ends = events[0][0], [at for at, what in events if what == "Completed"]
        silences = [
            seconds(at, then)
            for (at, what), (then, _) in pairwise(events)
            if what != "Completed"
        ]
        wanted[number] = (
            seconds(start, ends[0]) if ends else None,
            max(silences, default=0),
            events[-1][0],
        )
        contact = contacts[number]
        told[number] = (
            contact["first_resolution_seconds"],
            contact["longest_silence_seconds"] or 0,
            contact["last_event_at"],
        )

    assert len(wanted) > 1_000
    assert told == wanted
    assert {c["requester_wait_seconds"] for c in contacts.values()} == {None}


def test_real_tickets_tell_of_their_statuses(
    map_file: Any, shared: Any, together: Any
) -> None:
    files = {
        part: shared(f"vendor/zendesk/{part}_data.csv")
        for part in ("ticket", "ticket_field_history", "ticket_comment", "user")
    }
    mapped = [
        map_file(path, "zendesk_tables", part=part, now=LATER)
        for part, path in files.items()
    ]
    contacts = {
        c["source_contact_id"]: c for c in together(*mapped).contacts.to_dicts()
    }
    history = defaultdict(list)
    with files["ticket_field_history"].open(newline="", encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            if row["field_name"] == "status":
                at = datetime.fromisoformat(row["updated"]).replace(tzinfo=UTC)
                history[row["ticket_id"]].append((at, row["value"]))
    solved = {}
    for number, changes in history.items():
        ends = [at for at, to in sorted(changes) if to in ("solved", "closed")]
        if number in contacts and ends:
            start = contacts[number]["started_at"]
            after = [at for at in ends if at >= start]
            solved[number] = seconds(start, after[0]) if after else None
    told = {number: contacts[number]["first_resolution_seconds"] for number in solved}

    assert told == solved
    for contact in contacts.values():
        both = ("requester_wait_seconds", "agent_wait_seconds")
        waits = [contact[name] for name in both]
        assert all(wait is None or wait >= 0 for wait in waits)
        assert (waits[0] is None) == (waits[1] is None)
