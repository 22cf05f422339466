"""Freshdesk: labels in CSV, codes in JSON, and clocks that only the account knows."""

import csv
import io
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from cxmap.sources.detect import ambiguous, detect
from cxmap.sources.profile import shipped_profiles
from cxmap.sources.read import peek

Row = dict[str, str]

SAMPLE = "vendor/_headers/freshdesk_csv_export.csv"
SOURCES = {
    "Email": ("email", "inbound"),
    "Portal": ("web_form", "inbound"),
    "Phone": ("voice", "inbound"),
    "Chat": ("chat", "inbound"),
    "Feedback Widget": ("web_form", "inbound"),
    "Outbound Email": ("email", "outbound"),
}
STATES = {
    "Open": "open",
    "Pending": "pending",
    "Resolved": "solved",
    "Closed": "closed",
}
NAIVE = "%Y-%m-%d %H:%M:%S"


def row(**told: str) -> Row:
    known = {
        "Ticket ID": "101",
        "Subject": "PRIVATE WORDS",
        "Status": "Closed",
        "Priority": "Low",
        "Source": "Email",
        "Type": "Question",
        "Agent": "Ann",
        "Group": "Billing",
        "Created time": "2025-03-03 10:12:44",
        "Resolved time": "2025-03-04 10:12:44",
        "Closed time": "2025-03-05 10:12:44",
        "Last update time": "2025-03-05 10:12:44",
        "Initial response time": "2025-03-03 11:12:44",
        "First response time (in hrs)": "00:47:10",
        "Resolution time (in hrs)": "09:30",
        "Agent interactions": "2",
        "Customer interactions": "1",
        "Resolution status": "Within SLA",
        "Email": "ana@example.org",
        "Contact ID": "4001",
        "Company Name": "Acme",
    }
    return known | {name.replace("_", " "): value for name, value in told.items()}


