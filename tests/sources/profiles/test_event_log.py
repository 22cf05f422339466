"""Event logs of process mining: a case is a contact, its hand-overs are counted."""

import csv
from collections import defaultdict
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DONE = {"done": "^Completed$"}
CSV = (
    "case:concept:name,concept:name,time:timestamp,org:group,org:resource,"
    "case:channel\n"
)
AT = "2025-03-0{}T09:00:00+01:00"


def rows_of(path: Path) -> dict[str, list[dict[str, str]]]:
    cases: dict[str, list[dict[str, str]]] = defaultdict(list)
    with path.open(encoding="utf-8-sig", newline="") as opened:
        for row in csv.DictReader(opened):
            cases[row["case:concept:name"]].append(row)
    return cases


def when(row: dict[str, str]) -> datetime:
    at = datetime.fromisoformat(row["time:timestamp"]).astimezone(UTC)
    return at.replace(microsecond=0)


def log(*events: str) -> str:
    return CSV + "".join(f"{event}\n" for event in events)


def test_a_case_is_a_contact_from_its_first_event_to_its_end(map_text: Any) -> None:
    text = log(
        f"k1,Completed,{AT.format(3)},B,bob,Desk",
        f"k1,Accepted,{AT.format(1)},A,ana,Desk",
        f"k1,Accepted,{AT.format(2)},B,bob,Desk",
        f"k2,Accepted,{AT.format(2)},A,ana,pigeon",
    )
    file = map_text(text, "event_log", settings=DONE)

    assert file.contacts(
        "source_contact_id", "channel", "status", "team", "transfers", "resolved"
    ) == [
        ("k1", "in_person", "closed", "B", 1, True),
        ("k2", "unknown", "open", "A", 0, None),
    ]
    assert file.folded.contacts["resolution_seconds"].to_list() == [2 * 86_400, None]


def test_without_a_word_for_the_end_no_case_is_known_to_be_solved(
    map_text: Any,
) -> None:
    file = map_text(log(f"k1,Completed,{AT.format(3)},B,bob,Desk"), "event_log")

    assert file.contacts("status", "resolved") == [(None, None)]
    kinds = set(file.folded.events["event_type"])
    assert kinds == {"other", "assigned"}


def test_a_case_that_goes_on_after_its_end_is_reopened(map_text: Any) -> None:
    text = log(
        f"k1,Accepted,{AT.format(1)},A,ana,",
        f"k1,Completed,{AT.format(2)},A,ana,",
        f"k1,Accepted,{AT.format(3)},A,ana,",
    )
    file = map_text(text, "event_log", settings=DONE)

    assert file.contacts("reopens", "status", "transfers") == [(1, "open", 0)]


def test_a_name_is_kept_as_its_digest_alone(map_text: Any) -> None:
    file = map_text(log(f"k1,Accepted,{AT.format(1)},,Minnie Mouse,"), "event_log")
    said = [
        str(cell)
        for name, table in file.extracted.tables.items()
        for row in table.drop("row", strict=False).rows()
        for cell in row
    ]

    assert not [cell for cell in said if "Minnie" in cell]


def test_an_event_without_a_time_is_rejected(map_text: Any) -> None:
    file = map_text(log("k1,Accepted,soon,A,ana,"), "event_log")

    assert file.rejects() == [(2, "time:timestamp", "bad_time", True)]


def test_the_columns_of_other_tools(map_text: Any) -> None:
    text = (
        "Case ID,Activity,Complete Timestamp,Resource,Group\n"
        "1,Open,2025/03/01 09:00:00.000,ana,A\n"
        "1,Completed,2025/03/01 10:30:00.500,bob,B\n"
    )
    file = map_text(text, "event_log", part="table", settings=DONE)

    assert file.contacts("status", "transfers", "resolution_seconds", "team") == [
        ("closed", 1, 5_400, "B")
    ]


@pytest.mark.parametrize("suffix", ["csv", "xes.gz"])
def test_a_real_log_of_problems(map_file: Any, shared: Any, suffix: str) -> None:
    cases = rows_of(shared("real/06_bpic2013_closed.csv"))
    path = shared(f"real/06_bpic2013_closed.{suffix}")
    file = map_file(path, "event_log", settings=DONE, now=NOW)
    contacts = {c["source_contact_id"]: c for c in file.folded.contacts.to_dicts()}

    assert set(contacts) == set(cases)
    assert file.rejects() == []
    wanted, told = {}, {}
    for number, rows in cases.items():
        moments = [when(row) for row in rows]
        assert contacts[number]["started_at"] == min(moments)
        if len(set(moments)) < len(moments):
            continue  # what came first of two events at one instant, nobody says
        rows.sort(key=when)
        groups = [row["org:group"] or row["org:resource"] for row in rows]
        moves = sum(a != b for a, b in pairwise(groups))
        over = [row["concept:name"] == "Completed" for row in rows]
        back = sum(a and not b for a, b in pairwise(over))
        status = "closed" if over[-1] else "open"
        wanted[number] = (moves, back, status)
        told[number] = (
            contacts[number]["transfers"] or 0,
            contacts[number]["reopens"] or 0,
            contacts[number]["status"],
        )
    assert len(wanted) > 1_000
    assert told == wanted


def test_a_real_log_with_channels_and_two_offsets(map_file: Any, shared: Any) -> None:
    path = shared("real/receipt.csv")
    cases = rows_of(path)
    words = {
        "Internet": "web_form",
        "Desk": "in_person",
        "Post": "letter",
        "e-mail": "email",
        "Intern": "internal",
    }
    contacts = map_file(path, "event_log", now=NOW).folded.contacts

    assert dict(contacts.select("source_contact_id", "channel").iter_rows()) == {
        number: words[rows[0]["case:channel"]] for number, rows in cases.items()
    }
    assert dict(contacts.select("source_contact_id", "started_at").iter_rows()) == {
        number: min(when(row) for row in rows) for number, rows in cases.items()
    }
    assert contacts.select(pl.col("status").count()).item() == 0
