"""Extraction: nothing vanishes, nothing leaks, the same row is the same anywhere."""

from hashlib import sha256
from typing import Any

import polars as pl
import pytest

from cxmap.errors import ExportError
from cxmap.tables import RECORD_TABLES, schema

PROFILE = """
profile: p
system: s
title: t
where: "kind <> 'note'"
key: id
version_at: {from: upd, time: iso8601, tz: Europe/Berlin}
contact:
  source_contact_id: id
  channel: {from: how, map: {tel: voice}}
  started_at: {from: at, time: iso8601}
  talk_seconds: {from: talk, unit: min}
  agent_id: agent
events:
  - {at: {from: at, time: iso8601}, event_type: {const: reopened}, actor_id: agent}
  - at: {from: upd, time: iso8601}
    event_type: {const: status_changed}
    when: "kind = 'call'"
surveys:
  when: "stars IS NOT NULL"
  survey_type: csat
  score: stars
  scale: [1, 5]
  about_id: id
identifiers:
  - {kind: email, from: mail}
  - {kind: phone, from: tel, when: "kind = 'call'"}
references:
  - {kind: child_of, from: parent}
  - {kind: same_case, from: case, to_source: crm}
identity_links:
  - {kind: email, from: was, to: mail, when: "was IS NOT NULL"}
"""
HEADER = "id,kind,how,at,upd,talk,agent,stars,mail,tel,parent,case,was\n"
ROW = (
    "1,call,tel,2025-03-01T09:00:00Z,2025-03-01T11:00:00,1.5,bob,4,ana@x.org,"
    "+12346018567,1,7,old@x.org\n"
)
CANARY = "zebra-9731"


def test_every_table_has_exactly_its_columns(map_text: Any) -> None:
    tables = map_text(HEADER + ROW, PROFILE).extracted.tables

    assert set(tables) == set(RECORD_TABLES)
    for name, table in tables.items():
        assert table.schema == schema(name), name


def test_one_row_fills_every_table_it_speaks_of(map_text: Any, pseudonym: Any) -> None:
    file = map_text(HEADER + ROW, PROFILE)
    tables = file.extracted.tables

    assert tables["event_records"].select(
        "event_type", "at", "actor_id", "source_contact_id"
    ).rows() == [
        ("reopened", file.contacts("started_at")[0][0], pseudonym("agent", "bob"), "1"),
        ("status_changed", tables["event_records"]["at"][1], None, "1"),
    ]
    # The version's own zone: eleven in Berlin is ten in UTC.
    assert f"{tables['contact_records']['version_at'][0]:%H}" == "10"
    assert tables["survey_records"].select(
        "score", "about_source", "about_id"
    ).rows() == [(4.0, "src", "1")]
    assert tables["reference_records"].select("kind", "to_source", "to_id").rows() == [
        ("same_case", "crm", "7")
    ]
    assert tables["identity_link_records"].select(
        "kind", "pseudonym", "to_pseudonym"
    ).rows() == [
        ("email", pseudonym("email", "old@x.org"), pseudonym("email", "ana@x.org"))
    ]
    assert file.identifiers("kind", "namespace", "owner") == [
        ("email", "", "contact"),
        ("phone", "", "contact"),
    ]
    assert file.contacts("talk_seconds", "agent_id") == [
        (90, pseudonym("agent", "bob"))
    ]


def test_rows_are_filtered_duplicated_rejected_or_kept(map_text: Any) -> None:
    note = ROW.replace(",call,", ",note,")
    unknown = ROW.replace(",call,", ",,")
    lost = ROW.replace("1,call", "2,call").replace("2025-03-01T09:00:00Z", "soon")
    file = map_text(HEADER + ROW + note + unknown + ROW + lost, PROFILE)
    accounting = file.extracted.accounting

    assert (accounting.records, accounting.kept) == (5, 1)
    assert (accounting.filtered, accounting.duplicates) == (2, 1)
    assert (accounting.rejected, accounting.cell_rejects) == (1, 0)
    assert "could not be told" in " ".join(file.extracted.notes)


