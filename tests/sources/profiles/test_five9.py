"""Five9: lengths as hh:mm:ss, a row a leg, the customer by direction."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cxmap.sources.profile import load_profile

COLUMNS = (
    "CALL ID,TIMESTAMP,CAMPAIGN,CALL TYPE,AGENT,DISPOSITION,ANI,DNIS,CALL TIME,"
    "IVR TIME,QUEUE WAIT TIME,TALK TIME,HOLD TIME,AFTER CALL WORK TIME,TRANSFERS,"
    "ABANDONED,SESSION ID"
)
CALL = {
    "CALL ID": "1",
    "TIMESTAMP": '"Thu, 27 Feb 2025 14:51:34"',
    "CAMPAIGN": "Care",
    "CALL TYPE": "Inbound",
    "AGENT": "ana@example.org",
    "DISPOSITION": "Billing",
    "ANI": "4930901820",
    "DNIS": "4930901000",
    "CALL TIME": "00:10:00",
    "IVR TIME": "00:00:20",
    "QUEUE WAIT TIME": "00:01:00",
    "TALK TIME": "00:05:00",
    "HOLD TIME": "00:00:30",
    "AFTER CALL WORK TIME": "00:01:30",
    "TRANSFERS": "0",
    "ABANDONED": "0",
    "SESSION ID": "S1",
}


def export(*rows: dict[str, str]) -> str:
    lines = [",".join({**CALL, **row}[n] for n in COLUMNS.split(",")) for row in rows]
    return "\n".join([COLUMNS, *lines]) + "\n"


def test_a_call_in_seconds_and_in_the_zone_of_the_report(map_text: Any) -> None:
    file = map_text(export({}), "five9", settings={"tz": "America/New_York"})
    contacts = file.folded.contacts

    assert contacts.select(
        "source_contact_id",
        "queue_seconds",
        "ivr_seconds",
        "talk_seconds",
        "hold_seconds",
        "wrap_up_seconds",
        "duration_seconds",
        "disposition",
    ).rows() == [("S1", 60, 20, 300, 30, 90, 600, "handled")]
    assert contacts["started_at"].to_list() == [
        datetime(2025, 2, 27, 19, 51, 34, tzinfo=UTC)
    ]


def test_legs_add_up_and_third_parties_tell_nothing_new(map_text: Any) -> None:
    later = {"TIMESTAMP": '"Thu, 27 Feb 2025 14:57:34"', "TRANSFERS": "1"}
    rows = [
        {},
        {**later, "CALL ID": "2", "AGENT": "bob@example.org", "TALK TIME": "26:01:00"},
        {**later, "CALL ID": "3", "CALL TYPE": "3rd party transfer"},
        {**later, "CALL ID": "4", "CALL TYPE": "Internal", "SESSION ID": "S2"},
    ]
    file = map_text(export(*rows), "five9")

    assert file.contacts("source_contact_id", "talk_seconds", "transfers") == [
        ("S1", 300 + 26 * 3600 + 60, 1)
    ]
    assert file.extracted.accounting.filtered == 2


@pytest.mark.parametrize(
    ("told", "disposition", "served"),
    [
        ({"ABANDONED": "1", "AGENT": "[None]"}, "abandoned", False),
        (
            {"DISPOSITION": "Sent To Voicemail", "AGENT": "[None]"},
            "voicemail",
            False,
        ),
        (
            {
                "DISPOSITION": "No Answer",
                "CALL TYPE": "Autodial",
                "TALK TIME": "00:00:00",
            },
            "unanswered",
            False,
        ),
        ({"DISPOSITION": "No Disposition", "AGENT": "[None]"}, "unknown", None),
        ({}, "handled", True),
    ],
)
def test_how_a_call_ended(
    map_text: Any, told: dict[str, str], disposition: str, served: bool | None
) -> None:
    file = map_text(export(told), "five9")

    assert file.contacts("disposition", "served") == [(disposition, served)]


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("Inbound", "+4930901820"),
        ("Manual", "+4930901000"),
        ("Autodial", "+4930901000"),
        ("Queue Callback", "+4930901000"),
    ],
)
def test_the_customer_is_at_the_other_end(
    map_text: Any, pseudonym: Any, kind: str, number: str
) -> None:
    told = {"CALL TYPE": kind, "ANI": "+4930901820", "DNIS": "+4930901000"}
    file = map_text(export(told), "five9")

    assert file.identifiers("pseudonym") == [(pseudonym("phone", number),)]


def test_a_kind_that_nobody_knows_names_no_customer(map_text: Any) -> None:
    file = map_text(export({"CALL TYPE": "Teleport"}), "five9")

    assert file.contacts("direction") == [("unknown",)]
    assert file.identifiers("kind") == []


def test_the_header_of_the_sample_has_every_column(shared: Any) -> None:
    header = shared("vendor/_headers/five9_call_log.csv").read_text().strip().split(",")
    parts = load_profile("five9").parts or {}
    read = {parts["calls"].let.get(n, n) for n in parts["calls"].reads()}
    asked = {name for name in read if "$" not in name}

    assert asked - set(header) == {"AGENT GROUP", "SKILL"}
