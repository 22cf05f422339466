"""Every quirk that real exports have is in the sample exports."""

import re
from collections import defaultdict
from typing import Any

from cxmap.demo.world import World

Row = dict[str, Any]
E164 = re.compile(r"\+\d{8,15}")


def test_the_queue_log_is_cut_within_a_call(world: World) -> None:
    folder = world.folder / "callcenter"
    last = (folder / "queue_log.1").read_text().splitlines()[-1].split("|")
    first = (folder / "queue_log").read_text().splitlines()[0].split("|")

    assert last[1] == first[1]


def test_the_queue_log_is_in_order(queue_events: list[list[str]]) -> None:
    times = [int(event[0]) for event in queue_events]

    assert times == sorted(times)


def test_the_queue_log_holds_every_kind_of_end(queue_events: list[list[str]]) -> None:
    kinds = {event[4] for event in queue_events}

    assert {
        "ABANDON",
        "COMPLETEAGENT",
        "COMPLETECALLER",
        "BLINDTRANSFER",
        "EXITWITHTIMEOUT",
        "EXITWITHKEY",
        "RINGNOANSWER",
    } <= kinds


def test_tickets_that_come_twice_were_changed_in_between(tickets: list[Row]) -> None:
    versions = defaultdict(list)
    for ticket in tickets:
        versions[ticket["id"]].append(ticket)
    twice = [both for both in versions.values() if len(both) > 1]

    assert twice
    for earlier, later in twice:
        assert earlier["updated_at"] < later["updated_at"]
        assert earlier["status"] == "new"
        assert later["status"] != "new"


def test_follow_ups_name_a_ticket_that_is_there(tickets: list[Row]) -> None:
    numbers = {ticket["id"] for ticket in tickets}
    named = [
        ticket["via_followup_source_id"]
        for ticket in tickets
        if "via_followup_source_id" in ticket
    ]

    assert named
    assert set(named) <= numbers


def test_voicemails_come_from_requesters_called_caller(users: list[Row]) -> None:
    names = {user["name"] for user in users if not user["email"]}

    assert names
    assert all(re.fullmatch(r"Caller \+49 [\d ]+", name) for name in names)


def test_every_month_of_calls_has_its_own_file(world: World) -> None:
    names = sorted(path.name for path in (world.folder / "connect").iterdir())

    assert names == [
        "contact_records-2026-01.ndjson",
        "contact_records-2026-02.ndjson.gz",
        "contact_records-2026-03.json",
        "contact_records-2026-04.ndjson",
        "contact_records-2026-05.ndjson",
        "contact_records-2026-06.ndjson",
    ]
    assert b"\n" not in (world.folder / "connect" / names[2]).read_bytes()


def test_calls_that_come_twice_come_later_and_changed(calls: list[Row]) -> None:
    versions = defaultdict(list)
    for record in calls:
        versions[record["ContactId"]].append(record)
    twice = [both for both in versions.values() if len(both) > 1]

    assert twice
    for earlier, later in twice:
        assert earlier["LastUpdateTimestamp"] < later["LastUpdateTimestamp"]
        assert earlier["Attributes"] != later["Attributes"]


def test_every_transferred_leg_names_its_neighbours(calls: list[Row]) -> None:
    records = {row["ContactId"]: row for row in calls}
    legs = [r for r in records.values() if r["InitiationMethod"] == "TRANSFER"]

    assert legs
    for leg in legs:
        before = records[leg["PreviousContactId"]]
        assert before["NextContactId"] == leg["ContactId"]
        assert before["DisconnectTimestamp"] == leg["InitiationTimestamp"]
        assert before["Agent"]["Username"] != leg["Agent"]["Username"]


def test_survey_flows_after_a_call_hold_no_agent(calls: list[Row]) -> None:
    flows = [row for row in calls if row["InitiationMethod"] == "DISCONNECT"]

    assert flows
    assert all(row["Agent"] is None and row["PreviousContactId"] for row in flows)


def test_visits_are_not_utf_8(world: World, visits: list[Row]) -> None:
    text = (world.folder / "branches/visits.csv").read_bytes()

    assert "Kündigung".encode("cp1252") in text
    assert "Kündigung".encode() not in text


def test_nobody_real_is_in_it(world: World) -> None:
    """Addresses end in .test; numbers lie in ranges nobody is reached under."""
    for person in world.reality.people:
        mailboxes = [*person.emails, person.role_mailbox or "none@none.test"]
        lines = filter(None, (person.mobile, person.landline, person.switchboard))

        assert all(mailbox.endswith(".test") for mailbox in mailboxes)
        assert all(mailbox.isascii() for mailbox in mailboxes)
        for line in lines:
            assert E164.fullmatch(line)
            assert line.startswith(("+49154", "+496990009"))
