"""Aircall: local times beside UTC ones, waiting that holds the menu."""

from datetime import UTC, datetime
from typing import Any

import pytest

NEW = (
    "line,datetime (tz offset incl.),number timezone,datetime (utc),direction,from,to,"
    "answered,missed_call_reason,user,duration (total),duration (in call),voicemail,"
    "tags,team,customer number,waiting time,time in ivr,call id (internal)\n"
)
OLD = (
    "line,date (TZ offset incl.),time (TZ offset incl.),datetime (tz offset incl.),"
    "direction,from,to,answered,missed_call_reason,user,duration (total),"
    "duration (in call),tags,Waiting time,Call id (internal),Team\n"
)
NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)


def row(
    *,
    way: str = "inbound",
    answered: str = "Yes",
    why: str = "",
    user: str = "Ana",
    utc: str = "2025-03-01 12:00:00.083",
    zone: str = "Australia/Melbourne",
    lengths: str = "530,486",
    voicemail: str = "",
    customer: str = "+49 30 901820",
    waited: str = "00:00:44,00:00:15",
) -> str:
    return (
        f"Care,2025-03-01 23:00:00,{zone},{utc},{way},4930901820,4930901000,{answered},"
        f"{why},{user},{lengths},{voicemail},Returns,Sales,{customer},{waited},7\n"
    )


def test_an_answered_call(map_text: Any) -> None:
    file = map_text(NEW + row(), "aircall")
    contacts = file.folded.contacts

    assert contacts.select(
        "started_at",
        "queue_seconds",
        "ivr_seconds",
        "talk_seconds",
        "duration_seconds",
        "disposition",
        "topic_raw",
        "team",
    ).rows() == [(NOON, 29, 15, 486, 530, "handled", "Returns", "Sales")]


def test_without_utc_the_lines_own_zone_places_the_time(map_text: Any) -> None:
    file = map_text(NEW + row(utc=""), "aircall", settings={"tz": "Europe/Berlin"})

    assert file.contacts("started_at", "tz_source") == [(NOON, "column")]


def test_an_older_export_is_in_the_zone_of_the_account(map_text: Any) -> None:
    text = OLD + (
        "Care,2025-03-01,13:00:00,2025-03-01 13:00:00,outbound,+4930901000,"
        "+4930901820,No,,Ana,20,0,,20,8,Sales\n"
    )
    file = map_text(text, "aircall", settings={"tz": "Europe/Berlin"})

    assert file.contacts("started_at", "direction", "disposition", "queue_seconds") == [
        (NOON, "outbound", "unanswered", None)
    ]


@pytest.mark.parametrize(
    ("why", "disposition"),
    [
        ("short_abandoned", "short_abandoned"),
        ("abandoned_in_ivr", "abandoned"),
        ("abandoned_in_classic", "abandoned"),
        ("out_of_opening_hours", "missed"),
        ("no_available_agent", "missed"),
        ("agents_did_not_answer", "missed"),
        ("struck_by_lightning", "unknown"),
    ],
)
def test_why_nobody_answered(map_text: Any, why: str, disposition: str) -> None:
    told = row(answered="No", why=why, user="[No associated user]", lengths="217,")
    file = map_text(NEW + told, "aircall")

    assert file.contacts("disposition", "agent_id", "queue_seconds") == [
        (disposition, None, 29)
    ]


@pytest.mark.parametrize("way", ["inbound", "outbound"])
def test_a_number_without_its_plus_is_the_same_person(
    map_text: Any, pseudonym: Any, way: str
) -> None:
    wanted = "+4930901820" if way == "inbound" else "+4930901000"
    bare = map_text(NEW + row(way=way, customer=""), "aircall")
    named = map_text(NEW + row(way=way), "aircall")

    assert bare.identifiers("pseudonym") == [(pseudonym("phone", wanted),)]
    assert named.identifiers("pseudonym") == [(pseudonym("phone", "+4930901820"),)]


def test_a_call_exported_twice_is_one(map_text: Any, together: Any) -> None:
    files = [map_text(NEW + row() * n, "aircall") for n in (1, 2)]

    assert together(*files).contacts.height == 1
