"""Help Scout: conversations and the threads inside them."""

import json
from typing import Any

import pytest

CONVERSATION = {
    "id": 70,
    "number": 7,
    "type": "email",
    "status": "closed",
    "state": "published",
    "mailboxId": 4,
    "source": {"type": "email", "via": "customer"},
    "assignee": {"id": 9, "email": "ana@desk.example"},
    "primaryCustomer": {"id": 3, "email": "a@x.org"},
    "createdAt": "2025-03-01T09:00:00Z",
    "closedAt": "2025-03-02T09:00:00Z",
    "userUpdatedAt": "2025-03-02T09:00:00Z",
    "tags": [{"tag": "returns"}],
}


def thread(number: int, kind: str, at: str, **told: Any) -> dict[str, Any]:
    return {"id": number, "type": kind, "createdAt": f"2025-03-01T{at}:00Z", **told}


THREADS = [
    thread(1, "customer", "09:00"),
    thread(2, "note", "09:10"),
    thread(3, "message", "09:30"),
    thread(4, "lineitem", "09:31"),
    thread(5, "message", "09:40", state="draft"),
]


def read(map_text: Any, **told: Any) -> Any:
    return map_text(json.dumps({**CONVERSATION, **told}) + "\n", "help_scout")


@pytest.mark.parametrize(
    "told", [{"threads": THREADS}, {"_embedded": {"threads": THREADS}}]
)
def test_threads_tell_who_answered_when(map_text: Any, told: dict[str, Any]) -> None:
    file = read(map_text, **told)

    assert file.contacts(
        "source_contact_id",
        "channel",
        "status",
        "customer_messages",
        "agent_messages",
        "first_response_seconds",
        "topic_raw",
    ) == [("70", "email", "closed", 1, 1, 1_800, "returns")]


def test_without_threads_the_conversation_is_the_contact(map_text: Any) -> None:
    file = read(map_text)

    assert file.contacts("status", "resolution_seconds", "agent_messages") == [
        ("closed", 86_400, None)
    ]
    assert file.identifiers("kind") == [("email",), ("source_customer_id",)]


@pytest.mark.parametrize(
    ("told", "filtered"),
    [({"state": "draft"}, 1), ({"state": "deleted"}, 0), ({"status": "spam"}, 0)],
)
def test_drafts_deleted_and_spam_are_no_contacts(
    map_text: Any, told: dict[str, Any], filtered: int
) -> None:
    file = read(map_text, **told)

    assert file.folded.contacts.is_empty()
    assert file.extracted.accounting.filtered == filtered
    assert file.extracted.unmapped == {}


def test_who_began_it(map_text: Any) -> None:
    file = read(map_text, source={"type": "web", "via": "user"})

    assert file.contacts("direction") == [("outbound",)]


@pytest.mark.parametrize(
    ("kind", "channel"), [("chat", "chat"), ("phone", "voice"), ("owl", "unknown")]
)
def test_channels(map_text: Any, kind: str, channel: str) -> None:
    assert read(map_text, type=kind).contacts("channel") == [(channel,)]
