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


UPDATES = (
    "#,State,Priority,Group,Owner,Customer,Create Channel,Sender,Created At,"
    "Updated At,Escalation At,Close Escalation At\n"
)


def updates(*told: tuple[str, str, str, str]) -> str:
    """Reports of one ticket: its state, priority, update and deadline of that hour."""
    return UPDATES + "".join(
        f"31001,{state},{priority},Care,Ana,Bea <a@x.org>,email,Customer,"
        f"2025-03-01 08:00:00,2025-03-01 {at}:00,{escalates},2025-03-01 12:00:00\n"
        for state, priority, at, escalates in told
    )


def test_a_clock_stopped_before_the_deadline_shows_in_later_reports(
    map_text: Any,
) -> None:
    nine = "2025-03-01 09:00:00"
    opened = ("open", "2 normal", "08:10", nine)
    stopped = ("pending reminder", "2 normal", "08:57", "-")
    moved = ("pending reminder", "2 normal", "08:57", "2025-03-02 09:00:00")

    def left(*told: tuple[str, str, str, str]) -> Any:
        file = map_text(updates(*told), "zammad")
        return file.contacts("pending_before_due_seconds", "pending_toggles")

    assert left(opened, stopped) == [(180, None)]
    assert left(opened, moved) == [(180, None)]
    assert left(("open", "2 normal", "08:10", "-"), stopped) == [(10_980, None)]
    assert left(stopped) == [(None, None)]
    assert left(opened, ("open", "2 normal", "08:57", nine)) == [(None, None)]


def test_reports_tell_whose_priority_was_raised(map_text: Any) -> None:
    def raised(*priorities: str) -> Any:
        told = [("open", one, f"09:{n:02}", "-") for n, one in enumerate(priorities)]
        return map_text(updates(*told), "zammad").contacts("escalations")

    assert raised("1 low", "2 normal", "3 high", "1 low") == [(2,)]
    assert raised("3 high", "1 low") == [(None,)]
    assert raised("2 normal") == [(None,)]
