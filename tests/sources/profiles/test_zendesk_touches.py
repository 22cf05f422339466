"""What happens inside Zendesk's tickets: comments, breaches, calls and their legs."""

import csv
import json
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

TICKET = {
    "id": 1,
    "created_at": "2025-03-03T09:00:00Z",
    "updated_at": "2025-03-05T10:00:00Z",
    "via": {"channel": "email", "source": {"rel": None, "from": {}, "to": {}}},
    "status": "solved",
    "requester_id": 42,
    "assignee_id": 9,
    "tags": [],
    "satisfaction_rating": {"score": "unoffered"},
}
CALL = {
    "id": 77,
    "created_at": "2025-03-03T11:00:00Z",
    "updated_at": "2025-03-03T11:10:00Z",
    "completion_status": "completed",
    "direction": "inbound",
    "duration": 300,
    "wait_time": 40,
    "talk_time": 200,
    "hold_time": 20,
    "wrap_up_time": 30,
    "ivr_time_spent": 10,
    "agent_id": 9,
    "customer_id": 42,
    "ticket_id": 1,
    "phone_number": "+12059531462",
    "voicemail": False,
    "overflowed": False,
    "callback": None,
}
TABLE = (
    "id,requester_id,via_channel,status,created_at,updated_at\n"
    "1,42,email,solved,2025-03-03 09:00:00,2025-03-05 10:00:00\n"
)


def lines(*objects: dict[str, Any]) -> str:
    return "".join(json.dumps(each) + "\n" for each in objects)


def comment(number: int, author: int, at: str, **told: Any) -> dict[str, Any]:
    return {
        "id": number,
        "author_id": author,
        "public": True,
        "created_at": at,
        "via": {"channel": "web"},
        **told,
    }


COMMENTS = [
    comment(11, 42, "2025-03-03T09:00:00Z", via={"channel": "email"}),
    comment(12, 9, "2025-03-03T09:30:00Z"),
    comment(13, 9, "2025-03-03T09:31:00Z", public=False),
    comment(14, 42, "2025-03-04T09:00:00Z", via={"channel": "native_messaging"}),
    comment(15, 9, "2025-03-04T09:05:00Z"),
]


def told(folded: Any) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = folded.contacts.select(
        "source_contact_id",
        "channel",
        "customer_messages",
        "agent_messages",
        "first_response_seconds",
        "status",
    ).rows()
    return rows


CUT = [
    ("1", "email", 1, 1, 1800, None),
    ("1#2", "messaging", 1, 1, 300, "solved"),
]


def test_comments_inside_a_ticket_cut_it_into_its_contacts(map_text: Any) -> None:
    file = map_text(lines({**TICKET, "comments": COMMENTS}), "zendesk_tickets")

    assert told(file.folded) == CUT
    assert file.folded.contacts["case_id"].to_list() == ["src:1", "src:1"]
    owners = file.folded.identifiers.filter(kind="source_customer_id")["owner_id"]
    assert sorted(owners) == ["1", "1#2"]


def test_comments_beside_a_ticket_say_the_same_once_the_users_are_known(
    map_text: Any, together: Any
) -> None:
    tickets = map_text(lines(TICKET), "zendesk_tickets", part="tickets")
    beside = [{**c, "ticket_id": 1} for c in COMMENTS]
    comments = map_text(lines(*beside), "zendesk_tickets", part="ticket_comments")
    users = map_text(
        lines(
            {"id": 42, "role": "end-user", "email": "ana@example.org"},
            {"id": 9, "role": "agent", "email": "bob@example.org"},
        ),
        "zendesk_tickets",
        part="users",
    )

    for files in (
        (tickets, comments, users),
        (users, comments, tickets),
        (comments, users, tickets),
    ):
        assert told(together(*files)) == CUT