def test_the_same_row_has_the_same_content_in_any_company(map_text: Any) -> None:
    other = ROW.replace("1,call", "2,call").replace("bob", "").replace("tel", "x")
    alone = map_text(HEADER + ROW, PROFILE).extracted.tables["contact_records"]
    among = map_text(HEADER + other + ROW, PROFILE).extracted.tables["contact_records"]

    assert alone["content"][0] == among["content"][1]
    assert alone["content"][0] != among["content"][0]


def test_a_content_is_a_digest_of_what_the_row_says_by_name(map_text: Any) -> None:
    profile = """
profile: p
system: s
title: t
key: id
contact:
  source_contact_id: id
  started_at: {from: at, time: iso8601}
  agents: agents
  team: team
"""
    rows = "7,2025-03-01T09:00:00Z,,\n8,2025-03-01T09:00:00Z,2,B=2\n"
    found = map_text("id,at,agents,team\n" + rows, profile).extracted.tables
    said = (
        "contact.source_contact_id={0}",
        "contact.started_at=1740819600",
        "{1}contact.time_precision=second",
        "contact.tz_source=utc",
        "order_at=1740819600",
        "record_key={0}",
        "seen_at=1740819600",
    )
    first = "\x1f".join(said).format("7", "")
    team = "contact.team=B=2\x1f"
    second = "contact.agents=2\x1f" + "\x1f".join(said).format("8", team)

    assert found["contact_records"]["content"].to_list() == [
        sha256(f"\x1f{text}".encode()).hexdigest()[:32] for text in (first, second)
    ]


def test_a_column_nobody_maps_changes_no_content(map_text: Any) -> None:
    wide = HEADER.replace("\n", ",noise\n") + ROW.replace("\n", ",hiss\n")
    contents = {
        map_text(text, PROFILE).extracted.tables["contact_records"]["content"][0]
        for text in (HEADER + ROW, wide)
    }

    assert len(contents) == 1


def test_header_case_order_and_blanks_do_not_matter(map_text: Any) -> None:
    file = map_text(HEADER.replace("how", " HOW ").upper() + ROW, PROFILE)

    assert file.contacts("channel") == [("voice",)]


def test_a_skipped_local_time_is_rejected_and_a_repeated_one_noted(
    map_file: Any, shared: Any
) -> None:
    path = shared("nasty/28_dst.csv")
    file = map_file(path, "generic_contacts", default_tz="Europe/Berlin")

    assert file.rejects() == [(2, "created_at", "nonexistent_time", True)]
    assert any("repeats" in note for note in file.extracted.notes)
    assert file.contacts("tz_source") == [("config",)] * 3


def test_impossible_times_never_reach_a_duration(map_file: Any, shared: Any) -> None:
    file = map_file(shared("nasty/30_impossible_times.csv"), "generic_contacts")

    assert [row[2:] for row in file.rejects()] == [
        ("implausible_time", True),
        ("implausible_time", True),
        ("implausible_time", True),
        ("implausible_time", False),
        ("bad_time", True),
        ("bad_time", True),
    ]
    assert file.contacts("source_contact_id", "closed_at")[1] == ("T-1004", None)


def test_a_time_without_a_zone_is_said_to_be_assumed(map_text: Any) -> None:
    local = ROW.replace("2025-03-01T09:00:00Z", "2025-03-01 09:00")
    file = map_text(HEADER + local, PROFILE)

    assert file.contacts("tz_source", "time_precision") == [("assumed", "minute")]


def test_an_expression_that_fails_on_data_says_nothing_of_it(map_text: Any) -> None:
    bad = PROFILE.replace(
        "agent_id: agent", "transfers: {expr: 'REPEAT(agent, 2) + 1'}"
    )
    # Refused before any data is read, or while it is: never with a value in it.
    with pytest.raises(Exception) as error:
        map_text(HEADER + ROW.replace("bob", CANARY), bad)

    assert CANARY not in str(error.value)


