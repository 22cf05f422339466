"""What ingest says of each source, against counts made by plain Python."""

import csv
import json
import shutil
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from cxmap.config import load_config
from cxmap.importreport import ImportReport, SourceReport

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_data"
HEAD = "source_contact_id,channel,direction,started_at,status,case_id,external_id"
Report = Callable[..., ImportReport]


@pytest.fixture(scope="module")
def sample(
    tmp_path_factory: pytest.TempPathFactory, ingesting: Report
) -> dict[str, SourceReport]:
    folder = tmp_path_factory.mktemp("sample")
    shutil.copytree(SAMPLE, folder, dirs_exist_ok=True)
    report = ingesting(folder, load_config(folder / "cxmap.yaml"), [])
    return {source.source: source for source in report.sources}


def rows(path: str, encoding: str = "utf-8") -> list[dict[str, str]]:
    """The rows of a sample's CSV, one for each contact or answer."""
    with (SAMPLE / path).open(encoding=encoding, newline="") as file:
        dialect = "excel" if "," in file.readline() else "semicolon"
        file.seek(0)
        csv.register_dialect("semicolon", delimiter=";")
        every = list(csv.DictReader(file, dialect=dialect))
    key = next(iter(every[0]))
    return list({row[key]: row for row in every}.values())


def share(part: Iterable[object]) -> float:
    told = [bool(one) for one in part]
    return sum(told) / len(told)


def first_and_last(
    starts: Iterable[str], zone: Any = None
) -> tuple[datetime, datetime]:
    read = [datetime.fromisoformat(start) for start in starts]
    placed = [one if one.tzinfo else one.replace(tzinfo=zone) for one in read]
    return min(placed).astimezone(UTC), max(placed).astimezone(UTC)


def topics(source: str) -> set[str]:
    config = yaml.safe_load((SAMPLE / "cxmap.yaml").read_text("utf-8"))
    return {word for node in config["topics"].values() for word in node.get(source, ())}


def test_the_bots_figures_are_those_of_its_file(
    sample: dict[str, SourceReport],
) -> None:
    sessions = rows("bot/bot_sessions.csv")
    bot, known = sample["bot"], topics("bot")

    assert (bot.contacts, bot.inbound) == (len(sessions), len(sessions))
    assert bot.comparable_topic == share(r["topic"] in known for r in sessions)
    assert bot.ended == share(row["ended_at"] for row in sessions)
    assert (bot.agent, bot.team) == (0, 0)
    assert (bot.since, bot.until) == first_and_last(r["started_at"] for r in sessions)
    assert bot.zones == {"offset": len(sessions)}
    assert bot.unmapped.get("topic", 0) == sum(
        bool(row["topic"]) and row["topic"] not in known for row in sessions
    )


def test_the_branches_figures_are_those_of_their_file(
    sample: dict[str, SourceReport],
) -> None:
    visits = rows("branches/visits.csv", "cp1252")
    branches = sample["branches"]
    zone = ZoneInfo("Europe/Berlin")

    assert branches.contacts == len(visits)
    assert branches.agent == share(row["agent_id"] for row in visits)
    assert branches.team == share(row["team"] for row in visits)
    assert branches.identified == share(r["external_id"] or r["phone"] for r in visits)
    assert branches.zones == {"profile": len(visits)}
    assert (branches.since, branches.until) == first_and_last(
        (row["started_at"] for row in visits), zone
    )


def test_contacts_and_answers_are_as_many_as_there_are(
    sample: dict[str, SourceReport],
) -> None:
    with (SAMPLE / "truth" / "contacts.csv").open(encoding="utf-8", newline="") as file:
        truth = [row["source"] for row in csv.DictReader(file)]
    answered = [row for row in rows("surveys/surveys.csv") if row["score"]]

    for name in ("bot", "branches", "callcenter", "connect", "zendesk"):
        assert sample[name].contacts == truth.count(name)
    assert (sample["surveys"].contacts, sample["surveys"].answers) == (0, len(answered))
    assert sample["surveys"].days is None


def test_tickets_with_an_assignee_are_those_with_an_agent(
    sample: dict[str, SourceReport],
) -> None:
    lines = (SAMPLE / "zendesk" / "tickets.ndjson").read_text("utf-8").splitlines()
    latest: dict[int, dict[str, Any]] = {}
    for ticket in map(json.loads, lines):
        before = latest.get(ticket["id"])
        if before is None or before["updated_at"] <= ticket["updated_at"]:
            latest[ticket["id"]] = ticket
    held = [one for one in latest.values() if one["via"]["channel"] != "sample_ticket"]

    assert sample["zendesk"].contacts == len(held)
    assert sample["zendesk"].agent == pytest.approx(
        share(ticket["assignee_id"] for ticket in held)
    )


def generic(*contacts: str) -> dict[str, str]:
    return {"desk.csv": "\n".join([HEAD, *contacts]) + "\n"}


def only(report: ImportReport) -> SourceReport:
    (source,) = report.sources
    return source


def test_outbound_contacts_are_held_and_the_shares_are_of_inbound_ones(
    report_on: Report,
) -> None:
    source = only(
        report_on(
            generic(
                "1,voice,inbound,2026-03-01T10:00:00Z,,,LF-1",
                "2,voice,outbound,2026-03-02T10:00:00Z,,,",
                "3,voice,unknown,2026-03-03T10:00:00Z,,,",
            )
        )
    )

    assert (source.contacts, source.inbound, source.identified) == (3, 2, 0.5)


