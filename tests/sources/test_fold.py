"""Folding: contacts do not depend on how, when and how often their rows came."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxmap.sources.conclude import conclude
from cxmap.sources.fold import fold
from cxmap.sources.latest import latest
from cxmap.sources.profile import Profile
from cxmap.tables import CONTACT_RECORDS, FACTS, RECORD_TABLES, empty, schema

START = datetime(2025, 3, 1, tzinfo=UTC)
HOW = {
    "talk_seconds": "sum",
    "started_at": "min",
    "ended_at": "max",
    "queue": "first",
    "served": "any",
    "resolved": "all",
}
PROFILE = Profile.model_validate(
    {
        "profile": "p",
        "system": "s",
        "title": "t",
        "contact": {"source_contact_id": "id"},
        "fold": HOW,
    }
)
OPTIONAL = {
    "started_at": st.integers(0, 5).map(lambda h: START + timedelta(hours=h)),
    "ended_at": st.integers(5, 9).map(lambda h: START + timedelta(hours=h)),
    "talk_seconds": st.integers(0, 9),
    "queue": st.sampled_from("ab"),
    "team": st.sampled_from("xyz"),
    "served": st.booleans(),
    "resolved": st.booleans(),
}
ROW = st.fixed_dictionaries(
    {
        "source_contact_id": st.sampled_from("12"),
        "part": st.sampled_from(["p", "q"]),
        "record_key": st.sampled_from("klm"),
        "version_at": st.none()
        | st.integers(0, 3).map(lambda d: START.replace(day=d + 2)),
        "order_at": st.none() | st.integers(0, 3).map(lambda h: START.replace(hour=h)),
        **{name: st.none() | values for name, values in OPTIONAL.items()},
    }
)
LOADS = st.lists(st.tuples(ROW, st.sampled_from(["l1", "l2"])), max_size=12)


def records(rows: list[tuple[dict[str, Any], str]]) -> pl.DataFrame:
    """Rows as records; the content is all that a row says, as extraction has it."""
    return pl.DataFrame(
        [
            {
                **row,
                "source": "s",
                "load_id": load,
                "row": number,
                "content": repr(row),
            }
            for number, (row, load) in enumerate(rows)
        ],
        schema={name: dtype for name, (dtype, _) in CONTACT_RECORDS.items()},
    )


def folded_by_hand(rows: list[tuple[dict[str, Any], str]]) -> dict[str, dict[str, Any]]:
    """Latest and fold in plain Python, row by row."""
    winners: dict[tuple[str, str], dict[str, Any]] = {}
    never = datetime.min.replace(tzinfo=UTC)

    def version(row: dict[str, Any]) -> tuple[datetime, str]:
        return row["version_at"] or never, repr(row)

    for row, _ in rows:
        key = (row["part"], row["record_key"])
        if key not in winners or version(row) > version(winners[key]):
            winners[key] = row
    contacts: dict[str, list[dict[str, Any]]] = {}
    for row in winners.values():
        contacts.setdefault(row["source_contact_id"], []).append(row)

    def order(row: dict[str, Any]) -> tuple[datetime, str, str]:
        return row["order_at"] or never, row["record_key"], repr(row)

    folds = {"sum": sum, "min": min, "max": max, "any": any, "all": all}
    found = {}
    for number, group in contacts.items():
        group.sort(key=order)
        contact = {}
        for name in OPTIONAL:
            told = [row[name] for row in group if row[name] is not None]
            how = HOW.get(name, "last")
            if not told:
                contact[name] = None
            elif how in folds:
                contact[name] = folds[how](told)
            else:
                contact[name] = told[0] if how == "first" else told[-1]
        if contact["started_at"] is not None:
            found[number] = contact

    return found


@given(LOADS)
@settings(max_examples=60)
def test_contacts_are_those_folded_by_hand(
    rows: list[tuple[dict[str, Any], str]],
) -> None:
    folded = fold({"contact_records": records(rows)}, {"s": PROFILE}).contacts
    expected = folded_by_hand(rows)

    assert folded["source_contact_id"].to_list() == sorted(expected)
    for contact in folded.rows(named=True):
        wanted = expected[contact["source_contact_id"]]
        # What is concluded from silence is another test's.
        assert {n: contact[n] for n in wanted if wanted[n] is not None} == {
            n: value for n, value in wanted.items() if value is not None
        }


@given(LOADS, st.randoms(use_true_random=False), st.integers(0, 12))
@settings(max_examples=60)
def test_split_overlap_and_order_change_nothing(
    rows: list[tuple[dict[str, Any], str]], random: Any, cut: int
) -> None:
    whole = fold({"contact_records": records(rows)}, {"s": PROFILE})
    again = [*rows[cut:], *rows[: cut + 2], *((row, "l9") for row, _ in rows[cut:])]
    random.shuffle(again)
    other = fold({"contact_records": records(again)}, {"s": PROFILE})

    assert other.contacts.equals(whole.contacts)
    assert other.unstarted == whole.unstarted


def test_what_a_row_no_longer_says_is_gone_from_every_table() -> None:
    row = {"source": "s", "part": "p", "record_key": "k", "load_id": "l", "row": 1}
    old = {**row, "content": "a", "version_at": START}
    new = {**row, "content": "b", "version_at": START + timedelta(days=1)}
    tables = {
        "contact_records": _table("contact_records", [old, new]),
        "event_records": _table("event_records", [old]),
        "identifier_records": _table(
            "identifier_records", [{**old, "kind": "email"}, {**new, "kind": "phone"}]
        ),
        "reference_records": _table("reference_records", [old]),
    }
    kept = latest(tables)

    assert kept["contact_records"]["content"].to_list() == ["b"]
    assert kept["event_records"].is_empty()
    assert kept["identifier_records"]["kind"].to_list() == ["phone"]
    assert kept["reference_records"].is_empty()
    assert set(kept) | {"rejects", "vocabulary_records"} == set(RECORD_TABLES)


def test_two_events_of_one_row_both_stay_and_two_loads_of_it_count_once() -> None:
    row = {"source": "s", "part": "p", "record_key": "k", "content": "c", "row": 1}
    events = [
        {**row, "load_id": load, "event_type": kind, "at": START}
        for load in ("l1", "l2")
        for kind in ("queued", "answered")
    ]
    kept = latest({"event_records": _table("event_records", events)})["event_records"]

    assert sorted(kept["event_type"]) == ["answered", "queued"]


def _table(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    known = schema(name)
    return pl.DataFrame(
        [{k: v for k, v in row.items() if k in known} for row in rows], schema=known
    )


def concluded(**said: Any) -> dict[str, Any]:
    row = {"source": "s", "source_contact_id": "1", "started_at": START, **said}
    table = pl.DataFrame(
        [row],
        schema={
            "source": pl.String(),
            "source_contact_id": pl.String(),
            **{name: dtype for name, (dtype, _) in FACTS.items()},
        },
    )
    return conclude(table).row(0, named=True)


@pytest.mark.parametrize(
    ("said", "served"),
    [
        ({}, None),
        ({"disposition": "handled"}, True),
        ({"disposition": "abandoned", "answered_at": START}, False),
        ({"disposition": "unknown", "answered_at": START}, True),
        ({"first_response_seconds": 60}, True),
        ({"status": "solved"}, True),
        ({"status": "pending"}, None),
        ({"disposition": "bot_handled"}, None),
        ({"disposition": "bot_handled", "resolved": True}, True),
        ({"disposition": "bot_handled", "resolved": False}, None),
        ({"disposition": "self_served"}, None),
        ({"disposition": "bot_handled", "answered_at": START}, None),
        ({"channel": "bot", "answered_at": START}, None),
        ({"channel": "bot", "answered_at": START, "agent_id": "kim"}, True),
        ({"channel": "ivr", "disposition": "handled"}, True),
        ({"served": False, "disposition": "handled"}, False),
        ({"status": "merged"}, None),
        *(
            ({"disposition": word}, False)
            for word in ("missed", "voicemail", "overflowed", "opted_out", "failed")
        ),
    ],
)
def test_served_is_true_false_or_unknown(
    said: dict[str, Any], served: bool | None
) -> None:
    assert concluded(**said)["served"] is served


def later(**time: int) -> datetime:
    return START + timedelta(**time)


@pytest.mark.parametrize(
    ("said", "touched"),
    [
        ({"channel": "voice"}, START),
        ({"channel": "voice", "ended_at": later(hours=1)}, later(hours=1)),
        ({"channel": "chat", "duration_seconds": 60}, later(minutes=1)),
        (
            {"channel": "voice", "answered_at": later(minutes=1), "talk_seconds": 60},
            later(minutes=2),
        ),
        ({"channel": "voice", "ended_at": later(hours=-1)}, START),
        ({"channel": "voice", "resolved_at": later(hours=5)}, START),
        ({"channel": "email", "resolved_at": later(hours=5)}, later(hours=5)),
        ({"channel": "email", "resolution_seconds": 3600}, later(hours=1)),
        ({"channel": "email", "first_response_at": later(hours=3)}, later(hours=3)),
        (
            {
                "channel": "email",
                "first_response_at": later(hours=3),
                "resolved_at": later(hours=5),
            },
            later(hours=5),
        ),
        (
            {
                "channel": "email",
                "resolved_at": later(hours=5),
                "last_message_at": later(hours=2),
            },
            later(hours=2),
        ),
        ({"channel": "email", "closed_at": later(days=4)}, START),
        ({"channel": "email", "ended_at": later(days=4)}, START),
        ({"closed_at": later(days=4)}, START),
    ],
)
def test_the_last_touch_is_no_automatic_close(
    said: dict[str, Any], touched: datetime
) -> None:
    assert concluded(**said)["last_touch_at"] == touched


def test_times_and_durations_complete_each_other() -> None:
    timed = concluded(first_response_at=later(minutes=5), resolved_at=later(hours=1))
    lasted = concluded(first_response_seconds=300, resolution_seconds=3600)

    for contact in (timed, lasted):
        assert contact["first_response_at"] == later(minutes=5)
        assert contact["first_response_seconds"] == 300
        assert contact["resolution_seconds"] == 3600
    waited = concluded(queued_at=START, answered_at=later(seconds=30))
    assert waited["queue_seconds"] == 30


def test_a_time_before_the_start_makes_no_negative_duration() -> None:
    contact = concluded(resolved_at=later(hours=-1), first_response_at=later(hours=-1))

    assert contact["resolution_seconds"] is None
    assert contact["first_response_seconds"] is None


def test_spam_and_deleted_are_dropped_and_counted() -> None:
    rows = [
        (
            {
                "source_contact_id": str(number),
                "part": "p",
                "record_key": str(number),
                "version_at": None,
                "order_at": None,
                "started_at": START,
                **said,
            },
            "l",
        )
        for number, said in enumerate(
            [{"disposition": "spam"}, {"status": "deleted"}, {"status": "merged"}, {}]
        )
    ]
    folded = fold({"contact_records": records(rows)}, {})

    assert folded.contacts["source_contact_id"].to_list() == ["2", "3"]
    assert folded.dropped == 2


def test_nothing_folds_to_nothing() -> None:
    folded = fold({name: empty(name) for name in RECORD_TABLES}, {})

    assert folded.contacts.is_empty()
    assert (folded.unstarted, folded.dropped) == (0, 0)


CHATS = """
profile: chats
system: s
title: t
key: id
contact:
  source_contact_id: id
  started_at: {from: at, time: iso8601}
  channel: {from: how, map: {c: chat, m: email}}
  team: who
