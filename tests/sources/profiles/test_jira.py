"""Jira: requests with their comments out of one wide row, and warehouse tables."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cxmap.errors import ExportError
from cxmap.sources.detect import ambiguous, detect
from cxmap.sources.profile import inside, resolve, shipped_profiles
from cxmap.sources.read import peek

SAMPLE = "vendor/_headers/jira_csv_export.csv"
COMMENTS = 3
LATER = datetime(2026, 6, 1, tzinfo=UTC)
HEAD = (
    "Issue key",
    "Issue id",
    "Status",
    "Priority",
    "Assignee Id",
    "Reporter",
    "Reporter Id",
    "Created",
    "Updated",
    "Resolved",
    "Outward issue link (Duplicate)",
    "Outward issue link (Duplicate)",
    "Custom field (Organizations)",
    "Custom field (Organizations)",
    "Custom field (Request Type)",
    "Custom field (Source)",
    "Custom field (Satisfaction)",
    "Custom field (Satisfaction date)",
    *["Comment"] * COMMENTS,
    "Parent key",
    "Status Category",
)
CASE = {
    "Issue key": "HELP-1",
    "Issue id": "10001",
    "Status": "Waiting for support",
    "Priority": "Medium",
    "Assignee Id": "a:1",
    "Reporter": "Ann Customer",
    "Reporter Id": "c:1",
    "Created": "25/Feb/26 9:00 AM",
    "Updated": "25/Feb/26 4:40 PM",
    "Custom field (Source)": "Email",
    "Status Category": "In Progress",
}


def row(comments: tuple[str, ...] = (), **changed: str) -> list[str]:
    said = CASE | {name.replace("_", " "): cell for name, cell in changed.items()}
    cells = [said.get(name, "") for name in HEAD]
    place = HEAD.index("Comment")
    cells[place : place + len(comments)] = comments
    return cells


@pytest.fixture
def requests(tmp_path: Path, map_text: Any) -> Callable[..., Any]:
    def of(*rows: list[str], **told: Any) -> Any:
        path = tmp_path / "written.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([HEAD, *rows])
        text = path.read_text(encoding="utf-8")
        return map_text(text, "jira", part="requests", now=LATER, **told)

    return of


def events(file: Any) -> list[tuple[Any, ...]]:
    table = file.extracted.tables["event_records"].sort("at", "actor_type")
    return table.select("at", "event_type", "actor_type", "public").rows()


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 2, 25, hour, minute, tzinfo=UTC)


def test_the_sample_is_one_request_with_its_comments(
    shared: Any, map_file: Any, pseudonym: Callable[[str, str], str]
) -> None:
    path = shared(SAMPLE)
    with path.open(newline="", encoding="utf-8") as raw:
        head, *rows = csv.reader(raw)
    comments = [
        cell.split(";", 2)[:2]
        for cells in rows
        for name, cell in zip(head, cells, strict=True)
        if name == "Comment" and cell
    ]
    file = map_file(path, "jira", part="requests", now=LATER)
    said = file.extracted.tables["event_records"].filter(part="comments").sort("at")

    assert said["at"].to_list() == [
        datetime.strptime(when, "%d/%b/%y %I:%M %p").replace(tzinfo=UTC)
        for when, _ in comments
    ]
    assert said["actor_id"].to_list() == [
        pseudonym("agent", author) for _, author in comments
    ]
    assert file.contacts("source_contact_id", "status", "time_precision") == [
        (rows[0][head.index("Issue key")], "open", "minute")
    ]
    assert file.rejects() == []
    assert file.extracted.accounting.kept == len(rows)


@pytest.mark.parametrize(
    ("name", "part"),
    [
        (SAMPLE, "requests"),
        ("vendor/jira/issue.csv", "issues"),
        ("vendor/jira/comment_redshift.csv", "issue_comments"),
        ("vendor/jira/issue_field_history.csv", "issue_history"),
        ("vendor/jira/issue_link.csv", "issue_links"),
        ("vendor/jira/issue_type.csv", "issue_types"),
        ("vendor/jira/user.csv", "users"),
        ("vendor/unified_rag/jira_issue.csv", "issues"),
        ("vendor/unified_rag/jira_comment.csv", "issue_comments"),
        ("vendor/unified_rag/jira_user.csv", "users"),
    ],
)
def test_each_sample_is_told_by_its_head(shared: Any, name: str, part: str) -> None:
    found = detect(peek(shared(name)), shipped_profiles())

    assert (found[0].profile, found[0].part) == ("jira", part)
    assert not ambiguous(found)


def test_the_other_tables_of_the_warehouse_are_left_alone(shared: Any) -> None:
    ours = "issue comment_redshift issue_field_history issue_link issue_type user"
    # Fields with several values have the same history, and none that counts.
    ours += " issue_multiselect_history"
    for path in sorted(shared("vendor/jira").glob("*.csv")):
        if path.stem not in ours.split():
            assert detect(peek(path), shipped_profiles()) == [], path.name


def test_words_with_semicolons_belong_to_one_comment(requests: Any) -> None:
    file = requests(
        row(
            (
                "25/Feb/26 10:00 AM;a:1;PRIVATE; with; semicolons",
                "25/Feb/26 11:00 AM;c:1;PRIVATE\nand a line more",
            )
        )
    )

    assert events(file) == [
        (at(9), "message_sent", "customer", True),
        (at(10), "message_sent", "human", None),
        (at(11), "message_sent", "customer", None),
    ]
    assert file.contacts(
        "channel", "customer_messages", "agent_messages", "first_response_at"
    ) == [("email", 2, 1, at(10))]


def test_no_word_of_a_comment_and_no_author_is_kept(requests: Any) -> None:
    file = requests(row(("25/Feb/26 10:00 AM;a:1;PRIVATE words",)))
    kept = str([table.rows() for table in file.extracted.tables.values()])

    assert "PRIVATE" not in kept
    assert "a:1" not in kept
    assert "c:1" not in kept


def test_a_comment_is_the_same_in_two_exports(requests: Any, together: Any) -> None:
    early = requests(row(("25/Feb/26 10:00 AM;a:1;words",)))
    late = requests(
        row(
            ("25/Feb/26 10:00 AM;a:1;words, edited", "25/Feb/26 5:00 PM;c:1;thanks"),
            Updated="25/Feb/26 5:00 PM",
        )
    )
    told = together(late, early)

    assert told.events.filter(event_type="message_sent").height == 3
    assert told.contacts.select("customer_messages", "agent_messages").rows() == [
        (2, 1)
    ]


def test_a_comment_without_an_author_is_the_systems(requests: Any) -> None:
    file = requests(row(("25/Feb/26 10:00 AM;;words",)))

    assert [(kind, actor) for _, kind, actor, _ in events(file)] == [
        ("message_sent", "customer"),
        ("message_sent", "system"),
    ]


def test_a_comment_without_a_time_is_blamed_and_its_request_stays(
    requests: Any,
) -> None:
    file = requests(row(("just words",)))

    assert file.rejects() == [(2, "value", "bad_time", False)]
    assert len(file.contacts("source_contact_id")) == 1


def test_a_request_without_comments_is_not_called_unanswered(requests: Any) -> None:
    assert requests(row()).contacts("disposition", "served") == [("unknown", None)]


def test_a_caller_is_heard_by_the_one_who_writes_it_down(requests: Any) -> None:
    called = row(
        ("25/Feb/26 10:00 AM;c:1;and one thing more",),
        **{"Custom field (Source)": "Phone"},
    )
    contacts = requests(called).contacts(
        "channel", "customer_messages", "agent_messages"
    )

    assert contacts == [("voice", 0, 1), ("web_form", 1, 0)]


@pytest.mark.parametrize(
    ("status", "category", "expected"),
    [
        ("Escalated to Bob", "In Progress", "open"),
        ("Triage", "To Do", "open"),
        ("Delivered", "Done", "solved"),
        ("Closed", "Done", "closed"),
        ("Waiting for customer", "In Progress", "pending"),
        ("Resolved", "", "solved"),
        ("Parked", "", "unknown"),
    ],
)
def test_the_category_tells_a_status_that_is_the_projects_own(
    requests: Any, status: str, category: str, expected: str
) -> None:
    written = row(Status=status, Status_Category=category)
    assert requests(written).contacts("status") == [(expected,)]


@pytest.mark.parametrize(
    "created",
    [
        "25/Feb/26 9:00 AM",
        "25/Feb/26 09:00",
        "2/25/2026 9:00",
        "02/25/2026 09:00",
        "2026-02-25 09:00:00.679",
        "2026-02-25T10:00:00+0100",
    ],
)
def test_every_way_to_write_a_time_is_read(requests: Any, created: str) -> None:
    assert requests(row(Created=created)).contacts("started_at") == [(at(9),)]


def test_the_order_of_day_and_month_is_the_users_to_say(requests: Any) -> None:
    written = row(Created="05/02/2026 09:00", Updated="")
    told = {"dates": "%d/%m/%Y %H:%M"}
    found = [
        requests(written, settings=settings).contacts("started_at")[0][0].month
        for settings in (told, {})
    ]

    assert found == [2, 5]


def test_an_order_that_a_later_row_disproves_is_refused(requests: Any) -> None:
    rows = row(Created="05/02/2026 09:00"), row(Created="25/02/2026 09:00")
    with pytest.raises(ExportError, match="Created"):
        requests(*rows)


def test_the_zone_is_the_exporters(requests: Any) -> None:
    file = requests(row(), settings={"tz": "America/New_York"})
    assert file.contacts("started_at", "tz_source") == [(at(14), "profile")]


def test_links_and_parents_are_references(requests: Any) -> None:
    linked = row(**{"Parent key": "HELP-9"})
    place = HEAD.index("Outward issue link (Duplicate)")
    linked[place : place + 2] = ["HELP-2", "HELP-3"]
    references = requests(linked).extracted.tables["reference_records"]

    assert references.select("source_contact_id", "kind", "to_id").sort(
        "to_id"
    ).rows() == [
        ("HELP-1", "related_to", "HELP-2"),
        ("HELP-1", "related_to", "HELP-3"),
        ("HELP-1", "child_of", "HELP-9"),
    ]


def test_a_rating_is_an_answer_about_its_request(requests: Any) -> None:
    rated = {"Custom field (Satisfaction)": "4"}
    file = requests(row(**rated), row(**{"Issue key": "HELP-2"}))
    answers = file.extracted.tables["survey_records"]

    assert answers.select(
        "source_survey_id", "survey_type", "score", "scale_min", "scale_max", "about_id"
    ).rows() == [("HELP-1", "csat", 4.0, 1.0, 5.0, "HELP-1")]


def test_a_rating_off_its_scale_is_rejected(requests: Any) -> None:
    file = requests(row(**{"Custom field (Satisfaction)": "9"}))
    rating = "Custom field (Satisfaction)"
    assert file.rejects() == [(2, rating, "bad_number", False)]


def test_people_are_known_by_their_accounts_never_by_their_names(
    requests: Any, pseudonym: Callable[[str, str], str]
) -> None:
    file = requests(row(**{"Custom field (Organizations)": "ACME"}))

    assert file.identifiers("kind", "pseudonym") == [
        ("account_id", pseudonym("account_id", "ACME")),
        ("source_customer_id", pseudonym("source_customer_id", "c:1")),
    ]


@pytest.mark.parametrize(
    ("changed", "reject"),
    [
        ({"Issue_key": ""}, (2, "Issue key", "missing_key", True)),
        ({"Created": "25/Feb/26"}, (2, "Created", "bad_time", True)),
        ({"Created": "25.02.2026 09:00"}, (2, "Created", "bad_time", True)),
        ({"Updated": "yesterday"}, (2, "Updated", "bad_time", False)),
    ],
)
def test_a_row_or_cell_that_cannot_be_used_is_rejected(
    requests: Any, changed: dict[str, str], reject: tuple[Any, ...]
) -> None:
    assert requests(row(**changed)).rejects() == [reject]


def test_warehouse_tables_meet_by_the_id_of_the_issue(
    shared: Any, map_file: Any, together: Any
) -> None:
    names = {
        "issues": "issue",
        "issue_comments": "comment_redshift",
        "issue_history": "issue_field_history",
        "issue_links": "issue_link",
        "issue_types": "issue_type",
        "users": "user",
    }
    tables = {}
    for name in names.values():
        path = shared(f"vendor/jira/{name}.csv")
        with path.open(newline="", encoding="utf-8") as raw:
            tables[name] = list(csv.DictReader(raw))
    files = [
        map_file(shared(f"vendor/jira/{name}.csv"), "jira", part=part)
        for part, name in names.items()
    ]
    held = together(*files).contacts

    assert [r for file in files for r in file.rejects()] == []
    assert held["source_contact_id"].to_list() == sorted(
        issue["id"] for issue in tables["issue"]
    )
    solved = [issue["id"] for issue in tables["issue"] if issue["resolved"]]
    assert held.filter(status="solved")["source_contact_id"].to_list() == sorted(solved)
    assert [len(tables[n]) for n in names.values()] == [
        file.extracted.accounting.records for file in files
    ]
    customers = files[0].extracted.tables["identifier_records"]["pseudonym"].n_unique()
    assert customers == len({issue["reporter"] for issue in tables["issue"]})


def test_a_holder_after_the_first_is_a_hand_over(map_text: Any, together: Any) -> None:
    issue = map_text(
        "id,_fivetran_deleted,_fivetran_synced,key,reporter,assignee,issue_type,"
        "status_category_changed,resolved,created,updated\n"
        "1,FALSE,2025-03-09 00:00:00,HELP-1,c1,a2,7,,,2025-03-01 09:00:00,"
        "2025-03-02 09:00:00\n"
        "2,TRUE,2025-03-09 00:00:00,HELP-2,c1,a2,7,,,2025-03-01 09:00:00,\n",
        "jira",
        part="issues",
    )
    changes = map_text(
        "field_id,issue_id,time,_fivetran_synced,value,author_id\n"
        "assignee,1,2025-03-01 09:10:00,,a1,a9\n"
        "assignee,1,2025-03-01 10:10:00,,a2,a1\n"
        "assignee,1,2025-03-01 11:10:00,,,a1\n"
        "summary,1,2025-03-01 10:10:00,,PRIVATE,a1\n",
        "jira",
        part="issue_history",
    )

    contacts = together(issue, changes).contacts
    assert contacts.select("source_contact_id", "transfers", "status").rows() == [
        ("1", 1, "open")
    ]
    assert changes.extracted.accounting.filtered == 1


def test_parts_inside_a_request_are_those_of_lists() -> None:
    profile = resolve(shipped_profiles()["jira"])
    assert list(inside(profile, "requests")) == ["comments", "links"]