def test_incremental_exports_tell_that_a_priority_was_raised(
    map_text: Any, together: Any
) -> None:
    def version(day: int, priority: str | None) -> Any:
        at = f"2025-03-{day:02}T10:00:00Z"
        told = {**TICKET, "priority": priority, "updated_at": at}
        return map_text(lines(told), "zendesk_tickets", part="tickets")

    def raised(*priorities: str | None) -> Any:
        days = [version(day, one) for day, one in enumerate(priorities, start=5)]
        return together(*days).contacts["escalations"].to_list()

    assert raised("low", "normal", None, "urgent") == [2]
    assert raised(None, "urgent", "low") == [None]
    assert raised("normal", "normal") == [None]
    assert raised("urgent") == [None]


def test_a_call_of_a_voice_ticket_is_its_contact(map_text: Any, together: Any) -> None:
    spoken = {**TICKET, "via": {"channel": "voice", "source": {"from": {}, "to": {}}}}
    tickets = map_text(lines(spoken), "zendesk_tickets", part="tickets")
    calls = map_text(lines(CALL), "zendesk_tickets", part="calls")
    contacts = together(calls, tickets).contacts

    assert contacts.select(
        "source_contact_id", "case_id", "status", "talk_seconds", "queue_seconds"
    ).rows() == [("call-77", "src:1", "solved", 200, 40)]


def test_a_call_about_a_mail_is_a_second_contact_of_the_case(
    map_text: Any, together: Any
) -> None:
    tickets = map_text(lines(TICKET), "zendesk_tickets", part="tickets")
    calls = map_text(lines(CALL), "zendesk_tickets", part="calls")
    contacts = together(calls, tickets).contacts

    assert contacts.select("source_contact_id", "channel", "case_id").rows() == [
        ("1", "email", "src:1"),
        ("call-77", "voice", "src:1"),
    ]


def test_our_own_line_is_nobodys_number(map_text: Any) -> None:
    file = map_text(lines(CALL), "zendesk_tickets", part="calls")

    assert [kind for (kind,) in file.identifiers("kind")] == ["source_customer_id"]


@pytest.mark.parametrize(
    ("changed", "disposition"),
    [
        ({"completion_status": "abandoned_in_queue", "agent_id": 0}, "abandoned"),
        ({"completion_status": "abandoned_in_ivr", "agent_id": None}, "abandoned"),
        ({"completion_status": "no_answer", "direction": "outbound"}, "unanswered"),
        ({"voicemail": True, "agent_id": 0}, "voicemail"),
        ({"overflowed": True, "agent_id": None}, "overflowed"),
        ({"completion_status": "failed"}, "failed"),
        ({"completion_status": "not_heard_of"}, "unknown"),
        ({}, "handled"),
    ],
)
def test_how_a_call_ended(
    map_text: Any, changed: dict[str, Any], disposition: str
) -> None:
    file = map_text(lines({**CALL, **changed}), "zendesk_tickets", part="calls")

    assert file.contacts("disposition") == [(disposition,)]


@pytest.mark.parametrize(
    ("changed", "channel"),
    [
        ({"callback": True}, "callback"),
        ({"callback": True, "callback_source": "queue"}, "callback"),
        ({"callback": True, "voicemail": True}, "voicemail"),
        ({"callback": False}, "voice"),
        ({"callback": None}, "voice"),
        ({"direction": "outbound"}, "voice"),
    ],
)
def test_a_call_the_customer_had_asked_for_is_a_call_back(
    map_text: Any, changed: dict[str, Any], channel: str
) -> None:
    file = map_text(lines({**CALL, **changed}), "zendesk_tickets", part="calls")

    assert file.contacts("channel") == [(channel,)]


def test_no_call_of_the_sample_was_asked_for(map_file: Any, shared: Any) -> None:
    path = shared("vendor/zendesk_json/talk_calls.ndjson")
    told = [json.loads(line) for line in path.read_text().splitlines()]

    assert {call["callback"] for call in told} == {None}
    file = map_file(path, "zendesk_tickets", part="calls")
    assert set(file.contacts("channel")) == {("voice",)}