version_at: {from: upd, time: iso8601}
identifiers: [{kind: email, from: mail}]
"""
LINE = st.tuples(
    st.sampled_from(["1", "2", "3", ""]),
    st.sampled_from(["2025-03-01T09:00:00Z", "soon", "", "2025-03-02T09:00:00Z"]),
    st.sampled_from("cmx"),
    st.sampled_from("ab"),
    st.sampled_from(["2025-03-05T00:00:00Z", ""]),
    st.sampled_from(["ana@example.org", "", "nobody"]),
)


@given(st.lists(LINE, max_size=8), st.integers(0, 8), st.booleans())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_split_anywhere_brings_the_same_contacts_and_loses_no_row(
    map_text: Any, together: Any, lines: list[tuple[str, ...]], cut: int, swap: bool
) -> None:
    header = "id,at,how,who,upd,mail\n"
    rows = [",".join(line) + "\n" for line in lines]
    whole = map_text(header + "".join(rows), CHATS)
    halves = [
        map_text(header + "".join(part), CHATS) for part in (rows[:cut], rows[cut:])
    ]
    folded = together(*(reversed(halves) if swap else halves))

    assert folded.contacts.equals(whole.folded.contacts)
    assert sum(half.extracted.accounting.records for half in halves) == len(lines)
