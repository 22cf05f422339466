"""What `cxmap ingest` says and leaves behind when files are bad."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from commands import command

HEAD = "source_contact_id,channel,started_at,disposition\n"


def cxmap(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return command(*words, cwd=cwd)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One good export, one of rejects alone, and two that must be refused."""
    (tmp_path / "good.csv").write_text(HEAD + "1,voice,2026-03-01T10:00:00Z,handled\n")
    (tmp_path / "vain.csv").write_text(HEAD + "1,voice,never,handled\n")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04rest")
    return tmp_path


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} & {".cxmap", "cxmap.key"}


def test_where_every_file_is_refused_neither_key_nor_store_is_left(
    folder: Path,
) -> None:
    done = cxmap("ingest", "empty.csv", "book.xlsx", cwd=folder)

    assert done.returncode == 3
    assert left(folder) == set()
    assert "new key" not in done.stderr


def test_a_key_that_was_there_before_stays(folder: Path) -> None:
    (folder / "cxmap.key").write_text("0" * 64)
    (folder / "cxmap.key").chmod(0o600)

    assert cxmap("ingest", "empty.csv", cwd=folder).returncode == 3
    assert left(folder) == {"cxmap.key"}
    assert cxmap("ingest", "good.csv", cwd=folder).returncode == 0
    assert (folder / "cxmap.key").read_text() == "0" * 64


def test_a_store_that_cannot_be_made_leaves_no_key(folder: Path) -> None:
    (folder / "taken").mkdir()
    (folder / "taken" / "letter.txt").write_text("dear")
    done = cxmap("ingest", "good.csv", "--store", "taken", cwd=folder)

    assert done.returncode == 5
    assert left(folder) == set()


def test_what_was_kept_before_stays_when_all_else_is_refused(folder: Path) -> None:
    assert cxmap("ingest", "good.csv", cwd=folder).returncode == 0
    assert cxmap("ingest", "empty.csv", cwd=folder).returncode == 3

    assert left(folder) == {".cxmap", "cxmap.key"}
    assert len(cxmap("export", "contacts", cwd=folder).stdout.splitlines()) == 2


def test_every_trouble_is_said_once_and_named_once(folder: Path) -> None:
    done = cxmap("ingest", "good.csv", "empty.csv", "book.xlsx", cwd=folder)

    assert done.returncode == 3
    assert done.stdout.count("empty.csv: empty; nothing to read") == 1
    assert done.stdout.count("book.xlsx: damaged; save or send it again") == 1
    assert "empty.csv: empty.csv" not in done.stdout + done.stderr
    assert "nothing to read" not in done.stderr
    assert "2 of 3 files refused: empty.csv, book.xlsx" in done.stderr


def test_a_quiet_run_says_every_trouble_on_a_line_of_its_own(folder: Path) -> None:
    done = cxmap("ingest", "-q", "good.csv", "empty.csv", "book.xlsx", cwd=folder)
    lines = [line for line in done.stderr.splitlines() if "new key" not in line]

    assert (done.returncode, done.stdout) == (3, "")
    assert len(lines) == 3
    assert all(line.startswith("cxmap: ") for line in lines)


def test_a_file_of_rejects_alone_is_warned_of_also_quietly(folder: Path) -> None:
    assert cxmap("ingest", "good.csv", cwd=folder).returncode == 0
    done = cxmap("ingest", "-q", "vain.csv", cwd=folder)

    assert done.returncode == 0
    assert done.stderr == ("cxmap: warning: vain.csv: nothing was kept of its 1 rows\n")


def told(*words: str, cwd: Path) -> dict[str, Any]:
    done = cxmap("ingest", "-f", "json", *words, cwd=cwd)
    assert done.returncode == 0, done.stderr
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed


def test_a_dry_run_tells_what_a_run_tells(folder: Path) -> None:
    trial = told("--dry-run", "good.csv", "vain.csv", cwd=folder)
    assert left(folder) == set()
    run = told("good.csv", "vain.csv", cwd=folder)

    assert {file.pop("state") for file in trial["files"]} == {"dry_run"}
    assert {file.pop("state") for file in run["files"]} == {"loaded"}
    assert (trial.pop("dry_run"), run.pop("dry_run")) == (True, False)
    assert trial == run


KEYS = {
    "answers",
    "agent",
    "comparable_topic",
    "conflicts",
    "contacts",
    "days",
    "ended",
    "identified",
    "inbound",
    "lacking",
    "left_out",
    "limits",
    "precision",
    "since",
    "source",
    "team",
    "unmapped",
    "until",
    "zones",
}


def test_the_keys_of_the_report_are_a_contract(folder: Path) -> None:
    printed = told("good.csv", cwd=folder)
    (source,) = printed["sources"]

    assert {"needed", "changes", "can_bear", "lacking", "notes"} <= printed.keys()
    assert source.keys() == KEYS
    assert source["lacking"][0].keys() == {"name", "needs"}
    assert printed["needed"]["first_contact_resolution"] == 45
    assert printed["changes"] == 75


def test_ids_of_contacts_that_are_apart_are_listed_only_when_asked(
    folder: Path,
) -> None:
    (folder / "queue_log").write_text(
        "1366720340|1366720330.1|Q|SIP/1|RINGNOANSWER|1000\n"
    )
    brief = cxmap("ingest", "queue_log", cwd=folder)
    whole = cxmap("ingest", "-v", "queue_log", cwd=folder)

    assert "1 contact left out: no record says when they began\n" in brief.stdout
    assert "they began: asterisk_queue_log:1366720330.1\n" in whole.stdout


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("page.json", '{{"count": 9, "next_page": "x", "rows": [{0}]}}', "incomplete"),
        ("page.json", '{{"has_more": true, "rows": [{0}]}}', "incomplete"),
        ("bare.csv", HEAD, "no rows"),
    ],
)
def test_an_export_that_holds_less_than_it_should_is_warned_of_also_quietly(
    folder: Path, name: str, content: str, told: str
) -> None:
    row = '{"contact_id": "1", "channel": "chat", "started_at": "2026-03-01T10:00:00Z"}'
    (folder / name).write_text(content.format(row))
    words = ["ingest", "-q", "--source", "generic_contacts", name]

    first, again = cxmap(*words, cwd=folder), cxmap(*words, cwd=folder)

    assert first.returncode == 0
    assert f"cxmap: warning: {name}: " in first.stderr
    assert told in first.stderr
    assert (again.returncode, again.stderr) == (0, "")


def test_a_sound_export_is_taken_in_without_a_word(folder: Path) -> None:
    assert cxmap("ingest", "-q", "good.csv", cwd=folder).returncode == 0
    (folder / "more.csv").write_text(HEAD + "2,voice,2026-03-02T10:00:00Z,handled\n")

    done = cxmap("ingest", "-q", "more.csv", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
