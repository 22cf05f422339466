"""OTRS and Znuny: the type of a state, minutes of the calendar, a login."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cxmap.errors import ConfigError

HEADER = (
    "Number;Ticket#;Created;Last Changed;Close Time;Queue;State;Priority;"
    "Customer User;Customer ID;Service;Agent/Owner;FirstResponseInMin;StateType\n"
)


def export(**told: str) -> str:
    cells = {"kind": "closed", "login": "a@x.org", "closed": "2025-03-02 10:00:00"}
    cells |= told
    return (
        f"{HEADER}1;2025030110000017;2025-03-01 10:00:00;2025-03-02 10:00:00;"
        f"{cells['closed']};Care::Billing;closed successful;3 normal;{cells['login']};"
        f"ACME;Invoices;ana;90;{cells['kind']}\n"
    )


def test_a_ticket_is_a_contact_of_the_channel_that_was_said(map_text: Any) -> None:
    file = map_text(
        export(), "otrs", settings={"tz": "Europe/Berlin", "channel": "web_form"}
    )

    assert file.contacts(
        "source_contact_id",
        "channel",
        "status",
        "team",
        "topic_raw",
        "first_response_business_seconds",
        "first_response_seconds",
        "resolution_seconds",
    ) == [
        (
            "2025030110000017",
            "web_form",
            "closed",
            "Care::Billing",
            "Invoices",
            5_400,
            None,
            86_400,
        )
    ]
    assert file.contacts("started_at") == [(datetime(2025, 3, 1, 9, tzinfo=UTC),)]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("new", "new"),
        ("open", "open"),
        ("pending reminder", "pending"),
        ("pending auto", "pending"),
        ("merged", "merged"),
        ("haunted", "unknown"),
    ],
)
def test_the_type_beneath_a_state_is_read(
    map_text: Any, kind: str, status: str
) -> None:
    file = map_text(export(kind=kind, closed=""), "otrs")

    assert file.contacts("status", "resolved_at") == [(status, None)]


def test_a_removed_ticket_is_gone(map_text: Any) -> None:
    assert map_text(export(kind="removed"), "otrs").folded.contacts.is_empty()


@pytest.mark.parametrize(
    ("login", "kinds"),
    [
        ("a@x.org", {"email", "source_customer_id", "account_id"}),
        ("ana", {"source_customer_id", "account_id"}),
        ("", {"account_id"}),
    ],
)
def test_a_login_may_be_an_address(map_text: Any, login: str, kinds: set[str]) -> None:
    file = map_text(export(login=login), "otrs")

    assert {kind for (kind,) in file.identifiers("kind")} == kinds


def test_a_word_that_is_no_channel_is_refused(map_text: Any) -> None:
    with pytest.raises(ConfigError, match="pigeon"):
        map_text(export(), "otrs", settings={"channel": "pigeon"})
