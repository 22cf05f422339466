"""Gorgias: tickets that sleep, messages with channels of their own, surveys."""

import json
from typing import Any

import pytest

TICKET = {
    "id": 7,
    "status": "closed",
    "channel": "email",
    "from_agent": False,
    "customer": {"id": 3, "email": "a@x.org", "external_id": "S-3"},
    "assignee_user": {"id": 9, "email": "ana@shop.example"},
    "assignee_team": {"id": 2, "name": "Care"},
    "spam": False,
    "tags": [{"name": "returns"}],
    "created_datetime": "2025-03-01T09:00:00.966927",
    "opened_datetime": None,
    "last_received_message_datetime": "2025-03-01T12:00:00",
    "last_message_datetime": "2025-03-01T12:30:00",
    "updated_datetime": "2025-03-02T09:00:00",
    "closed_datetime": "2025-03-02T09:00:00",
    "trashed_datetime": None,
    "snooze_datetime": None,
}


def message(number: int, ours: bool, at: str, **told: Any) -> dict[str, Any]:
    return {
        "id": number,
        "from_agent": ours,
        "channel": "email",
        "public": True,
        "sent_datetime": f"2025-03-01T{at}:00",
        **told,
    }


def lines(*objects: dict[str, Any]) -> str:
    return "".join(json.dumps(each) + "\n" for each in objects)


def test_a_ticket_is_a_contact(map_text: Any) -> None:
    file = map_text(lines(TICKET), "gorgias")

    assert file.contacts(
        "source_contact_id", "channel", "direction", "status", "team", "topic_raw"
    ) == [("7", "email", "inbound", "closed", "Care", "returns")]
    assert {kind for (kind,) in file.identifiers("kind")} == {
        "source_customer_id",
        "external_id",
        "email",
    }


def test_messages_cut_a_ticket_by_channel(map_text: Any) -> None:
    messages = [
        message(1, False, "09:00"),
        message(2, True, "09:20"),
        message(3, True, "09:25", public=False, channel="internal-note"),
        message(4, False, "11:00", channel="whatsapp"),
        message(5, True, "11:01", channel="whatsapp"),
    ]
    file = map_text(lines({**TICKET, "messages": messages}), "gorgias")

    assert file.contacts("source_contact_id", "channel", "agent_messages") == [
        ("7", "email", 1),
        ("7#2", "messaging", 1),
    ]


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"status": "open"}, "open"),
        ({"status": "open", "snooze_datetime": "2025-04-01T00:00:00"}, "pending"),
        ({"status": "petrified"}, "unknown"),
    ],
)
def test_a_ticket_that_sleeps_waits(
    map_text: Any, told: dict[str, Any], status: str
) -> None:
    file = map_text(lines({**TICKET, "closed_datetime": None, **told}), "gorgias")

    assert file.contacts("status", "resolved") == [(status, None)]


@pytest.mark.parametrize(
    "told", [{"spam": True}, {"trashed_datetime": "2025-03-03T00:00:00"}]
)
def test_what_was_thrown_away_is_no_contact(map_text: Any, told: Any) -> None:
    assert map_text(lines({**TICKET, **told}), "gorgias").folded.contacts.is_empty()


def test_who_began_it(map_text: Any) -> None:
    file = map_text(lines({**TICKET, "from_agent": True}), "gorgias")

    assert file.contacts("direction") == [("outbound",)]


def test_an_answer_is_about_its_ticket(map_text: Any, together: Any) -> None:
    survey = {
        "id": 5,
        "ticket_id": 7,
        "customer_id": 3,
        "score": 4,
        "sent_datetime": "2025-03-02T10:00:00",
        "scored_datetime": "2025-03-02T11:00:00",
        "body_text": "Secret",
    }
    off = {**survey, "id": 6, "score": 9}
    tickets = map_text(lines(TICKET), "gorgias", part="tickets")
    answers = map_text(lines(survey, off), "gorgias", part="surveys")
    told = together(tickets, answers).surveys.sort("source_survey_id")

    assert told.select("score", "about_source", "about_id").rows() == [
        (4.0, "src", "7"),
        (None, "src", "7"),
    ]
    assert [(c, r) for _, c, r, _ in answers.rejects()] == [("score", "bad_number")]
