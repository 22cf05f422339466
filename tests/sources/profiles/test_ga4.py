"""GA4: every event a touchpoint, a visit that looked for help a contact."""

import csv
import json
from datetime import UTC, datetime
from typing import Any

import pytest

NINE = 1_740_819_600_000_000
"""2025-03-01 09:00 UTC, in microseconds."""


def event(name: str, minutes: int = 0, **told: Any) -> dict[str, Any]:
    page = told.pop("page", None)
    session = told.pop("session", 5)
    params = [
        {"key": "ga_session_id", "value": {"int_value": session}},
        {"key": "page_location", "value": {"string_value": page}},
    ]
    return {
        "event_date": "20250301",
        "event_timestamp": str(NINE + minutes * 60_000_000),
        "event_name": name,
        "user_pseudo_id": "b.1",
        "user_id": None,
        "stream_id": "3",
        "event_params": params,
        **told,
    }


def lines(*events: dict[str, Any]) -> str:
    return "".join(json.dumps(each) + "\n" for each in events)


HELP = "https://shop.example/help/returns?email=a@x.org#top"
VISIT = [
    event("page_view", 0, page="https://shop.example/"),
    event("page_view", 2, page=HELP, user_id="C-1"),
    event("contact_click", 7, page="https://shop.example/cart"),
    event("page_view", 60, page="https://shop.example/sale", session=6),
]


def test_every_event_is_a_touchpoint_and_pages_lose_their_query(
    map_text: Any, pseudonym: Any
) -> None:
    told = map_text(lines(*VISIT), "ga4").folded.touchpoints.sort("at")

    assert told["name"].to_list() == [each["event_name"] for each in VISIT]
    assert told["page"].to_list()[1] == "https://shop.example/help/returns"
    first, second = (pseudonym("number", f"b.1.{n}") for n in (5, 6))
    assert told["session_id"].to_list() == [first, first, first, second]


def test_a_visit_that_looked_for_help_is_one_contact(
    map_text: Any, pseudonym: Any
) -> None:
    file = map_text(lines(*VISIT), "ga4")

    assert file.contacts(
        "source_contact_id", "channel", "started_at", "ended_at", "served"
    ) == [
        (
            pseudonym("number", "b.1.5"),
            "self_service",
            datetime(2025, 3, 1, 9, 2, tzinfo=UTC),
            datetime(2025, 3, 1, 9, 7, tzinfo=UTC),
            None,
        )
    ]
    owners = file.folded.identifiers.filter(owner="contact")
    assert set(owners["kind"]) == {"anonymous_id", "external_id"}


@pytest.mark.parametrize(
    ("page", "name", "contacts"),
    [
        ("https://shop.example/sale?next=/help/", "page_view", 0),
        ("https://shop.example/helpful-tips", "page_view", 0),
        (None, "scroll", 0),
        (None, "chat_open", 1),
        ("https://shop.example/contact", "page_view", 1),
    ],
)
def test_only_the_path_of_a_page_tells_help(
    map_text: Any, page: str | None, name: str, contacts: int
) -> None:
    file = map_text(lines(event(name, page=page)), "ga4")

    assert file.folded.contacts.height == contacts
    assert file.folded.touchpoints.height == 1


def test_a_shop_says_what_its_help_pages_are(map_text: Any) -> None:
    german = event("page_view", page="https://laden.example/hilfe/retoure")
    settings = {"help_pages": "/hilfe/"}

    assert map_text(lines(german), "ga4").folded.contacts.is_empty()
    told = map_text(lines(german), "ga4", settings=settings)
    assert told.folded.contacts.height == 1


def test_without_a_session_there_is_no_visit(map_text: Any) -> None:
    loose = {**event("contact_click"), "event_params": []}
    file = map_text(lines(loose), "ga4")

    assert file.folded.contacts.is_empty()
    assert file.folded.touchpoints["session_id"].to_list() == [None]


def test_the_intraday_table_repeats_the_daily_one(map_text: Any, together: Any) -> None:
    once = map_text(lines(*VISIT), "ga4")
    again = map_text(lines(*VISIT[:2]), "ga4")

    assert together(once, again).touchpoints.height == len(VISIT)


def test_the_sample_of_the_warehouse(
    map_file: Any, shared: Any, pseudonym: Any
) -> None:
    path = shared("vendor/ga4/event_data.csv")
    with path.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    file = map_file(path, "ga4", part="event_table")
    told = file.folded.touchpoints.sort("source_touchpoint_id")

    assert told["source_touchpoint_id"].to_list() == [r["_fivetran_id"] for r in rows]
    assert told["name"].to_list() == [row["name"] for row in rows]
    assert [at.isoformat(" ", "seconds")[:19] for at in told["at"]] == [
        row["timestamp"] for row in rows
    ]
    assert set(told["session_id"]) == {
        pseudonym("number", f"{row['user_pseudo_id']}.{row['param_ga_session_id']}")
        for row in rows
    }
    assert file.folded.contacts.is_empty()
    assert file.rejects() == []


def test_the_table_finds_help_by_its_events(
    map_file: Any, shared: Any, pseudonym: Any
) -> None:
    path = shared("vendor/ga4/event_data.csv")
    with path.open(newline="") as opened:
        rows = [row for row in csv.DictReader(opened) if "checkout" in row["name"]]
    file = map_file(
        path, "ga4", part="event_table", settings={"help_events": "checkout"}
    )

    assert sorted(file.folded.contacts["source_contact_id"]) == sorted(
        pseudonym("number", f"{row['user_pseudo_id']}.{row['param_ga_session_id']}")
        for row in rows
    )


def test_no_browser_is_kept_in_clear(map_text: Any) -> None:
    file = map_text(lines(*VISIT), "ga4")
    said = [
        str(cell)
        for table in file.extracted.tables.values()
        for row in table.rows()
        for cell in row
    ]

    assert not [cell for cell in said if "b.1" in cell]
