"""Zendesk's tickets, metrics, users and groups, and its CSV."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TICKET = {
    "id": 1,
    "created_at": "2025-03-01T09:00:00Z",
    "updated_at": "2025-03-01T10:00:00Z",
    "via": {"channel": "email", "source": {"rel": None, "from": {}, "to": {}}},
    "status": "open",
    "requester_id": 42,
    "submitter_id": 42,
    "group_id": 7,
    "tags": [],
    "satisfaction_rating": {"score": "unoffered"},
    "custom_fields": [{"id": 360, "value": "billing"}],
}
METRICS = {
    "id": 900,
    "ticket_id": 1,
    "updated_at": "2025-03-01T10:00:00Z",
    "reply_time_in_minutes": {"calendar": 30, "business": 12},
    "full_resolution_time_in_minutes": {"calendar": None, "business": None},
    "assignee_stations": 3,
    "reopens": 1,
    "replies": 2,
}


def lines(*objects: dict[str, Any]) -> str:
    return "".join(json.dumps(each) + "\n" for each in objects)


def ticket(**changed: Any) -> dict[str, Any]:
    return {**TICKET, **changed}


def via(channel: object, rel: str | None = None, **ends: Any) -> dict[str, Any]:
    source = {"rel": rel, "from": ends.get("from_", {}), "to": ends.get("to", {})}
    return {"channel": channel, "source": source}


@pytest.fixture
def tickets(map_text: Any) -> Callable[..., Any]:
    return lambda *objects, **told: map_text(
        lines(*objects), "zendesk_tickets", part="tickets", **told
    )


def test_the_samples_bring_three_tickets_and_no_rejects(
    map_file: Any, shared: Any, together: Any
) -> None:
    tickets = map_file(
        shared("vendor/zendesk_json/tickets.ndjson"), "zendesk_tickets", part="tickets"
    )
    metrics = map_file(
        shared("vendor/zendesk_json/ticket_metrics.ndjson"),
        "zendesk_tickets",
        part="ticket_metrics",
    )
    folded = together(metrics, tickets)

    assert tickets.contacts("source_contact_id", "channel", "direction", "status") == [
        ("145", "voicemail", "inbound", "new"),
        ("146", "web_form", "inbound", "open"),
        ("147", "unknown", "inbound", "new"),
    ]
    assert tickets.extracted.accounting.filtered == 1
    assert [*tickets.rejects(), *metrics.rejects()] == []
    assert folded.references.select("source_contact_id", "kind", "to_id").rows() == [
        ("147", "follow_up_of", "1")
    ]
    # Metrics of tickets that are not there begin no contact.
    assert (folded.contacts.height, folded.unstarted) == (3, 2)


def test_metrics_are_minutes_and_calendar_is_not_business(
    tickets: Any, map_text: Any, together: Any
) -> None:
    metrics = map_text(lines(METRICS), "zendesk_tickets", part="ticket_metrics")
    contact = together(metrics, tickets(TICKET)).contacts.row(0, named=True)

    assert contact["first_response_seconds"] == 30 * 60
    assert contact["first_response_business_seconds"] == 12 * 60
    assert contact["resolution_seconds"] is None
    assert (contact["transfers"], contact["agents"], contact["reopens"]) == (2, 3, 1)
    assert contact["served"] is True


def test_an_agent_who_logs_a_call_makes_no_outbound_contact(tickets: Any) -> None:
    file = tickets(ticket(submitter_id=99, via=via("web")))

    assert file.contacts("direction", "inbound") == [("inbound", True)]


def test_an_outbound_call_is_one_and_its_customer_is_the_called(
    tickets: Any, pseudonym: Any
) -> None:
    ends = {"from_": {"phone": "+12059531462"}, "to": {"phone": "+12346018567"}}
    file = tickets(ticket(via=via("voice", "outbound", **ends)))

    assert file.contacts("direction", "inbound") == [("outbound", False)]
    assert ("phone", pseudonym("phone", "+12346018567")) in file.identifiers(
        "kind", "pseudonym"
    )
    assert pseudonym("phone", "+12059531462") not in str(file.identifiers("pseudonym"))


@pytest.mark.parametrize(
    ("channel", "expected"),
    [("4", "email"), (4, "email"), (0, "web_form"), ("mail", "email"), (34, "voice")],
)
def test_channels_come_as_numbers_and_as_words(
    tickets: Any, channel: object, expected: str
) -> None:
    assert tickets(ticket(via=via(channel))).contacts("channel") == [(expected,)]


def test_an_unknown_channel_is_counted_and_kept_as_it_was(tickets: Any) -> None:
    file = tickets(ticket(via=via("carrier_pigeon")))

    assert file.contacts("channel", "channel_raw") == [("unknown", "carrier_pigeon")]
    assert file.extracted.unmapped == {"channel": 1}


@pytest.mark.parametrize(
    "channel",
    ["sample_ticket", "rule", "monitor_event", "import", "batch", "merge", 19],
)
def test_tickets_no_customer_wrote_are_filtered(tickets: Any, channel: object) -> None:
    file = tickets(ticket(via=via(channel)))

    assert file.extracted.accounting.filtered == 1
    assert file.contacts("contact_id") == []


def test_a_deletion_that_comes_later_takes_the_ticket_away(
    tickets: Any, together: Any
) -> None:
    deleted = ticket(status="deleted", updated_at="2025-03-02T00:00:00Z")
    for files in ((TICKET, deleted), (deleted, TICKET)):
        folded = together(*(tickets(each) for each in files))

        assert (folded.contacts.height, folded.dropped) == (0, 1)


def test_a_merged_ticket_is_neither_resolved_nor_lost(tickets: Any) -> None:
    file = tickets(ticket(status="closed", tags=["closed_by_merge"]))

    assert file.contacts("status", "disposition", "resolved") == [
        ("merged", "merged", None)
    ]


def test_satisfaction_is_of_two_points_and_an_offer_is_no_answer(tickets: Any) -> None:
    scores = ("good", "bad_with_comment", "offered", "unoffered")
    file = tickets(
        *(
            ticket(id=number, satisfaction_rating={"score": score})
            for number, score in enumerate(scores)
        )
    )
    surveys = file.folded.surveys.sort("about_id")

    assert surveys.select("about_source", "about_id", "score", "scale_max").rows() == [
        ("src", "0", 1.0, 1.0),
        ("src", "1", 0.0, 1.0),
        ("src", "2", None, 1.0),
    ]
    assert file.extracted.unmapped == {}


def test_groups_that_come_later_name_the_team(
    tickets: Any, map_text: Any, together: Any
) -> None:
    groups = map_text(
        lines({"id": 7, "name": "Billing", "default": False, "deleted": False}),
        "zendesk_tickets",
        part="groups",
    )

    assert tickets(TICKET).contacts("team") == [("7",)]
    assert together(tickets(TICKET), groups).contacts["team"].to_list() == ["Billing"]


def test_users_bring_their_addresses_and_agents_do_not(
    map_text: Any, pseudonym: Any
) -> None:
    user = {"id": 42, "role": "end-user", "email": "Ana@Example.org", "phone": "x"}
    file = map_text(
        lines({**user, "external_id": "C-9"}, {**user, "id": 43, "role": "agent"}),
        "zendesk_tickets",
        part="users",
    )

    assert file.identifiers("owner", "kind", "pseudonym", "flag") == [
        ("customer", "email", pseudonym("email", "ana@example.org"), None),
        ("customer", "external_id", pseudonym("external_id", "C-9"), None),
        ("customer", "phone", pseudonym("phone", "x"), "malformed"),
        ("customer", "source_customer_id", pseudonym("source_customer_id", "42"), None),
    ]
    # Agents are known by their number, so that comments can tell who wrote them.
    assert file.extracted.tables["name_records"].select("key", "name").sort(
        "name"
    ).rows() == [
        (pseudonym("agent", "42"), "customer"),
        (pseudonym("agent", "43"), "human"),
    ]
    # The customer's number is nowhere in the clear.
    assert file.folded.customers["record_key"].to_list() == [
        pseudonym("source_customer_id", "42")
    ]


def test_a_custom_field_is_a_setting(tickets: Any) -> None:
    path = "custom_fields[?id==`360`].value | [0]"

    assert tickets(TICKET, settings={"topic": path}).contacts("topic_raw") == [
        ("billing",)
    ]
    assert tickets(TICKET).contacts("topic_raw") == [(None,)]


def test_rows_without_a_key_or_a_start_are_rejected_whole(tickets: Any) -> None:
    file = tickets(ticket(id=None), ticket(id=2, created_at="yesterday"), ticket(id=3))

    assert file.rejects() == [
        (1, "id", "missing_key", True),
        (2, "created_at", "bad_time", True),
    ]
    assert file.contacts("source_contact_id") == [("3",)]


CSV = (
    "Id,Requester,Requester id,Requester email,Submitter,Assignee,Group,Status,Via,"
    "Created at,Updated at,Solved at,Satisfaction Score,Assignee stations,Reopens,"
    "First reply time in minutes,First reply time in minutes within business hours\n"
)


def test_the_csv_keeps_the_requesters_address_and_a_dash_is_nothing(
    map_text: Any, pseudonym: Any
) -> None:
    file = map_text(
        CSV
        + "7,Caller +1 (234) 601-8567,42,-,Ana,Bob,Tier 1,Solved,Phone call (inbound),"
        "2025-03-01 10:00,2025-03-02 10:00,2025-03-01 12:00,Good,1,0,30,-\n",
        "zendesk_csv",
        settings={"tz": "Europe/Berlin"},
        region="US",
    )

    assert file.contacts(
        "channel", "team", "status", "transfers", "first_response_seconds", "resolved"
    ) == [("voice", "Tier 1", "solved", 0, 1800, True)]
    assert file.contacts("started_at")[0][0].hour == 9
    assert file.contacts("first_response_business_seconds") == [(None,)]
    assert ("phone", pseudonym("phone", "+12346018567")) in file.identifiers(
        "kind", "pseudonym"
    )
    assert file.rejects() == []


def test_the_vendors_own_header_is_all_known(map_file: Any, shared: Any) -> None:
    header: Path = shared("vendor/_headers/zendesk_csv_export.csv")

    assert map_file(header, "zendesk_csv").extracted.accounting.records == 0
