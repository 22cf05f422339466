"""Freshservice: Freshdesk's sister, with other headers and other numbers."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from cxmap.sources.detect import ambiguous, detect
from cxmap.sources.profile import shipped_profiles
from cxmap.sources.read import peek

Row = dict[str, str]

SAMPLE = "vendor/_headers/freshservice_csv_export.csv"


def row(**told: str) -> Row:
    known = {
        "Subject": "PRIVATE WORDS",
        "Type": "Incident",
        "Status": "Closed",
        "Urgency": "Low",
        "Impact": "Low",
        "Priority": "Low",
        "Group": "Desk",
        "Agent": "Ann",
        "Company": "Acme",
        "Category": "Network",
        "Source": "Email",
        "Experience Score": "",
        "Ticket Id": "101",
        "Requester Email": "ana@example.org",
        "Created Time": "2025-03-03 10:12:44",
        "Resolved Time": "2025-03-04 10:12:44",
        "Closed Time": "2025-03-05 10:12:44",
        "Last Updated Time": "2025-03-05 10:12:44",
        "Initial Response Time": "2025-03-03 11:12:44",
        "First Response Time (in Hrs)": "26:47:10",
        "Resolution Time (in Hrs)": "109:30",
        "Agent interactions": "2",
        "Customer interactions": "1",
        "Approval Status": "",
        "Parent Ticket ID": "",
    }
    return known | {name.replace("_", " "): value for name, value in told.items()}


def written(*rows: Row) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


FIGURES = (
    "first_response_seconds",
    "first_response_business_seconds",
    "resolution_seconds",
)


@pytest.mark.parametrize(
    ("clock", "figures"),
    [
        ("", (3600, None, 86400)),
        ("business", (3600, 26 * 3600 + 47 * 60 + 10, 86400)),
        ("calendar", (26 * 3600 + 47 * 60 + 10, None, 109 * 3600 + 30 * 60)),
    ],
)
def test_hours_beyond_a_day_are_what_the_user_says_they_are(
    map_text: Any, clock: str, figures: tuple[int | None, ...]
) -> None:
    file = map_text(written(row()), "freshservice", settings={"clock": clock})
    assert file.contacts(*FIGURES) == [figures]


def test_a_row_is_read_under_its_own_headers(map_text: Any) -> None:
    file = map_text(written(row()), "freshservice", settings={"tz": "Europe/Berlin"})

    assert file.contacts(
        "source_contact_id", "started_at", "topic_raw", "team", "agent_messages"
    ) == [("101", datetime(2025, 3, 3, 9, 12, 44, tzinfo=UTC), "Network", "Desk", 2)]
    assert file.identifiers("kind") == [("account_id",), ("email",)]
    assert file.rejects() == []


@pytest.mark.parametrize("machine", ["AWS Cloudwatch", "Pagerduty"])
def test_what_a_machine_opened_is_no_contact(map_text: Any, machine: str) -> None:
    file = map_text(
        written(row(), row(Source=machine, Ticket_Id="102")), "freshservice"
    )
    assert file.contacts("source_contact_id") == [("101",)]
    assert file.extracted.accounting.filtered == 1


def test_a_child_names_its_parent(map_text: Any) -> None:
    file = map_text(
        written(row(), row(Ticket_Id="102", Parent_Ticket_ID="101")), "freshservice"
    )
    told = file.extracted.tables["reference_records"]

    assert told.select("source_contact_id", "kind", "to_id").rows() == [
        ("102", "child_of", "101")
    ]


@pytest.mark.parametrize(
    ("changed", "reject"),
    [
        ({"Ticket_Id": ""}, (2, "Ticket Id", "missing_key", True)),
        ({"Created_Time": "soon"}, (2, "Created Time", "bad_time", True)),
        ({"Agent_interactions": "-2"}, (2, "Agent interactions", "bad_number", False)),
    ],
)
def test_what_cannot_be_used_is_rejected(
    map_text: Any, changed: Row, reject: tuple[Any, ...]
) -> None:
    assert map_text(written(row(**changed)), "freshservice").rejects() == [reject]


TICKET: dict[str, Any] = {
    "id": 7,
    "source": 4,
    "status": 4,
    "priority": 2,
    "urgency": 1,
    "impact": 1,
    "category": "Network",
    "requester_id": 4001,
    "responder_id": 51,
    "group_id": 61,
    "department_id": 71,
    "workspace_id": 2,
    "spam": False,
    "created_at": "2025-03-03T09:00:00Z",
    "updated_at": "2025-03-06T09:00:00Z",
    "stats": {
        "first_responded_at": "2025-03-03T09:30:00Z",
        "resolved_at": "2025-03-05T09:00:00Z",
        "closed_at": None,
    },
}


def mapped(map_text: Any, **told: Any) -> Any:
    text = json.dumps({"tickets": [{**TICKET, **told}]})
    return map_text(text, "freshservice", part="tickets")


def test_a_ticket_is_read_with_its_times(map_text: Any) -> None:
    assert mapped(map_text).contacts("status", *FIGURES, "topic_raw", "priority") == [
        ("solved", 1800, None, 2 * 86400, "Network", "Medium")
    ]


@pytest.mark.parametrize(
    ("source", "channel"),
    [
        (1, "email"),
        (3, "voice"),
        (4, "chat"),
        (5, "web_form"),
        (9, "in_person"),
        (10, "messaging"),
        (99, "unknown"),
    ],
)
def test_sources_have_other_numbers_than_at_freshdesk(
    map_text: Any, source: int, channel: str
) -> None:
    assert mapped(map_text, source=source).contacts("channel") == [(channel,)]


@pytest.mark.parametrize("source", [7, 8])
def test_alarms_are_filtered(map_text: Any, source: int) -> None:
    assert mapped(map_text, source=source).extracted.accounting.filtered == 1


def test_notes_are_no_answers(map_text: Any) -> None:
    talk = [
        {
            "id": 1,
            "incoming": True,
            "private": False,
            "user_id": 4001,
            "created_at": "2025-03-04T09:00:00Z",
            "body_text": "PRIVATE WORDS",
        },
        {
            "id": 2,
            "incoming": False,
            "private": True,
            "user_id": 51,
            "created_at": "2025-03-04T09:10:00Z",
        },
    ]
    file = mapped(map_text, source=1, conversations=talk)

    assert file.contacts("customer_messages", "agent_messages") == [(2, 0)]
    assert not any(
        "PRIVATE" in str(table.rows()) for table in file.extracted.tables.values()
    )


@pytest.mark.parametrize(
    ("export", "part"),
    [
        (TICKET, "tickets"),
        (
            {
                "id": 61,
                "name": "n",
                "unassigned_for": None,
                "escalate_to": None,
                "workspace_id": 2,
            },
            "groups",
        ),
    ],
)
def test_answers_are_told_from_freshdesks(
    tmp_path: Any, export: dict[str, Any], part: str
) -> None:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps([export]), encoding="utf-8")
    found = detect(peek(path), shipped_profiles())

    assert (found[0].profile, found[0].part) == ("freshservice", part)
    assert not ambiguous(found)


def test_the_header_of_a_real_export_is_known(shared: Any, map_text: Any) -> None:
    path = shared(SAMPLE)
    found = detect(peek(path), shipped_profiles())
    with path.open(newline="", encoding="utf-8") as raw:
        header = next(csv.reader(raw))
    row_of = {name: row().get(name, "") for name in header}

    assert (found[0].profile, found[0].part) == ("freshservice", "csv")
    assert not ambiguous(found)
    assert map_text(written(row_of), "freshservice").rejects() == []
