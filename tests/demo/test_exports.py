"""The exports and the truth tell of the same contacts and the same people."""

from collections import defaultdict
from typing import Any

import pytest

from cxmap.demo.world import World

Row = dict[str, Any]
Truth = dict[str, list[Row]]


def told(truth: Truth, source: str) -> set[str]:
    return {
        row["source_contact_id"] for row in truth["contacts"] if row["source"] == source
    }


@pytest.fixture(scope="session")
def owners(truth: Truth) -> dict[str, set[str]]:
    """Who may show an identifier."""
    found = defaultdict(set)
    for row in truth["people"]:
        found[row["identifier"]].add(row["person_id"])

    return found


@pytest.fixture(scope="session")
def persons(truth: Truth) -> dict[tuple[str, str], str]:
    """Whose each contact is."""
    return {
        (row["source"], row["source_contact_id"]): row["person_id"]
        for row in truth["contacts"]
    }


def test_tickets_are_those_of_the_truth_and_a_sample(
    truth: Truth, tickets: list[Row]
) -> None:
    numbers = {str(row["id"]) for row in tickets}

    assert numbers == told(truth, "zendesk") | {"1"}


def test_calls_fold_into_those_of_the_truth(truth: Truth, calls: list[Row]) -> None:
    records = calls
    roots = {row["InitialContactId"] or row["ContactId"] for row in records}

    assert roots == told(truth, "connect")


def test_queue_calls_are_those_of_the_truth(
    truth: Truth, calls: list[Row], queue_events: list[list[str]]
) -> None:
    numbers = {event[1] for event in queue_events}

    assert numbers - {"NONE", "MANAGER"} == told(truth, "callcenter")


def test_sessions_and_visits_are_those_of_the_truth(
    truth: Truth, sessions: list[Row], visits: list[Row]
) -> None:
    assert {row["source_contact_id"] for row in sessions} == told(truth, "bot")
    assert {row["source_contact_id"] for row in visits} == told(truth, "branches")


def test_answers_are_those_of_the_truth(truth: Truth, answers: list[Row]) -> None:
    written = {row["survey_id"]: row for row in answers}
    named = {
        row["survey_id"]: f"{row['source']}:{row['source_contact_id']}"
        for row in truth["surveys"]
    }

    assert written.keys() == named.keys()
    for number, row in written.items():
        assert row["contact_id"] in ("", named[number])


def test_a_requester_is_the_person_of_the_ticket(
    owners: dict[str, set[str]],
    persons: dict[tuple[str, str], str],
    tickets: list[Row],
    users: list[Row],
) -> None:
    known = {row["id"]: row for row in users}
    for ticket in tickets[1:]:
        user = known[ticket["requester_id"]]
        person = persons["zendesk", str(ticket["id"])]

        assert person in owners[user["email"] or user["phone"]]


def test_a_caller_is_the_person_of_the_call(
    owners: dict[str, set[str]], persons: dict[tuple[str, str], str], calls: list[Row]
) -> None:
    for record in calls:
        person = persons["connect", record["InitialContactId"] or record["ContactId"]]
        endpoint = record["CustomerEndpoint"] or {"Address": "anonymous"}
        shown = [
            endpoint["Address"],
            record["CustomerId"],
            record["Attributes"].get("customerId"),
            record["Attributes"].get("email"),
        ]
        for identifier in shown:
            assert identifier in (None, "anonymous") or person in owners[identifier]


def test_a_queued_caller_is_the_person_of_the_call(
    owners: dict[str, set[str]],
    persons: dict[tuple[str, str], str],
    queue_events: list[list[str]],
) -> None:
    entered = [e for e in queue_events if e[4] == "ENTERQUEUE"]
    for event in entered:
        hidden = event[6] in ("", "anonymous", "Unknown")

        assert hidden or persons["callcenter", event[1]] in owners["+49" + event[6][1:]]


def test_rows_of_the_sheets_show_the_person_of_the_contact(
    world: World,
    owners: dict[str, set[str]],
    persons: dict[tuple[str, str], str],
    sessions: list[Row],
    visits: list[Row],
) -> None:
    for source, rows in (("bot", sessions), ("branches", visits)):
        for row in rows:
            person = persons[source, row["source_contact_id"]]
            for kind in ("external_id", "device_id"):
                assert not row.get(kind) or person in owners[row[kind]]


def test_only_named_quirks_share_an_identifier(owners: dict[str, set[str]]) -> None:
    shared = [
        value
        for value, people in owners.items()
        if len(people) > 1 and not value.startswith(("A-", "info@", "familie."))
    ]

    assert {value[:4] for value in shared} == {"+496", "dev-"}
    assert all(
        len(owners[value]) in ((2,) if value.startswith("dev-") else (2, 8))
        for value in shared
    )


def test_friction_rows_are_the_frictions_of_the_contacts(truth: Truth) -> None:
    from_contacts = [
        (name, row["source"], row["source_contact_id"], row["need_id"])
        for row in truth["contacts"]
        for name in row["frictions"].split()
    ]

    assert [tuple(row.values()) for row in truth["frictions"]] == from_contacts


def test_needs_count_their_contacts(truth: Truth) -> None:
    counts: dict[str, int] = defaultdict(int)
    for row in truth["contacts"]:
        counts[row["need_id"]] += 1

    assert {row["need_id"]: int(row["contacts"]) for row in truth["needs"]} == counts


def test_an_unidentified_contact_shows_nobody(
    truth: Truth, queue_events: list[list[str]]
) -> None:
    hidden = {
        event[1]
        for event in queue_events
        if event[4] == "ENTERQUEUE" and event[6] in ("", "anonymous", "Unknown")
    }
    nameless = {
        row["source_contact_id"]
        for row in truth["frictions"]
        if row["friction"] == "unidentified_contact" and row["source"] == "callcenter"
    }
    entered = {event[1] for event in queue_events if event[4] == "ENTERQUEUE"}
    without_entry = told(truth, "callcenter") - entered

    assert len(without_entry) == 1
    assert nameless == hidden | without_entry
