"""LiveChat: the zone in the header, people in numbered columns."""

from datetime import UTC, datetime
from typing import Any

import pytest

HEADER = (
    "chat creation date {0},chat start date {0},operator 1 nick,operator 2 nick,rate,"
    "chat duration in seconds,first response time,average response time,"
    "visitor country code,tag 1,tag 2\n"
)
ROW = "{at},{at},{one},{two},{rate},300,12,20,DE,returns,late\n"


def export(zone: str = "America/Moncton", **told: str) -> str:
    cells = {
        "at": "2025-03-01 09:00:00",
        "one": "ana@x.org",
        "two": "",
        "rate": "rated bad",
        **told,
    }
    return HEADER.format(zone) + ROW.format(**cells)


def test_the_header_places_the_times(map_text: Any) -> None:
    file = map_text(export(), "livechat")

    assert file.contacts(
        "started_at", "duration_seconds", "first_response_seconds", "topic_raw"
    ) == [(datetime(2025, 3, 1, 13, tzinfo=UTC), 300, 12, "returns")]


def test_a_header_in_utc_and_a_time_with_am_and_pm(map_text: Any) -> None:
    file = map_text(export("UTC", at="03/01/2025 01:00:00 PM"), "livechat")

    assert file.contacts("started_at") == [(datetime(2025, 3, 1, 13, tzinfo=UTC),)]


@pytest.mark.parametrize(
    ("one", "two", "told"),
    [
        ("ana@x.org", "", (1, 0, "handled")),
        ("ana@x.org", "bob@x.org", (2, 1, "handled")),
        ("", "", (0, 0, "missed")),
    ],
)
def test_more_than_one_person_is_a_hand_over(
    map_text: Any, one: str, two: str, told: tuple[int, int, str]
) -> None:
    file = map_text(export(one=one, two=two), "livechat")

    assert file.contacts("agents", "transfers", "disposition") == [told]


@pytest.mark.parametrize(
    ("rate", "score"), [("rated good", 1), ("rated bad", 0), ("not rated", None)]
)
def test_not_rated_is_no_answer(map_text: Any, rate: str, score: int | None) -> None:
    file = map_text(export(rate=rate), "livechat")
    told = file.folded.surveys

    assert told["score"].to_list() == ([] if score is None else [score])
    if score is not None:
        number = file.folded.contacts["source_contact_id"].item()
        assert told.select("about_id", "about_source").rows() == [(number, "src")]


def test_the_chats_number_holds_nobodys_name(map_text: Any) -> None:
    file = map_text(export(), "livechat")
    said = [str(cell) for row in file.folded.contacts.rows() for cell in row]

    assert not [cell for cell in said if "ana" in cell]
    keys = file.extracted.tables["contact_records"]["record_key"].to_list()
    assert not [key for key in keys if "ana" in key]