def test_legs_that_came_from_another_agent_are_transfers(
    map_text: Any, together: Any
) -> None:
    leg = {
        "call_id": 77,
        "available_via": "browser",
        "transferred_to": None,
        "updated_at": "2025-03-03T11:10:00Z",
    }
    legs = map_text(
        lines(
            {**leg, "id": 1, "type": "customer", "transferred_from": None},
            {**leg, "id": 2, "type": "agent", "transferred_from": None},
            {**leg, "id": 3, "type": "agent", "transferred_from": 9},
            {**leg, "id": 4, "type": "agent", "transferred_from": 0},
        ),
        "zendesk_tickets",
        part="call_legs",
    )
    calls = map_text(lines(CALL), "zendesk_tickets", part="calls")

    assert together(legs, calls).contacts["transfers"].to_list() == [1]


def test_a_call_that_the_sample_holds_twice_counts_once(
    map_file: Any, shared: Any
) -> None:
    path: Path = shared("vendor/zendesk_json/talk_calls.ndjson")
    file = map_file(path, "zendesk_tickets", part="calls")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    distinct = {row["id"]: row for row in rows}

    assert (len(rows), len(distinct)) == (3, 2)
    assert file.folded.contacts.height == 2
    assert file.folded.contacts["talk_seconds"].sum() == sum(
        row["talk_time"] or 0 for row in distinct.values()
    )


def test_of_metric_events_only_breaches_happened_to_the_customer(
    map_file: Any, shared: Any
) -> None:
    path: Path = shared("vendor/zendesk_json/ticket_metric_events.ndjson")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    file = map_file(path, "zendesk_tickets", part="ticket_metric_events")

    breaches = [row for row in rows if row["type"] == "breach"]
    assert file.extracted.tables["event_records"].height == len(breaches)
    assert file.extracted.accounting.filtered == len(rows) - len(breaches)


def test_the_warehouse_tables_tell_the_status_history(
    map_file: Any, shared: Any, together: Any
) -> None:
    def table(name: str) -> Path:
        path: Path = shared(f"vendor/zendesk/{name}_data.csv")
        return path

    parts = ("ticket", "ticket_comment", "ticket_field_history", "user", "group")
    files = [map_file(table(p), "zendesk_tables", part=p) for p in parts]
    folded = together(*files)

    with table("ticket").open(newline="") as lines_of:
        tickets = {row["id"]: row for row in csv.DictReader(lines_of)}
    with table("ticket_field_history").open(newline="") as lines_of:
        changes = sorted(
            (row["updated"], row["value"])
            for row in csv.DictReader(lines_of)
            if row["ticket_id"] == "11071" and row["field_name"] == "status"
        )
    assert all(not file.rejects() for file in files)
    kept = {n for n, row in tickets.items() if row["status"] != "deleted"}
    assert set(folded.contacts["source_contact_id"]) == kept
    events = folded.events.filter(
        pl.col("contact_id").str.ends_with(":11071")
        & pl.col("to_value").is_not_null()
        & ~pl.col("event_type").is_in(["assigned", "escalated", "priority_changed"])
    )
    wanted = Counter(
        now
        if now in ("solved", "closed") and before not in ("solved", "closed")
        else "status_changed"
        for (_, before), (_, now) in zip([("", ""), *changes], changes, strict=False)
    )
    assert Counter(events["event_type"]) == wanted
    [dates] = (
        folded.contacts.filter(source_contact_id="11071")
        .select("resolved_at", "closed_at")
        .rows()
    )
    assert [f"{at:%Y-%m-%d %H:%M:%S}" for at in dates] == [
        at for at, status in changes if status in ("solved", "closed")
    ]


