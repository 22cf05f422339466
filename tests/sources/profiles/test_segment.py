"""Segment: calls as touchpoints, identify and alias as evidence of who is who."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest


def call(number: int, kind: str, minute: int = 0, **told: Any) -> dict[str, Any]:
    return {
        "messageId": f"m{number}",
        "type": kind,
        "anonymousId": "b1",
        "userId": None,
        "timestamp": f"2025-03-01T09:{minute:02}:00.000Z",
        "originalTimestamp": "2031-03-01T09:00:00.000Z",
        **told,
    }


def lines(*calls: dict[str, Any]) -> str:
    return "".join(json.dumps(each) + "\n" for each in calls)


HELP = {"url": "https://shop.example/help/returns?email=a@x.org"}
CALLS = [
    call(1, "page", 0, name="Home", properties={"url": "https://shop.example/"}),
    call(2, "page", 2, name="Help", properties=HELP),
    call(3, "track", 5, event="Contact Clicked"),
    call(4, "identify", 6, userId="C-1", traits={"email": "a@x.org"}),
]


def test_calls_are_touchpoints_by_the_time_that_is_right(map_text: Any) -> None:
    told = map_text(lines(*CALLS), "segment").folded.touchpoints.sort("at")

    assert told["name"].to_list() == ["Home", "Help", "Contact Clicked", "identify"]
    assert told["page"].to_list()[1] == "https://shop.example/help/returns"
    assert told["at"].to_list()[3] == datetime(2025, 3, 1, 9, 6, tzinfo=UTC)


def test_a_call_delivered_twice_counts_once(map_text: Any, together: Any) -> None:
    once = map_text(lines(*CALLS), "segment")
    again = map_text(lines(*CALLS[:2], *CALLS[:2]), "segment")

    assert again.extracted.accounting.duplicates == 2
    assert together(once, again).touchpoints.height == len(CALLS)


def test_a_day_that_looked_for_help_is_one_contact(
    map_text: Any, pseudonym: Any
) -> None:
    file = map_text(lines(*CALLS), "segment")

    assert file.contacts("source_contact_id", "channel", "started_at", "ended_at") == [
        (
            pseudonym("number", "b1.2025-03-01"),
            "self_service",
            datetime(2025, 3, 1, 9, 2, tzinfo=UTC),
            datetime(2025, 3, 1, 9, 5, tzinfo=UTC),
        )
    ]


def test_a_visit_is_told_by_its_number_where_there_is_one(
    map_text: Any, pseudonym: Any
) -> None:
    calls = [
        call(1, "track", 1, event="Help Searched", context={"sessionId": 7}),
        call(2, "track", 2, event="Help Searched", context={"sessionId": 8}),
    ]
    file = map_text(lines(*calls), "segment")

    assert set(file.contacts("source_contact_id")) == {
        (pseudonym("number", f"b1.{n}"),) for n in (7, 8)
    }


@pytest.mark.parametrize(
    "told",
    [
        {"type": "identify", "event": "Help Searched"},
        {"type": "track", "event": "Order Completed"},
        {"type": "track", "event": "Help Searched", "anonymousId": None},
        {"type": "page", "properties": {"url": "https://shop.example/?p=/help/"}},
    ],
)
def test_what_is_no_search_for_help_is_no_contact(
    map_text: Any, told: dict[str, Any]
) -> None:
    file = map_text(lines({**call(1, "track"), **told}), "segment")

    assert file.folded.contacts.is_empty()
    assert file.folded.touchpoints.height == 1


def test_identify_and_alias_say_who_is_who(map_text: Any, pseudonym: Any) -> None:
    alias = call(5, "alias", 7, anonymousId=None, previousId="C-0", userId="C-1")
    file = map_text(lines(*CALLS, alias), "segment")
    links = file.extracted.tables["identity_link_records"]

    assert links.select("pseudonym", "to_pseudonym").rows() == [
        (pseudonym("external_id", "C-0"), pseudonym("external_id", "C-1"))
    ]
    identified = file.folded.identifiers.filter(owner_id="m4")
    assert set(identified["kind"]) == {"anonymous_id", "external_id", "email"}


def test_no_other_call_links_identities(map_text: Any) -> None:
    told: dict[str, Any] = {"previousId": "C-0", "userId": "C-1"}
    file = map_text(lines(call(1, "track", event="x", **told)), "segment")

    assert file.extracted.tables["identity_link_records"].is_empty()