def written(rows: list[Row]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def history(chance: Random, number: int) -> Row:
    opened = datetime(2025, 3, 1) + timedelta(minutes=chance.randrange(60 * 24 * 60))
    answered = opened + timedelta(seconds=chance.randrange(1, 90_000))
    solved = answered + timedelta(seconds=chance.randrange(1, 900_000))
    return row(
        Ticket_ID=str(number),
        Source=chance.choice(list(SOURCES)),
        Status=chance.choice(list(STATES)),
        Created_time=opened.strftime(NAIVE),
        Initial_response_time=answered.strftime(NAIVE),
        Resolved_time=solved.strftime(NAIVE),
        Closed_time="",
        Last_update_time=solved.strftime(NAIVE),
        Contact_ID=str(chance.randrange(5000, 5020)),
        Agent_interactions=str(chance.randrange(5)),
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_csv_counts_up_to_what_its_rows_say(map_text: Any, seed: int) -> None:
    chance = Random(seed)  # noqa: S311
    rows = [history(chance, number) for number in range(1, 60)]
    file = map_text(written(rows), "freshdesk", settings={"tz": "UTC"})
    contacts = file.folded.contacts

    done = [r for r in rows if r["Status"] in ("Resolved", "Closed")]
    spent = [
        datetime.strptime(r["Resolved time"], NAIVE)
        - datetime.strptime(r["Created time"], NAIVE)
        for r in done
    ]
    waited = [
        datetime.strptime(r["Initial response time"], NAIVE)
        - datetime.strptime(r["Created time"], NAIVE)
        for r in rows
    ]
    assert contacts.height == len(rows)
    assert contacts["resolution_seconds"].sum() == sum(s.total_seconds() for s in spent)
    assert contacts["first_response_seconds"].sum() == sum(
        w.total_seconds() for w in waited
    )
    assert contacts["agent_messages"].sum() == sum(
        int(r["Agent interactions"]) for r in rows
    )
    assert Counter(contacts["status"]) == Counter(STATES[r["Status"]] for r in rows)
    assert Counter(contacts.select("channel", "direction").rows()) == Counter(
        SOURCES[r["Source"]] for r in rows
    )
    held = file.extracted.tables["identifier_records"]
    assert held.filter(kind="source_customer_id")["pseudonym"].n_unique() == len(
        {r["Contact ID"] for r in rows}
    )
    assert file.rejects() == []


def test_times_without_a_zone_are_the_accounts(map_text: Any) -> None:
    file = map_text(written([row()]), "freshdesk", settings={"tz": "America/New_York"})
    assert file.contacts("started_at", "tz_source") == [
        (datetime(2025, 3, 3, 15, 12, 44, tzinfo=UTC), "profile")
    ]


CLOCKS = (
    "first_response_seconds",
    "first_response_business_seconds",
    "resolution_seconds",
)


@pytest.mark.parametrize(
    ("clock", "figures"),
    [
        ("", (3600, None, 86400)),
        ("business", (3600, 47 * 60 + 10, 86400)),
        ("calendar", (47 * 60 + 10, None, 9 * 3600 + 30 * 60)),
    ],
)
def test_what_the_hours_count_is_for_the_user_to_say(
    map_text: Any, clock: str, figures: tuple[int | None, ...]
) -> None:
    told = {"settings": {"clock": clock}}
    file = map_text(written([row()]), "freshdesk", **told)

    assert file.contacts(*CLOCKS) == [figures]


def test_empty_hours_are_computed_from_the_times(map_text: Any) -> None:
    empty = {"First response time (in hrs)": "", "Resolution time (in hrs)": ""}
    told = {"settings": {"clock": "calendar"}}
    file = map_text(written([row() | empty]), "freshdesk", **told)

    assert file.contacts(*CLOCKS) == [(3600, None, 86400)]


@pytest.mark.parametrize("hours", ["9,5", "nine", "09:75:00", "9h"])
def test_hours_that_are_none_are_rejected(map_text: Any, hours: str) -> None:
    wrong = {"First response time (in hrs)": hours}
    told = {"settings": {"clock": "business"}}
    file = map_text(written([row() | wrong]), "freshdesk", **told)

    assert file.rejects() == [
        (2, "First response time (in hrs)", "bad_duration", False)
    ]


def test_an_open_ticket_is_not_solved_whatever_times_it_keeps(map_text: Any) -> None:
    file = map_text(written([row(Status="Open")]), "freshdesk")

    assert file.contacts("resolved_at", "resolution_seconds", "resolved") == [
        (None, None, None)
    ]


def test_capitals_differ_between_accounts(map_text: Any) -> None:
    text = written([row()])
    head, body = text.split("\n", 1)

    assert (
        map_text(f"{head.upper()}\n{body}", "freshdesk").folded.contacts.rows()
        == map_text(text, "freshdesk").folded.contacts.rows()
    )


def test_a_header_that_stands_twice_under_another_name_is_left_alone(
    map_text: Any,
) -> None:
    twice = row() | {"Resolution time (in hrs)_1": "99:00:00"}
    file = map_text(written([twice]), "freshdesk", settings={"clock": "calendar"})

    assert file.contacts("resolution_seconds") == [(9 * 3600 + 30 * 60,)]


def test_a_file_saved_again_on_windows_is_read(tmp_path: Any, map_file: Any) -> None:
    path = tmp_path / "tickets.csv"
    path.write_bytes(written([row(Group="Zürich")]).encode("cp1252"))

    assert map_file(path, "freshdesk").contacts("team") == [("Zürich",)]


def test_words_of_the_account_are_unknown_and_counted(map_text: Any) -> None:
    rows = [row(Status="On the moon", Source="Pigeon")]
    file = map_text(written(rows), "freshdesk")

    assert file.contacts("status", "channel") == [("unknown", "unknown")]
    assert file.extracted.unmapped == {"status": 1, "channel": 1}


def test_a_ticket_without_number_or_start_is_rejected(map_text: Any) -> None:
    rows = [row(Ticket_ID=""), row(Created_time="05/03/2025 10:12")]
    file = map_text(written(rows), "freshdesk")

    assert [(r[1], r[2], r[3]) for r in file.rejects()] == [
        ("Ticket ID", "missing_key", True),
        ("Created time", "bad_time", True),
    ]
    assert file.extracted.accounting.rejected == 2


def test_of_two_exports_the_later_update_counts(map_text: Any, together: Any) -> None:
    early = row(Status="Open", Last_update_time="2025-03-03 12:00:00")
    files = [map_text(written([r]), "freshdesk") for r in (row(), early)]

    assert together(*files).contacts["status"].to_list() == ["closed"]


TICKET: dict[str, Any] = {
    "id": 7,
    "source": 1,
    "status": 5,
    "priority": 4,
    "type": "Refund",
    "requester_id": 4001,
    "responder_id": 51,
    "group_id": 61,
    "company_id": 71,
    "association_type": None,
    "spam": False,
    "created_at": "2025-03-03T09:00:00Z",
    "updated_at": "2025-03-06T09:00:00Z",
    "stats": {
        "first_responded_at": "2025-03-03T09:30:00Z",
        "resolved_at": "2025-03-05T09:00:00Z",
        "closed_at": "2025-03-06T09:00:00Z",
        "reopened_at": None,
    },
    "description_text": "PRIVATE WORDS",
}


def said(number: int, at: str, **told: Any) -> dict[str, Any]:
    return {
        "id": number,
        "incoming": False,
        "private": False,
        "source": 0,
        "user_id": 51,
        "created_at": at,
        "updated_at": at,
        "body_text": "PRIVATE WORDS",
        **told,
    }


TALK = [
    said(1, "2025-03-03T09:30:00Z"),
    said(2, "2025-03-03T09:31:00Z", private=True, source=2),
    said(3, "2025-03-04T09:00:00Z", incoming=True, user_id=4001),
    said(4, "2025-03-04T10:00:00Z", source=8),
    said(5, "2025-03-04T11:00:00Z"),
    said(6, "2025-03-06T11:00:00Z", incoming=True, user_id=4001, source=6),
]


def lines(*objects: dict[str, Any]) -> str:
    return "".join(json.dumps(each) + "\n" for each in objects)


def of(tickets: str, map_text: Any) -> Any:
    return map_text(tickets, "freshdesk", part="tickets")


def test_a_ticket_is_read_with_its_times(map_text: Any) -> None:
    file = of(lines(TICKET), map_text)

    assert file.contacts(
        "channel", "status", *CLOCKS, "topic_raw", "priority", "disposition"
    ) == [("email", "closed", 1800, None, 2 * 86400, "Refund", "Urgent", "handled")]


def test_versions_of_a_ticket_tell_that_its_priority_was_raised(
    map_text: Any, together: Any
) -> None:
    def version(day: int, priority: int, number: int = 7) -> Any:
        at = f"2025-03-{day:02}T09:00:00Z"
        told = {**TICKET, "id": number, "priority": priority, "updated_at": at}
        return map_text(lines(told), "freshdesk", part="tickets")

    def raised(*files: Any) -> Any:
        return together(*files).contacts["escalations"].to_list()

    raise_, steady = (version(6, 1), version(8, 4)), version(6, 2, number=8)
    assert raised(*raise_) == raised(*reversed(raise_)) == [1]
    assert raised(*raise_, steady) == [1, 0]
    assert raised(version(6, 4), version(8, 1)) == [None]
    assert raised(version(6, 1)) == [None]
    assert raised(version(6, 9), version(8, 4)) == [None]
    told = together(*raise_).contacts
    assert told.select("reopens", "transfers").rows() == [(None, None)]


@pytest.mark.parametrize(
    ("source", "channel"),
    [
        (1, "email"),
        (2, "web_form"),
        (3, "voice"),
        (7, "chat"),
        (9, "web_form"),
        (10, "email"),
        (77, "unknown"),
    ],
)
def test_a_source_is_a_number(map_text: Any, source: int, channel: str) -> None:
    file = of(lines({**TICKET, "source": source}), map_text)

    assert file.contacts("channel", "direction") == [
        (channel, "outbound" if source == 10 else "inbound")
    ]


def test_statuses_from_six_on_are_the_accounts_own(map_text: Any) -> None:
    file = of(lines({**TICKET, "status": 6}), map_text)

    assert file.contacts("status", "resolved_at") == [("unknown", None)]
    assert file.extracted.unmapped["status"] == 1


@pytest.mark.parametrize("gone", [{"spam": True}, {"deleted": True}])
def test_spam_and_deleted_tickets_are_no_contacts(
    map_text: Any, gone: dict[str, bool]
) -> None:
    folded = of(lines({**TICKET, **gone}), map_text).folded

    assert folded.contacts.is_empty()
    assert folded.left_out["reason"].to_list() == [*gone]


def test_what_was_said_inside_a_ticket_is_counted_once_for_each_side(
    map_text: Any,
) -> None:
    file = of(lines({**TICKET, "conversations": TALK}), map_text)

    assert file.contacts("customer_messages", "agent_messages", "reopens") == [
        (2, 2, 0)
    ]
    kinds = Counter(file.extracted.tables["event_records"]["event_type"])
    assert kinds == {"message_sent": 4, "note_added": 1, "other": 2}
    assert not any(
        "PRIVATE" in str(table.rows()) for table in file.extracted.tables.values()
    )


def test_conversations_listed_for_themselves_say_the_same(
    map_text: Any, together: Any
) -> None:
    inside = of(lines({**TICKET, "conversations": TALK}), map_text)
    ticket = of(lines(TICKET), map_text)
    beside = map_text(
        lines(*({**c, "ticket_id": 7} for c in TALK)),
        "freshdesk",
        part="ticket_conversations",
    )
    events = beside.extracted.tables["event_records"]

    # The ticket's own words, its first message, come only with its conversations.
    assert events.height == inside.extracted.tables["event_records"].height - 1
    columns = ("source_contact_id", "status", "first_response_seconds")
    assert (
        together(beside, ticket).contacts.select(columns).rows()
        == inside.folded.contacts.select(columns).rows()
    )


def test_a_customer_who_writes_after_the_end_reopens(map_text: Any) -> None:
    late = said(9, "2025-03-07T09:00:00Z", incoming=True, user_id=4001)
    file = of(lines({**TICKET, "conversations": [*TALK, late]}), map_text)

    assert file.contacts("reopens") == [(1,)]


def test_the_last_reopening_is_dated(map_text: Any) -> None:
    again = {**TICKET["stats"], "reopened_at": "2025-03-05T12:00:00Z"}
    file = of(lines({**TICKET, "stats": again}), map_text)

    assert file.contacts("reopens") == [(1,)]


@pytest.mark.parametrize(
    ("kind", "reference"), [(1, []), (2, ["child_of"]), (3, []), (4, ["related_to"])]
)
def test_a_child_names_its_parent_and_a_parent_nobody(
    map_text: Any, kind: int, reference: list[str]
) -> None:
    kin = {"association_type": kind, "associated_tickets_list": [3]}
    file = of(lines({**TICKET, **kin}), map_text)

    assert file.extracted.tables["reference_records"]["kind"].to_list() == reference


def test_a_team_is_called_by_its_name(map_text: Any, together: Any) -> None:
    group = {"id": 61, "name": "Billing", "unassigned_for": None, "escalate_to": None}
    groups = map_text(lines(group), "freshdesk", part="groups")

    folded = together(of(lines(TICKET), map_text), groups)
    assert folded.contacts["team"].to_list() == ["Billing"]


def test_a_rating_is_a_step_of_seven_and_names_its_ticket(map_text: Any) -> None:
    codes = (-103, -102, -101, 100, 101, 102, 103)
    ratings = [
        {
            "id": 100 + place,
            "survey_id": 1,
            "ticket_id": 7,
            "user_id": 4001,
            "ratings": {"default_question": code, "question_2": 101},
            "created_at": "2025-03-07T09:00:00Z",
            "updated_at": "2025-03-07T09:00:00Z",
        }
        for place, code in enumerate(codes)
    ]
    file = map_text(lines(*ratings), "freshdesk", part="ratings")
    told = file.extracted.tables["survey_records"].sort("source_survey_id")

    assert told["score"].to_list() == [1, 2, 3, 4, 5, 6, 7]
    assert set(told.select("scale_min", "scale_max", "about_id").rows()) == {
        (1.0, 7.0, "7")
    }


def test_a_contact_is_met_by_number_mail_and_phones(map_text: Any) -> None:
    person = {
        "id": 4001,
        "name": "PRIVATE NAME",
        "email": "ana@example.org",
        "phone": "+442079460000",
        "mobile": "+447700900123",
        "company_id": 71,
        "unique_external_id": "crm-1",
        "deleted": False,
        "created_at": "2024-01-01T00:00:00Z",
        "updated_at": "2024-01-01T00:00:00Z",
    }
    file = map_text(
        lines(person, {**person, "id": 4002, "deleted": True}),
        "freshdesk",
        part="contacts",
    )

    assert Counter(kind for (kind,) in file.identifiers("kind")) == {
        "source_customer_id": 1,
        "external_id": 1,
        "email": 1,
        "phone": 2,
        "account_id": 1,
    }
    assert file.extracted.accounting.filtered == 1


@pytest.mark.parametrize(
    ("export", "part"),
    [
        (TICKET, "tickets"),
        ({**TALK[0], "ticket_id": 7}, "ticket_conversations"),
        ({"survey_id": 1, "ticket_id": 7, "ratings": {}, "created_at": "x"}, "ratings"),
        ({"name": "n", "unassigned_for": None, "escalate_to": None}, "groups"),
    ],
)
def test_each_answer_is_told_by_its_keys(
    tmp_path: Any, export: dict[str, Any], part: str
) -> None:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps([{"id": 1, **export}]), encoding="utf-8")
    found = detect(peek(path), shipped_profiles())

    assert (found[0].profile, found[0].part) == ("freshdesk", part)
    assert not ambiguous(found)


def test_the_header_of_a_real_export_is_known(shared: Any, map_text: Any) -> None:
    path = shared(SAMPLE)
    found = detect(peek(path), shipped_profiles())
    with path.open(newline="", encoding="utf-8") as raw:
        header = next(csv.reader(raw))
    row_of = {name: row().get(name, "") for name in header}

    assert (found[0].profile, found[0].part) == ("freshdesk", "csv")
    assert not ambiguous(found)
    assert map_text(written([row_of]), "freshdesk").rejects() == []
