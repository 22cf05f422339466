"""Talkdesk: one word for the direction and the end of a call."""

import csv
import io
import json
from typing import Any

import pytest

CALL = {
    "call_id": "c1",
    "type": "inbound",
    "start_at": "2025-03-01T09:00:00Z",
    "end_at": "2025-03-01T09:10:00Z",
    "talkdesk_phone_number": "+4930901000",
    "contact_phone_number": "+4930901820",
    "handling_user_id": "u9",
    "user_id": "u8",
    "team_name": "Care",
    "ring_groups": "billing,care",
    "total_time": 600,
    "wait_time": 40,
    "talk_time": 500,
    "hold_time": 20,
    "abandon_time": "",
    "disposition_code": "Returns",
    "is_callback_from_queue": False,
}


def exported(form: str, told: dict[str, Any]) -> tuple[str, str]:
    if form == "calls":
        return json.dumps(told) + "\n", form
    text = io.StringIO()
    writer = csv.DictWriter(text, list(told))
    writer.writeheader()
    writer.writerow(told)
    return text.getvalue(), form


@pytest.mark.parametrize("form", ["calls", "calls_table"])
def test_a_call_is_a_contact(map_text: Any, pseudonym: Any, form: str) -> None:
    text, part = exported(form, CALL)
    file = map_text(text, "talkdesk", part=part)

    assert file.contacts(
        "source_contact_id",
        "channel",
        "direction",
        "queue_seconds",
        "talk_seconds",
        "hold_seconds",
        "duration_seconds",
        "team",
        "topic_raw",
    ) == [("c1", "voice", "inbound", 40, 500, 20, 600, "Care", "Returns")]
    assert file.identifiers("pseudonym") == [(pseudonym("phone", "+4930901820"),)]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("inbound", ("inbound", "handled", True)),
        ("outbound", ("outbound", "handled", True)),
        ("missed", ("inbound", "missed", False)),
        ("abandoned", ("inbound", "abandoned", False)),
        ("short_abandoned", ("inbound", "short_abandoned", False)),
        ("voicemail", ("inbound", "voicemail", False)),
        ("outbound_missed", ("outbound", "unanswered", False)),
        ("beamed", ("unknown", "unknown", None)),
    ],
)
def test_a_type_says_both(
    map_text: Any, kind: str, told: tuple[str, str, bool | None]
) -> None:
    text, part = exported("calls", {**CALL, "type": kind})
    file = map_text(text, "talkdesk", part=part)

    assert file.contacts("direction", "disposition", "served") == [told]


def test_an_abandoned_call_waited_until_it_was_given_up(map_text: Any) -> None:
    told = {**CALL, "type": "abandoned", "wait_time": None, "abandon_time": 75}
    text, part = exported("calls", told)

    assert map_text(text, "talkdesk", part=part).contacts("queue_seconds") == [(75,)]


def test_a_call_back_is_said_to_be_one(map_text: Any) -> None:
    text, part = exported("calls", {**CALL, "is_callback_from_queue": True})

    assert map_text(text, "talkdesk", part=part).contacts("channel") == [("callback",)]