def test_what_is_no_contact_is_counted_by_reason_and_named(report_on: Report) -> None:
    source = only(
        report_on(
            generic(
                "1,email,inbound,2026-03-01T10:00:00Z,open,,LF-1",
                "2,email,inbound,2026-03-01T10:00:00Z,deleted,,LF-2",
                "3,email,inbound,2026-08-02T10:00:00Z,open,,LF-3",
            )
        )
    )

    assert source.contacts == 1
    assert source.left_out == {"deleted": 1, "not_yet": 1}
    assert source.contact_ids == {
        "deleted": ("generic_contacts:2",),
        "not_yet": ("generic_contacts:3",),
    }


def test_a_call_without_a_beginning_is_told(report_on: Report) -> None:
    lines = "1366720340|1366720330.1|Q|SIP/1|RINGNOANSWER|1000\n"
    source = only(report_on({"queue_log": lines}))

    assert (source.contacts, source.left_out) == (0, {"no_start": 1})
    assert source.contact_ids["no_start"] == ("asterisk_queue_log:1366720330.1",)
    assert source.days is None


def test_where_every_record_is_a_contact_nothing_is_apart(report_on: Report) -> None:
    source = only(
        report_on(generic("1,email,inbound,2026-03-01T10:00:00Z,open,A,LF-1"))
    )

    assert (source.left_out, source.conflicts, source.contact_ids) == ({}, 0, {})


@pytest.mark.parametrize(("second", "conflicts"), [("LF-2", 2), ("LF-1", 0), ("", 0)])
def test_a_case_in_which_two_customers_meet_is_a_conflict(
    report_on: Report, second: str, conflicts: int
) -> None:
    source = only(
        report_on(
            generic(
                "1,email,inbound,2026-03-01T10:00:00Z,open,A7,LF-1",
                f"2,voice,inbound,2026-03-02T10:00:00Z,,A7,{second}",
                "3,voice,inbound,2026-03-02T10:00:00Z,,A8,LF-3",
            )
        )
    )

    assert source.conflicts == conflicts
    assert source.contact_ids.get("conflicts", ()) == (
        ("generic_contacts:1", "generic_contacts:2") if conflicts else ()
    )


@pytest.mark.parametrize(
    ("start", "config", "zones", "precision"),
    [
        ("2026-03-01T10:00:00Z", "{}", {"utc": 1}, {}),
        ("2026-03-01T10:00:00+02:00", "{}", {"offset": 1}, {}),
        ("2026-03-01 10:00:00", None, {"assumed": 1}, {}),
        ("2026-03-01 10:00:00", "timezone: Europe/Berlin\n", {"config": 1}, {}),
        ("2026-03-01 10:00", "timezone: UTC\n", {"config": 1}, {"minute": 1}),
        ("2026-03-01", "timezone: UTC\n", {"config": 1}, {"day": 1}),
    ],
)
def test_how_the_zone_was_known_and_how_fine_the_times_are(
    report_on: Report,
    start: str,
    config: str | None,
    zones: dict[str, int],
    precision: dict[str, int],
) -> None:
    source = only(report_on(generic(f"1,voice,inbound,{start},,,LF-1"), config))

    assert (source.zones, source.precision) == (zones, precision)


def test_words_that_no_profile_maps_are_counted_and_never_shown(
    report_on: Report,
) -> None:
    report = report_on(
        generic(
            "1,pigeon,inbound,2026-03-01T10:00:00Z,,,LF-1",
            "2,pigeon,sideways,2026-03-01T10:00:00Z,,,LF-1",
            "3,voice,inbound,2026-03-01T10:00:00Z,,,LF-1",
        )
    )

    assert only(report).unmapped == {"channel": 2, "direction": 1}
    assert "pigeon" not in repr(report)


def test_a_limit_is_told_of_the_sources_that_have_it(
    sample: dict[str, SourceReport],
) -> None:
    assert [name for name, source in sample.items() if source.limits] == ["zendesk"]


DESK = """
profile: desk
system: desk
title: A help desk
limits: [{says: messages are invisible, unless: [messages]}]
parts:
  cases:
    detect: {format: delimited, header_all: [case, opened]}
    key: case
    contact:
      source_contact_id: case
      started_at: {from: opened, time: iso8601}
  messages:
    detect: {format: delimited, header_all: [case, sent]}
    key: [case, sent]
    contact: {source_contact_id: case, last_message_at: {from: sent, time: iso8601}}
"""


def test_a_limit_is_lifted_when_the_part_that_lifts_it_is_held(
    report_on: Report, tmp_path: Path
) -> None:
    (tmp_path / "desk.yaml").write_text(DESK)
    config = "sources: {desk: {profile: desk.yaml, files: '*.csv'}}\n"
    cases = {"cases.csv": "case,opened\n1,2026-03-01T10:00:00Z\n"}
    messages = {"messages.csv": "case,sent\n1,2026-03-01T11:00:00Z\n"}

    assert only(report_on(cases, config)).limits == ("messages are invisible",)
    assert only(report_on(messages, config)).limits == ()
