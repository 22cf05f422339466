"""Zammad: business minutes, times in UTC that say so nowhere."""

from datetime import UTC, datetime
from typing import Any

import pytest

HEADER = (
    "#,Title,State,Priority,Group,Owner,Customer,Organization,Create Channel,Sender,"
    "Tags,Created At,Updated At,Closed At,Close Escalation At,Close In Min,"
    "First Response At,First Response In Min,Last Contact At\n"
)


def export(**told: str) -> str:
    cells = {
        "state": "closed",
        "via": "email",
        "sender": "Customer",
        "owner": "Ana",
        "person": "Bea <a@x.org>",
        **told,
    }
    return (
        f"{HEADER}31001,Secret title,{cells['state']},2 normal,Care,{cells['owner']},"
        f"{cells['person']},ACME,{cells['via']},{cells['sender']},returns,"
        "2025-03-01 10:00:00,2025-03-02 10:00:00,2025-03-02 10:00:00,,300,"
        "2025-03-01 12:00:00,45,2025-03-02 09:00:00\n"
    )


def test_a_ticket_is_a_contact(map_text: Any) -> None:
    file = map_text(export(), "zammad")

    assert file.contacts(
        "source_contact_id",
        "channel",
        "direction",
        "status",
        "first_response_seconds",
        "first_response_business_seconds",
        "resolution_seconds",
        "last_touch_at",
    ) == [
        (
            "31001",
            "email",
            "inbound",
            "closed",
            7_200,
            2_700,
            86_400,
            datetime(2025, 3, 2, 9, tzinfo=UTC),
        )
    ]


def test_no_title_and_no_name_is_kept(map_text: Any) -> None:
    file = map_text(export(), "zammad")
    said = [
        str(cell)
        for table in file.extracted.tables.values()
        for row in table.rows()
        for cell in row
    ]

    assert not [cell for cell in said if "Secret" in cell or "Bea" in cell]


@pytest.mark.parametrize(
    ("via", "sender", "told"),
    [
        ("phone", "Customer", ("voice", "inbound")),
        ("phone", "Agent", ("voice", "outbound")),
        ("whatsapp message", "Customer", ("messaging", "inbound")),
        ("twitter status", "Customer", ("social_public", "inbound")),
        ("note", "System", ("internal", "internal")),
        ("smoke", "Customer", ("unknown", "inbound")),
    ],
)
def test_who_began_it_where(
    map_text: Any, via: str, sender: str, told: tuple[str, str]
) -> None:
    file = map_text(export(via=via, sender=sender), "zammad")

    assert file.contacts("channel", "direction") == [told]


def test_a_dash_is_nobody(map_text: Any) -> None:
    file = map_text(export(owner="-", person="-"), "zammad")

    assert file.contacts("agent_id") == [(None,)]
    assert file.identifiers("kind") == [("account_id",)]


def test_a_merged_ticket_says_so(map_text: Any) -> None:
    file = map_text(export(state="merged"), "zammad")

    assert file.contacts("status") == [("merged",)]
