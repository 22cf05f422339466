"""Intercom: conversations with their parts, the CSV of reports, Fivetran's versions."""

import csv
import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

HOUR = 3600
START = int(datetime(2025, 3, 3, 9, tzinfo=UTC).timestamp())
CUSTOMER = {"type": "user", "id": "u1", "email": "Ana@Example.org", "name": "Ana"}
AGENT = {"type": "admin", "id": "a1", "email": "bob@example.com", "name": "Bob"}
OTHER = {"type": "admin", "id": "a2"}
BOT = {"type": "bot", "id": "b1"}


def conversation(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    listed = {
        "type": "conversation_part.list",
        "conversation_parts": list(parts),
        "total_count": len(parts),
    }
    return {
        "type": "conversation",
        "id": "7",
        "created_at": START,
        "updated_at": START + 10 * HOUR,
        "source": {
            "type": "conversation",
            "delivered_as": "customer_initiated",
            "author": CUSTOMER,
        },
        "contacts": {"contacts": [{"id": "u1", "external_id": "C-9"}]},
        "state": "open",
        "priority": "not_priority",
        "admin_assignee_id": 0,
        "team_assignee_id": None,
        "conversation_parts": listed,
        **more,
    }


def part(number: int, hours: float, kind: str, author: Any, **more: Any) -> Any:
    at = START + int(hours * HOUR)
    told = {"type": "conversation_part", "id": str(number), "part_type": kind}
    times = {"created_at": at, "updated_at": at}
    return {**told, **times, "author": author, "body": None, **more}


def says(number: int, hours: float, author: Any, kind: str = "comment") -> Any:
    return part(number, hours, kind, author, body="<p>Well</p>")


@pytest.fixture
def conversations(map_text: Any) -> Callable[..., Any]:
    return lambda *objects, **told: map_text(
        "".join(json.dumps(each) + "\n" for each in objects),
        "intercom",
        part="conversations",
        **told,
    )


def test_times_are_seconds_from_1970_and_those_of_offices_are_not_calendar(
    conversations: Any,
) -> None:
    figures = {
        "first_admin_reply_at": START + 26 * HOUR,
        "time_to_admin_reply": 2 * HOUR,
        "last_close_at": START + 30 * HOUR,
        "count_reopens": 1,
    }
    file = conversations(
        conversation(statistics=figures, conversation_parts=None, state="closed")
    )
    [contact] = file.folded.contacts.rows(named=True)

    assert contact["started_at"] == datetime(2025, 3, 3, 9, tzinfo=UTC)
    assert contact["first_response_seconds"] == 26 * HOUR
    assert contact["first_response_business_seconds"] == 2 * HOUR
    assert contact["resolution_seconds"] == 30 * HOUR
    assert (contact["reopens"], contact["resolved"]) == (1, True)


@pytest.mark.parametrize(
    ("state", "status"),
    [("open", "open"), ("snoozed", "pending"), ("closed", "closed")],
)
def test_a_snoozed_conversation_is_pending(
    conversations: Any, state: str, status: str
) -> None:
    assert conversations(conversation(state=state)).contacts("status") == [(status,)]


def test_messages_of_both_sides_are_counted_with_the_first_one(
    conversations: Any,
) -> None:
    file = conversations(
        conversation(
            says(1, 1, AGENT), says(2, 2, CUSTOMER), says(3, 3, AGENT, "close")
        )
    )
    [contact] = file.folded.contacts.rows(named=True)

    assert (contact["customer_messages"], contact["agent_messages"]) == (2, 2)
    assert contact["first_response_seconds"] == HOUR
    # Who closes may write along.
    assert contact["last_touch_at"].hour == 12
    assert contact["channel"] == "messaging"


def test_a_note_is_nothing_the_customer_saw(conversations: Any) -> None:
    file = conversations(conversation(says(1, 1, AGENT, "note")))

    assert file.contacts("agent_messages", "disposition", "served") == [
        (0, "unanswered", False)
    ]
    events = file.folded.events
    assert events.filter(event_type="note_added")["public"].to_list() == [False]


def test_a_conversation_of_which_only_the_list_is_held_is_not_unanswered(
    conversations: Any,
) -> None:
    file = conversations(conversation(conversation_parts=None))

    assert file.contacts("disposition", "served", "customer_messages") == [
        ("unknown", None, None)
    ]


def test_a_customer_who_writes_after_the_close_reopens_it(conversations: Any) -> None:
    file = conversations(
        conversation(
            says(1, 1, AGENT), part(2, 2, "close", AGENT), says(3, 3, CUSTOMER, "open")
        )
    )

    assert file.contacts("reopens", "customer_messages") == [(1, 2)]


def test_a_customer_who_writes_much_later_began_another_contact(
    conversations: Any,
) -> None:
    file = conversations(
        conversation(says(1, 1, AGENT, "close"), says(2, 24 * 30, CUSTOMER, "open"))
    )

    assert sorted(file.contacts("source_contact_id", "reopens")) == [
        ("7", 0),
        ("7#2", 0),
    ]


def test_a_colleague_who_opens_it_again_reopens_it(conversations: Any) -> None:
    file = conversations(
        conversation(says(1, 1, AGENT, "close"), part(2, 2, "open", OTHER))
    )

    assert file.contacts("reopens") == [(1,)]


def test_parts_without_their_wrapper_are_read_too(conversations: Any) -> None:
    file = conversations(conversation(conversation_parts=[says(1, 1, AGENT)]))

    assert file.contacts("agent_messages") == [(1,)]


def test_a_close_by_the_machine_is_no_solution(conversations: Any) -> None:
    kinds = {}
    for author in (AGENT, BOT):
        events = conversations(conversation(part(1, 1, "close", author))).folded.events
        kinds[author["type"]] = events.sort("at")["event_type"].to_list()[-1]

    assert kinds == {"admin": "solved", "bot": "closed"}


def test_only_a_hand_over_after_the_first_answer_is_a_transfer(
    conversations: Any,
) -> None:
    given = {"assigned_to": {"type": "admin", "id": "a2"}}
    team = {"assigned_to": {"type": "team", "id": "t1"}}
    routed = part(1, 0.5, "assignment", BOT, **given)
    to_team = part(3, 2, "assignment", AGENT, **team)
    to_person = part(4, 2, "assignment", BOT, **given)
    first = {"first_admin_reply_at": START + HOUR}
    both = (routed, says(2, 1, AGENT))

    for parts, transfers in ((both, 0), ((*both, to_team, to_person), 1)):
        file = conversations(conversation(*parts, statistics=first))
        assert file.contacts("transfers") == [(transfers,)]


def test_an_answer_by_a_machine_is_no_persons(conversations: Any) -> None:
    file = conversations(conversation(says(1, 0.01, BOT)))

    assert file.contacts("agent_messages", "first_response_at", "disposition") == [
        (0, None, "bot_handled")
    ]


def test_the_one_who_began_it_is_its_customer(
    conversations: Any, pseudonym: Any
) -> None:
    people = {"contacts": [{"id": "u2", "external_id": "C-8"}, {"id": "u1"}]}
    file = conversations(conversation(contacts=people))

    assert file.identifiers("kind", "pseudonym") == [
        ("email", pseudonym("email", "ana@example.org")),
        ("source_customer_id", pseudonym("source_customer_id", "u1")),
    ]


def test_of_a_conversation_we_began_the_first_contact_is_the_customer(
    conversations: Any, pseudonym: Any
) -> None:
    source = {"type": "email", "delivered_as": "admin_initiated", "author": AGENT}
    file = conversations(conversation(source=source))

    assert file.contacts("direction", "initiation", "channel", "inbound") == [
        ("outbound", "agent", "email", False)
    ]
    assert file.identifiers("kind", "pseudonym") == [
        ("external_id", pseudonym("external_id", "C-9")),
        ("source_customer_id", pseudonym("source_customer_id", "u1")),
    ]


@pytest.mark.parametrize(
    "delivered", ["automated", "operator_initiated", "campaigns_initiated"]
)
def test_what_a_machine_began_is_no_persons_message(
    conversations: Any, delivered: str
) -> None:
    source = {"type": "conversation", "delivered_as": delivered, "author": AGENT}
    file = conversations(conversation(source=source))

    assert file.contacts("direction", "agent_messages") == [("outbound", 0)]


def test_the_external_id_of_a_lead_names_nobody(conversations: Any) -> None:
    source = {
        "type": "conversation",
        "delivered_as": "customer_initiated",
        "author": {**CUSTOMER, "type": "lead"},
    }
    kinds = conversations(conversation(source=source)).identifiers("kind")

    assert kinds == [("email",), ("source_customer_id",)]


def test_a_medium_nobody_knows_is_counted(conversations: Any) -> None:
    source = {"type": "pigeon", "delivered_as": "customer_initiated"}
    file = conversations(conversation(source=source))

    assert file.contacts("channel", "channel_raw") == [("unknown", "pigeon")]
    assert file.extracted.unmapped == {"channel": 1}


def test_a_rating_is_of_five_and_was_asked_for_when_it_says(conversations: Any) -> None:
    rating = {"rating": 4, "remark": "fine", "created_at": START + 5 * HOUR}
    surveys = conversations(conversation(conversation_rating=rating)).folded.surveys

    assert surveys.select(
        "survey_type", "score", "scale_min", "scale_max", "about_id"
    ).rows() == [("csat", 4.0, 1.0, 5.0, "7")]
    assert surveys["sent_at"].to_list() == [datetime(2025, 3, 3, 14, tzinfo=UTC)]


def test_a_rating_nobody_gave_is_no_answer(conversations: Any) -> None:
    rating = {"rating": None, "created_at": None}

    assert conversations(
        conversation(conversation_rating=rating)
    ).folded.surveys.is_empty()


def test_a_linked_ticket_is_related_and_other_objects_are_not(
    conversations: Any,
) -> None:
    linked = {"data": [{"type": "ticket", "id": "9"}, {"type": "task", "id": "8"}]}
    references = conversations(conversation(linked_objects=linked)).folded.references

    assert references.select("source_contact_id", "kind", "to_id").rows() == [
        ("7", "related_to", "9")
    ]


def test_of_two_deliveries_the_later_counts(conversations: Any, together: Any) -> None:
    early = conversation(says(1, 1, AGENT), updated_at=START)
    late = conversation(says(1, 1, AGENT), says(2, 2, CUSTOMER), state="closed")
    for order in ((early, late), (late, early)):
        folded = together(*(conversations(each) for each in order))

        assert folded.contacts.select("status", "customer_messages").rows() == [
            ("closed", 2)
        ]


def test_no_text_of_anybody_is_kept(conversations: Any) -> None:
    file = conversations(conversation(says(1, 1, AGENT), says(2, 2, CUSTOMER)))
    kept = str([table.rows() for table in file.extracted.tables.values()])

    assert "Well" not in kept
    assert "xample" not in kept


def test_no_number_of_a_colleague_is_in_the_clear(conversations: Any) -> None:
    given = {"assigned_to": {"type": "admin", "id": "colleague-42"}}
    handed = part(1, 1, "assignment", {"type": "admin", "id": "colleague-41"}, **given)
    file = conversations(conversation(handed, admin_assignee_id="colleague-42"))

    tables = (*file.extracted.tables.values(), file.folded.contacts)
    assert "colleague" not in str([table.rows() for table in tables])


def test_a_conversation_without_an_id_is_rejected(conversations: Any) -> None:
    file = conversations(conversation(id=None), conversation())

    assert [reject[1:] for reject in file.rejects()] == [("id", "missing_key", True)]
    assert file.contacts("source_contact_id") == [("7",)]


def test_teams_that_come_later_name_the_team(
    conversations: Any, map_text: Any, together: Any
) -> None:
    listed = {"teams": [{"type": "team", "id": "t1", "name": "Care", "admin_ids": [1]}]}
    teams = map_text(json.dumps(listed), "intercom", part="teams")
    file = conversations(conversation(team_assignee_id="t1"))

    assert together(file, teams).contacts["team"].to_list() == ["Care"]


def test_people_bring_their_addresses_and_leads_no_external_id(
    map_text: Any, pseudonym: Any
) -> None:
    told = {"workspace_id": "w", "email": None, "phone": None}
    people = [
        {**told, "id": "u1", "role": "user", "external_id": "C-9", "email": "a@x.org"},
        {**told, "id": "u2", "role": "lead", "external_id": "0b7c"},
    ]
    file = map_text(json.dumps({"data": people}), "intercom", part="contacts")

    assert file.identifiers("kind", "pseudonym") == sorted(
        [
            ("source_customer_id", pseudonym("source_customer_id", "u1")),
            ("source_customer_id", pseudonym("source_customer_id", "u2")),
            ("external_id", pseudonym("external_id", "C-9")),
            ("email", pseudonym("email", "a@x.org")),
        ]
    )


HEADER = (
    "Conversation ID,Conversation started at ({zone}),Updated at ({zone}),Started by,"
    "Current conversation state,Team currently assigned,Teammate currently assigned,"
    "Conversation rating,AI Topic,Topics,Channel,First response time (seconds),"
    "User name,User email,Company name\n"
)
ROW = (
    "c1,2025-01-05 10:00:00,,Customer,Closed,Support,Ada,5,,Billing,Email,120,Ana,"
    "ana@example.org,Example\n"
)


@pytest.mark.parametrize(
    ("zone", "hour"), [("America/New_York", 15), ("Europe/Berlin", 9), ("UTC", 10)]
)
def test_the_zone_of_a_report_stands_in_its_header(
    map_text: Any, zone: str, hour: int
) -> None:
    file = map_text(HEADER.format(zone=zone) + ROW, "intercom", part="report")

    assert file.contacts("started_at") == [(datetime(2025, 1, 5, hour, tzinfo=UTC),)]
    assert file.contacts("channel", "direction", "team", "topic_raw", "status") == [
        ("email", "inbound", "Support", "Billing", "closed")
    ]
    assert file.contacts("first_response_seconds") == [(120,)]
    assert file.folded.surveys.select("score", "scale_max").rows() == [(5.0, 5.0)]


def test_the_vendors_own_report_is_read(map_text: Any, shared: Any) -> None:
    text = shared("vendor/_headers/intercom_csv_export.csv").read_text()
    file = map_text(text.replace("2026-", "2025-"), "intercom", part="report")
    [row] = csv.DictReader(text.splitlines())

    assert file.contacts("source_contact_id", "channel", "first_response_seconds") == [
        (row["Conversation ID"], "email", int(row["First response time (seconds)"]))
    ]
    assert file.rejects() == []


def test_a_report_without_some_columns_is_read_and_without_a_start_is_not(
    map_text: Any,
) -> None:
    short = "Conversation ID,Conversation started at (UTC)\n"
    file = map_text(short + "c1,2025-01-05 10:00:00\nc2,\n", "intercom", part="report")

    assert file.contacts("source_contact_id", "channel") == [("c1", "unknown")]
    assert [reject[2:] for reject in file.rejects()] == [("bad_time", True)]


def test_versions_tell_when_it_was_closed_and_the_last_one_counts(
    map_file: Any, shared: Any
) -> None:
    path = shared("vendor/intercom/conversation_history_data.csv")
    rows = list(csv.DictReader(path.read_text().splitlines()))
    file = map_file(path, "intercom", part="conversation_history")
    last: dict[str, dict[str, str]] = {}
    for row in sorted(rows, key=lambda row: row["updated_at"]):
        last[row["id"]] = row

    told = file.folded.contacts.select("source_contact_id", "status").rows()
    assert told == sorted((key, row["state"]) for key, row in last.items())
    closed = file.folded.events.filter(event_type="closed")
    assert sorted(f"{at:%Y-%m-%d %H:%M:%S}" for at in closed["at"]) == sorted(
        row["updated_at"] for row in last.values() if row["state"] == "closed"
    )
    assert file.folded.contacts["reopens"].to_list() == [0, 0]
    assert (file.extracted.accounting.kept, file.rejects()) == (len(rows), [])


def test_versions_tell_what_was_opened_again_and_handed_over(map_text: Any) -> None:
    header = (
        "id,updated_at,assignee_id,assignee_type,conversation_rating_created_at,"
        "conversation_rating_value,created_at,priority,source_author_id,"
        "source_author_type,source_delivered_as,source_type,state\n"
    )
    states = [("open", 1), ("closed", 1), ("open", 1), ("open", 2), ("closed", 2)]
    rows = [
        f"7,2025-03-0{day} 09:00:00,{agent},admin,,,2025-03-01 08:00:00,,u1,user,"
        f"customer_initiated,email,{state}\n"
        for day, (state, agent) in enumerate(states, 1)
    ]
    file = map_text(header + "".join(rows), "intercom", part="conversation_history")

    assert file.contacts("reopens", "transfers", "status", "channel") == [
        (1, 1, "closed", "email")
    ]


def test_the_parts_table_tells_who_closed_what(map_file: Any, shared: Any) -> None:
    path = shared("vendor/intercom/conversation_part_history_data.csv")
    rows = list(csv.DictReader(path.read_text().splitlines()))
    file = map_file(path, "intercom", part="part_history")
    kinds = Counter(file.extracted.tables["event_records"]["event_type"])

    assert kinds == {
        "solved": sum(row["part_type"] == "close" for row in rows),
        "note_added": sum(row["part_type"] == "note" for row in rows),
    }
    # Their conversations are in another file.
    assert set(file.folded.left_out["reason"]) == {"no_start"}


def test_people_of_the_table_are_leads_without_an_external_id(
    map_file: Any, shared: Any
) -> None:
    path = shared("vendor/intercom/contact_history_data.csv")
    rows = list(csv.DictReader(path.read_text().splitlines()))
    file = map_file(path, "intercom", part="contact_history")
    kinds = Counter(kind for (kind,) in file.identifiers("kind"))

    assert kinds["source_customer_id"] == len(rows)
    assert kinds["external_id"] == sum(row["role"] == "user" for row in rows)
    assert file.folded.customers.height == len({row["id"] for row in rows})
