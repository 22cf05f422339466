"""osTicket: quotes against formulas, times in the zone and locale of the agent."""

from datetime import UTC, datetime
from typing import Any

import pytest

HEADER = (
    '\ufeff"Ticket Number","Date Created","From Email",Priority,Department,'
    '"Help Topic",Source,"Current Status","Last Updated","Closed Date",'
    '"Agent Assigned","Team Assigned","Reopen Count"\n'
)


def export(**told: str) -> str:
    cells = {
        "number": "100",
        "made": "2025-03-01 10:00:00",
        "mail": "a@x.org",
        "via": "Web",
        "state": "Closed",
        "changed": "2025-03-02 10:00:00",
        "closed": "2025-03-02 10:00:00",
        "team": "",
        **told,
    }
    return (
        f"{HEADER}{cells['number']},{cells['made']},{cells['mail']},High,Care,Billing,"
        f"{cells['via']},{cells['state']},{cells['changed']},{cells['closed']},Ana,"
        f"{cells['team']},2\n"
    )


def test_a_ticket_is_a_contact(map_text: Any) -> None:
    file = map_text(export(), "osticket", settings={"tz": "Europe/Berlin"})

    assert file.contacts(
        "source_contact_id", "channel", "status", "reopens", "team", "topic_raw"
    ) == [("100", "web_form", "closed", 2, "Care", "Billing")]
    assert file.contacts("started_at", "resolution_seconds") == [
        (datetime(2025, 3, 1, 9, tzinfo=UTC), 86_400)
    ]


def test_the_locale_of_times_is_said_never_guessed(map_text: Any) -> None:
    told = {"made": "3/1/25 10:00 AM", "changed": "3/2/25 10:00 AM", "closed": ""}
    guessed = map_text(export(**told), "osticket")
    said = map_text(
        export(**told), "osticket", settings={"time_format": "%m/%d/%y %I:%M %p"}
    )

    assert guessed.folded.contacts.is_empty()
    assert ("Date Created", "bad_time") in [(c, r) for _, c, r, _ in guessed.rejects()]
    assert said.contacts("started_at") == [(datetime(2025, 3, 1, 10, tzinfo=UTC),)]


def test_a_quote_against_formulas_is_no_part_of_an_address(
    map_text: Any, pseudonym: Any
) -> None:
    file = map_text(export(mail="'+a@x.org", number="'-7"), "osticket")

    assert file.contacts("source_contact_id") == [("-7",)]
    assert file.identifiers("pseudonym") == [(pseudonym("email", "+a@x.org"),)]


@pytest.mark.parametrize(
    ("via", "channel"), [("Phone", "voice"), ("API", "other"), ("Pigeon", "unknown")]
)
def test_channels(map_text: Any, via: str, channel: str) -> None:
    assert map_text(export(via=via), "osticket").contacts("channel") == [(channel,)]


def test_a_status_of_ones_own_is_counted(map_text: Any) -> None:
    file = map_text(export(state="Waiting for Godot"), "osticket")

    assert file.contacts("status") == [("unknown",)]
    assert file.extracted.unmapped == {"status": 1}


def test_two_exports_tell_what_changed(map_text: Any, together: Any) -> None:
    early = map_text(
        export(state="Open", closed="", changed="2025-03-01 12:00:00"), "osticket"
    )
    late = map_text(export(team="Second line"), "osticket")
    for files in ((early, late), (late, early)):
        folded = together(*files)

        assert folded.contacts.select("status", "transfers").rows() == [("closed", 1)]
