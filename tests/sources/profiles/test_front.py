"""Front: a row a message, a contact a segment."""

from datetime import UTC, datetime
from typing import Any

import pytest

HEADER = (
    "Message ID,Segment ID,Conversation ID,Direction,Inbox,Message date,Autoreply,"
    "Assignee,Author,Contact handle,Tags,Conversation API ID,Ticket status category\n"
)
HOURS = "2025-03-01 {}:00:00"


def message(
    number: int,
    segment: str,
    way: str,
    hour: str,
    *,
    auto: str = "false",
    handle: str = "a@x.org",
    state: str = "",
) -> str:
    writer = "Ana" if way == "Outbound" else ""
    return (
        f"m{number},{segment},c1,{way},Care,{HOURS.format(hour)},{auto},Ana,{writer},"
        f"{handle},returns,cnv_1,{state}\n"
    )


def test_messages_of_a_segment_are_one_contact(map_text: Any) -> None:
    file = map_text(
        HEADER
        + message(1, "s1", "Inbound", "09")
        + message(2, "s1", "Outbound", "10", auto="true")
        + message(3, "s1", "Outbound", "11")
        + message(4, "s2", "Inbound", "15"),
        "front",
    )

    assert file.contacts(
        "source_contact_id",
        "channel",
        "direction",
        "customer_messages",
        "agent_messages",
        "first_response_seconds",
    ) == [
        ("s1", "email", "inbound", 1, 1, 7_200),
        ("s2", "email", "inbound", 1, 0, None),
    ]
    assert file.contacts("last_message_at")[0] == (
        datetime(2025, 3, 1, 11, tzinfo=UTC),
    )
    chains = file.folded.references
    assert set(chains["kind"]) == {"chain"}
    assert set(chains["source_contact_id"]) == {"s1", "s2"}


def test_a_thread_that_we_began_is_outbound(map_text: Any) -> None:
    file = map_text(
        HEADER + message(2, "s1", "Inbound", "12") + message(1, "s1", "Outbound", "09"),
        "front",
    )

    assert file.contacts("direction") == [("outbound",)]


@pytest.mark.parametrize(
    ("handle", "kind"),
    [
        ("a@x.org", "email"),
        ("+49 30 901820", "phone"),
        ("@ana", "social_handle"),
    ],
)
def test_a_handle_is_what_it_looks_like(map_text: Any, handle: str, kind: str) -> None:
    file = map_text(HEADER + message(1, "s1", "Inbound", "09", handle=handle), "front")

    assert file.identifiers("kind") == [(kind,)]


def test_a_name_is_no_identifier(map_text: Any) -> None:
    told = message(1, "s1", "Inbound", "09", handle="Ana Ample")
    file = map_text(HEADER + told, "front")

    assert file.identifiers("kind") == []


@pytest.mark.parametrize(
    ("state", "status"), [("resolved", "solved"), ("waiting", "pending"), ("", None)]
)
def test_the_ticket_status(map_text: Any, state: str, status: str | None) -> None:
    file = map_text(HEADER + message(1, "s1", "Inbound", "09", state=state), "front")

    assert file.contacts("status") == [(status,)]
