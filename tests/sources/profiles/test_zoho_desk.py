"""Zoho Desk: the type of a status, instants that are called times."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

TICKET = {
    "id": "1892000000143237",
    "ticketNumber": "176",
    "channel": "Email",
    "status": "Waiting for parts",
    "statusType": "Closed",
    "createdTime": "2025-03-01T09:00:00.000Z",
    "closedTime": "2025-03-02T09:00:00.000Z",
    "modifiedTime": "2025-03-02T09:00:00.000Z",
    "customerResponseTime": "2025-03-01T10:00:00.000Z",
    "contactId": "3",
    "contact": {"email": "a@x.org", "mobile": "+4930901820"},
    "assigneeId": "9",
    "departmentId": "5",
    "category": "Returns",
    "isSpam": False,
    "subject": "Secret",
}


def read(map_text: Any, **told: Any) -> Any:
    return map_text(json.dumps({**TICKET, **told}) + "\n", "zoho_desk")


def test_a_ticket_is_a_contact(map_text: Any) -> None:
    file = read(map_text)

    assert file.contacts(
        "source_contact_id",
        "channel",
        "started_at",
        "status",
        "topic_raw",
        "resolution_seconds",
    ) == [
        (
            "176",
            "email",
            datetime(2025, 3, 1, 9, tzinfo=UTC),
            "closed",
            "Returns",
            86_400,
        )
    ]
    assert {kind for (kind,) in file.identifiers("kind")} == {
        "source_customer_id",
        "email",
        "phone",
    }


@pytest.mark.parametrize(
    ("kind", "status"),
    [("Open", "open"), ("On Hold", "on_hold"), ("Molten", "unknown")],
)
def test_the_type_beneath_a_status_is_read(
    map_text: Any, kind: str, status: str
) -> None:
    file = read(map_text, statusType=kind, closedTime=None)

    assert file.contacts("status", "resolved") == [(status, None)]


@pytest.mark.parametrize(
    ("via", "channel"),
    [("Phone", "voice"), ("Feedback Widget", "web_form"), ("Owl", "unknown")],
)
def test_channels(map_text: Any, via: str, channel: str) -> None:
    assert read(map_text, channel=via).contacts("channel") == [(channel,)]


def test_spam_is_no_contact(map_text: Any) -> None:
    assert read(map_text, isSpam=True).folded.contacts.is_empty()


def test_two_exports_tell_that_it_was_opened_again(
    map_text: Any, together: Any
) -> None:
    closed = read(map_text)
    again = read(map_text, statusType="Open", modifiedTime="2025-03-03T09:00:00.000Z")
    for files in ((closed, again), (again, closed)):
        told = together(*files).contacts

        assert told.select("status", "reopens").rows() == [("open", 1)]
