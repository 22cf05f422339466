"""Asterisk's call detail records: overlapping records of one call are one contact."""

import csv
import io
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cxmap.sources.detect import ambiguous, detect
from cxmap.sources.profile import shipped_profiles
from cxmap.sources.read import peek

MASTER = "vendor/asterisk/Master.csv"
EXAMPLES = "vendor/asterisk/cdr_spec_examples.csv"
COLUMNS = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel"),
    *("lastapp", "lastdata", "start", "answer", "end", "duration", "billsec"),
    *("disposition", "amaflags", "uniqueid", "userfield"),
    *("peeraccount", "linkedid", "sequence"),
)

Row = dict[str, str]


def at(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def well_written(text: str) -> datetime | None:
    return at(text) if len(text) == len("2013-03-04 13:11:18") else None


def with_a_person(row: Row) -> bool:
    machine = row["lastapp"].startswith("VoiceMail")
    return row["disposition"] == "ANSWERED" and bool(row["dstchannel"]) and not machine


def told(rows: Iterable[Row]) -> tuple[Any, ...]:
    """What the records of one call say, in plain Python."""
    records = list(rows)
    starts = [at(r["start"]) for r in records]
    ends = [e for r in records if (e := well_written(r["end"]))]
    met = [r for r in records if with_a_person(r)]
    answers = [a for r in met if (a := well_written(r["answer"]))]
    own_leg = [r for r in met if r["uniqueid"] == (r["linkedid"] or r["uniqueid"])]
    began = min(s for s in starts if s)
    talk = None
    if met:
        longest = max(int(r["billsec"]) for r in met)
        talk = longest
        if answers and ends:
            talk = int((max(ends) - min(answers)).total_seconds())

    return (
        began,
        min(answers, default=None),
        max(ends, default=None),
        talk,
        max(len(own_leg) - 1, 0),
    )


FIGURES = ("started_at", "answered_at", "ended_at", "talk_seconds", "transfers")


def by_call(rows: Iterable[Row]) -> dict[str, list[Row]]:
    calls: dict[str, list[Row]] = {}
    for row in rows:
        calls.setdefault(row["linkedid"] or row["uniqueid"], []).append(row)
    return calls


@pytest.fixture
def examples(shared: Callable[[str], Path]) -> list[Row]:
    with shared(EXAMPLES).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def calls(map_text: Any) -> Callable[..., Any]:
    def of(rows: list[Row], **told: Any) -> Any:
        file = io.StringIO()
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerows([[row.get(name, "") for name in COLUMNS] for row in rows])
        return map_text(file.getvalue(), "asterisk_cdr", part="master", **told)

    return of


@pytest.mark.parametrize(("name", "part"), [(MASTER, "master"), (EXAMPLES, "table")])
def test_each_sample_is_told_by_its_rows(shared: Any, name: str, part: str) -> None:
    found = detect(peek(shared(name)), shipped_profiles())

    assert (found[0].profile, found[0].part) == ("asterisk_cdr", part)
    assert not ambiguous(found)


def test_a_comma_file_of_other_columns_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,2025-01-01 00:00:00,ANSWERED\n" * 9, encoding="utf-8")

    assert detect(peek(path), shipped_profiles()) == []


def test_every_documented_scenario_is_read_like_in_plain_python(
    calls: Any, examples: list[Row]
) -> None:
    scenarios: dict[str, list[Row]] = {}
    for row in examples:
        scenarios.setdefault(row["scenario"], []).append(row)
    assert len(scenarios) > 10
    for scenario, rows in scenarios.items():
        file = calls(rows)
        expected = {call: told(records) for call, records in by_call(rows).items()}
        found = {
            call: rest for call, *rest in file.contacts("source_contact_id", *FIGURES)
        }

        assert {c: tuple(v) for c, v in found.items()} == expected, scenario


def test_the_file_without_a_header_says_the_same_as_plain_python(
    shared: Any, map_file: Any
) -> None:
    with shared(MASTER).open(newline="", encoding="utf-8") as file:
        rows = [
            dict.fromkeys(COLUMNS, "") | dict(zip(COLUMNS, cells, strict=False))
            for cells in csv.reader(file)
        ]
    read = map_file(shared(MASTER), "asterisk_cdr", part="master")
    bad = [
        (line, name)
        for line, row in enumerate(rows, 1)
        for name in ("end", "answer")
        if row[name]
        and not well_written(row[name])
        and (name == "end" or with_a_person(row))
    ]
    once = {tuple(row.values()): row for row in rows}.values()

    assert {c: tuple(v) for c, *v in read.contacts("source_contact_id", *FIGURES)} == {
        call: told(records) for call, records in by_call(once).items()
    }
    assert [(r[0], r[1]) for r in read.rejects()] == sorted(bad)
    assert read.extracted.accounting.records == len(rows)


def test_the_header_and_the_headerless_file_agree(
    calls: Any, map_file: Any, shared: Any, examples: list[Row]
) -> None:
    table = map_file(shared(EXAMPLES), "asterisk_cdr", part="table").folded.contacts
    master = calls(examples).folded.contacts

    assert table.drop("contact_id").equals(master.drop("contact_id"))


def test_seconds_of_overlapping_records_are_never_added_up(
    calls: Any, examples: list[Row]
) -> None:
    conference = [row for row in examples if row["scenario"] == "Three Way Call"]
    [(talk, whole)] = calls(conference).contacts("talk_seconds", "duration_seconds")

    assert sum(int(row["billsec"]) for row in conference) == 265
    assert (talk, whole) == (110, 120)


def record(**changed: str) -> Row:
    return {
        "src": "+493012345678",
        "dst": "200",
        "dcontext": "from-trunk",
        "clid": '"PRIVATE NAME" <+493012345678>',
        "channel": "PJSIP/trunk-00000001",
        "dstchannel": "PJSIP/200-00000002",
        "lastapp": "Dial",
        "lastdata": "PJSIP/200,,Tt",
        "start": "2025-03-01 09:00:00",
        "answer": "2025-03-01 09:00:20",
        "end": "2025-03-01 09:02:00",
        "duration": "120",
        "billsec": "100",
        "disposition": "ANSWERED",
        "amaflags": "DOCUMENTATION",
        "uniqueid": "1740819600.1",
        **changed,
    }


SILENT = {"answer": "", "billsec": "0", "disposition": "NO ANSWER"}


@pytest.mark.parametrize(
    ("changed", "disposition"),
    [
        ({}, "handled"),
        (SILENT, "unanswered"),
        (SILENT | {"disposition": "BUSY"}, "unanswered"),
        (SILENT | {"disposition": "CONGESTION"}, "failed"),
        (SILENT | {"lastapp": "Queue", "lastdata": "sales,t,,,300"}, "abandoned"),
        ({"dstchannel": "", "lastapp": "Queue", "lastdata": "sales"}, "abandoned"),
        ({"dstchannel": "", "lastapp": "VoiceMail"}, "voicemail"),
        ({"dstchannel": "", "lastapp": "BackGround"}, "self_served"),
    ],
)
def test_a_machine_that_answers_is_nobody(
    calls: Any, changed: Row, disposition: str
) -> None:
    [(found, talk)] = calls([record(**changed)]).contacts("disposition", "talk_seconds")

    assert found == disposition
    assert (talk is not None) == (disposition == "handled")


def test_a_call_that_rang_and_then_left_word_is_voicemail(calls: Any) -> None:
    rang = record(**SILENT)
    spoke = record(
        start="2025-03-01 09:00:20", dstchannel="", lastapp="VoiceMail", dst="vmu200"
    )

    for rows in ([rang, spoke], [spoke, rang]):
        assert calls(rows).contacts("disposition", "transfers") == [("voicemail", 0)]


@pytest.mark.parametrize(
    ("changed", "settings", "direction", "phones"),
    [
        ({}, {}, "inbound", ["+493012345678"]),
        ({"src": "200", "dst": "+49891234567"}, {}, "outbound", ["+49891234567"]),
        ({"src": "200", "dst": "201"}, {}, "internal", []),
        ({"src": "200", "dst": "vmu201"}, {}, "internal", []),
        ({"src": ""}, {}, "unknown", []),
        (
            {"dst": "+49891234567", "dcontext": "from-internal"},
            {"outgoing": "^from-internal"},
            "outbound",
            ["+49891234567"],
        ),
        ({"src": "4930123"}, {"extensions": "^(200|4930123)$"}, "internal", []),
    ],
)
def test_the_customer_is_at_the_other_end(
    calls: Any,
    pseudonym: Callable[[str, str], str],
    *,
    changed: Row,
    settings: dict[str, str],
    direction: str,
    phones: list[str],
) -> None:
    file = calls([record(**changed)], settings=settings, region="DE")
    expected = [(pseudonym("phone", number), None) for number in phones]

    assert file.contacts("direction") == [(direction,)]
    assert file.identifiers("pseudonym", "flag") == expected


def test_whom_an_agent_rings_up_meanwhile_is_not_the_customer(calls: Any) -> None:
    consulted = record(
        src="200", dst="+49891234567", uniqueid="1740819600.9", linkedid="1740819600.1"
    )
    file = calls([record(linkedid="1740819600.1"), consulted])

    assert len(file.identifiers("pseudonym")) == 1
    assert file.contacts("direction", "transfers") == [("inbound", 0)]


def test_agents_are_known_by_their_line(
    calls: Any, pseudonym: Callable[[str, str], str]
) -> None:
    lines = {
        "PJSIP/200-00000002": "200",
        "SIP/bob-0000000a": "bob",
        "Local/200@from-queue-00000001;1": "200",
    }
    for channel, name in lines.items():
        file = calls([record(dstchannel=channel)])
        assert file.contacts("agent_id") == [(pseudonym("agent", name),)]


def test_a_table_that_knows_only_the_call_date_still_tells_who_was_served(
    map_text: Any,
) -> None:
    head = "calldate,src,dst,dcontext,channel,dstchannel,lastapp,lastdata,duration,"
    head += "billsec,disposition,amaflags,uniqueid\n"
    rows = (
        "2025-03-01 09:00:00,+493012345678,200,in,SIP/t-00000001,SIP/200-00000002,"
        "Dial,x,120,100,ANSWERED,3,1.1\n"
        "2025-03-01 10:00:00,+493012345678,200,in,SIP/t-00000001,,Dial,x,9,0,"
        "NO ANSWER,3,2.1\n"
    )
    file = map_text(head + rows, "asterisk_cdr", part="table")

    assert file.contacts("disposition", "talk_seconds", "duration_seconds") == [
        ("handled", 100, 120),
        ("unanswered", None, 9),
    ]
    assert file.rejects() == []


def test_names_and_lines_of_callers_are_not_kept(calls: Any) -> None:
    file = calls([record()])
    kept = str([table.rows() for table in file.extracted.tables.values()])

    assert "PRIVATE" not in kept
    assert "3012345678" not in kept


@pytest.mark.parametrize(
    ("changed", "reject"),
    [
        ({"start": "01.03.2025 09:00"}, (1, "start", "bad_time", True)),
        ({"uniqueid": ""}, (1, "linkedid", "missing_key", True)),
        ({"end": "2025-03-01:09:00"}, (1, "end", "bad_time", False)),
        ({"duration": "-5"}, (1, "duration", "negative_duration", False)),
    ],
)
def test_a_record_or_cell_that_cannot_be_used_is_rejected(
    calls: Any, changed: Row, reject: tuple[Any, ...]
) -> None:
    assert calls([record(**changed)]).rejects() == [reject]