def test_the_warehouse_tables_tell_whose_priority_was_raised(
    map_file: Any, shared: Any, together: Any
) -> None:
    files = {
        part: shared(f"vendor/zendesk/{part}_data.csv")
        for part in ("ticket", "ticket_field_history")
    }
    folded = together(
        *(map_file(p, "zendesk_tables", part=n) for n, p in files.items())
    )
    order = ["low", "normal", "high", "urgent"]
    spoken = {"medium": "normal"}
    changes = defaultdict(list)
    with files["ticket_field_history"].open(newline="") as lines_of:
        for row in csv.DictReader(lines_of):
            value = spoken.get(row["value"], row["value"])
            if row["field_name"] == "priority" and value in order:
                changes[row["ticket_id"]].append((row["updated"], order.index(value)))
    wanted = {
        number: sum(now > before for (_, before), (_, now) in pairwise(sorted(told)))
        for number, told in changes.items()
    }
    found = dict(folded.contacts.select("source_contact_id", "escalations").iter_rows())

    assert {number: found[number] for number in wanted} == wanted
    assert sum(wanted.values()) == 2
    assert all(not times for number, times in found.items() if number not in wanted)


def test_a_ticket_solved_twice_was_resolved_the_second_time(
    map_text: Any, together: Any
) -> None:
    ticket = map_text(TABLE, "zendesk_tables", part="ticket")
    history = map_text(
        "field_name,ticket_id,updated,value\n"
        "status,1,2025-03-03 10:00:00,open\n"
        "status,1,2025-03-05 10:00:00,solved\n"
        "status,1,2025-03-04 10:00:00,open\n"
        "status,1,2025-03-03 12:00:00,solved\n"
        "priority,1,2025-03-06 10:00:00,solved\n",
        "zendesk_tables",
        part="ticket_field_history",
    )
    for files in ((ticket, history), (history, ticket)):
        [row] = together(*files).contacts.rows(named=True)
        assert f"{row['resolved_at']:%d %H}" == "05 10"
        assert (row["resolution_seconds"], row["closed_at"]) == (176_400, None)
        assert row["reopens"] == 1


def test_a_ticket_with_the_tag_of_a_merge_is_no_occasion_of_its_own(
    map_text: Any, together: Any
) -> None:
    ticket = map_text(TABLE, "zendesk_tables", part="ticket")
    comments = map_text(
        "id,ticket_id,user_id,public,created,voice_comment\n"
        "11,1,42,TRUE,2025-03-03 09:00:00,\n",
        "zendesk_tables",
        part="ticket_comment",
    )
    merged, other = (
        map_text(
            f"tag,ticket_id,_fivetran_synced\n{tag},1,2025-03-06 00:00:00\n",
            "zendesk_tables",
            part="ticket_tag",
        )
        for tag in ("closed_by_merge", "vip")
    )

    for files in ((ticket, merged), (comments, merged, ticket)):
        [row] = together(*files).contacts.rows(named=True)
        assert row["disposition"] == "merged"
    [row] = together(ticket, other).contacts.rows(named=True)
    assert row["disposition"] == "handled"
    assert other.extracted.accounting.filtered == 1


@pytest.mark.parametrize(
    ("changes", "reopens", "transfers"),
    [
        (["status,solved"], 0, None),
        (["status,solved", "status,open", "status,solved"], 1, None),
        (["assignee_id,9"], None, 0),
        (["assignee_id,9", "assignee_id,8", "assignee_id,9"], None, 2),
        (["status,open", "assignee_id,9"], 0, 0),
        (["priority,high"], None, None),
        (["priority,low", "priority,high"], None, None),
    ],
)
def test_a_history_without_a_reopening_or_hand_over_tells_that_there_was_none(
    map_text: Any,
    together: Any,
    changes: list[str],
    reopens: int | None,
    transfers: int | None,
) -> None:
    ticket = map_text(TABLE, "zendesk_tables", part="ticket")
    rows = [
        f"{change.split(',')[0]},1,2025-03-03 1{hour}:00:00,{change.split(',')[1]}\n"
        for hour, change in enumerate(changes)
    ]
    history = map_text(
        "field_name,ticket_id,updated,value\n" + "".join(rows),
        "zendesk_tables",
        part="ticket_field_history",
    )

    [row] = together(ticket, history).contacts.rows(named=True)
    assert (row["reopens"], row["transfers"]) == (reopens, transfers)