def test_no_reject_note_or_message_holds_a_value(map_text: Any) -> None:
    row = ",".join(CANARY for _ in HEADER.split(",")) + "\n"
    file = map_text(HEADER + row + ROW.replace("1.5", CANARY), PROFILE)
    said = [
        str(file.rejects()),
        str(file.extracted.notes),
        str(file.extracted.unmapped),
    ]

    assert file.extracted.accounting.rejected == 1
    assert file.extracted.accounting.cell_rejects == 1
    assert CANARY not in "".join(said)
    with pytest.raises(ExportError) as error:
        map_text(HEADER.replace("how", CANARY[:3]) + row, PROFILE)
    assert CANARY not in str(error.value)


def test_no_identifier_is_kept_in_the_clear(map_text: Any) -> None:
    tables = map_text(HEADER + ROW, PROFILE).extracted.tables
    kept = "".join(str(table.rows()) for table in tables.values())

    for secret in ("ana@x.org", "old@x.org", "2346018567", "bob"):
        assert secret not in kept


POSITIONAL = """
profile: p
system: s
title: t
read: {format: delimited, header: false, columns: [id, kind, p1, p2], ragged: true}
kinds: {by: kind, OPEN: {p1: start}, END: {p1: talked, p2: finish}}
contact:
  source_contact_id: id
  started_at: {from: start, time: epoch_s}
  ended_at: {from: finish, time: epoch_s}
  talk_seconds: {from: talked, unit: s}
then:
  started_at: COALESCE(started_at, ended_at - talk_seconds * INTERVAL '1 second')
"""


def test_positions_are_named_by_the_kind_of_row(map_text: Any) -> None:
    text = "a,OPEN,1741600000\na,END,60,1741600100\nb,END,60,1741600100\nb,HUM\n"
    file = map_text(text, POSITIONAL)

    assert [
        (number, round(start.timestamp()))
        for number, start in file.contacts("source_contact_id", "started_at")
    ] == [("a", 1741600000), ("b", 1741600040)]
    assert file.extracted.accounting.filtered == 1


HEADED = """
profile: p
system: s
title: t
let: {began: '/^started at \\((?P<tz>.+)\\)$/'}
contact:
  source_contact_id: id
  started_at: {from: began, time: iso8601, tz: header}
"""


def test_a_header_may_name_the_zone(map_text: Any) -> None:
    text = "id,Started at (America/New_York)\n1,2025-01-01 09:00:00\n"

    assert map_text(text, HEADED).contacts("started_at")[0][0].hour == 14
    with pytest.raises(ExportError, match="no column"):
        map_text(text.replace("Started", "Began"), HEADED)


def test_a_second_column_of_a_name_is_chosen_by_its_place(map_text: Any) -> None:
    text = HEADER.replace("how,at", "how,how,at") + ROW.replace("tel,", "fax,tel,", 1)
    second = PROFILE.replace("{from: how,", "{from: 'how[2]',")

    with pytest.raises(ExportError, match=r"there 2 times.*how\[2\]"):
        map_text(text, PROFILE)
    assert map_text(text, second).contacts("channel") == [("voice",)]


def test_surveys_alone_leave_silent_rows_out(map_text: Any) -> None:
    profile = """
profile: p
system: s
title: t
surveys:
  when: "stars IS NOT NULL"
  survey_type: csat
  score: stars
  scale: [1, 5]
  responded_at: {from: at, time: iso8601}
"""
    stamp = "2025-03-01T09:00:00Z"
    file = map_text(f"stars,at\n5,{stamp}\n,{stamp}\n6,{stamp}\n", profile)

    assert file.extracted.accounting.filtered == 1
    assert file.folded.surveys["score"].sort().to_list() == [None, 5.0]
    assert isinstance(file.folded.surveys, pl.DataFrame)
