"""`ingest --reject-file`: what was rejected, readable whatever the export was."""

import csv
import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest
from commands import command

HEAD = ["contact_id", "channel", "started_at", "subject"]
GOOD = ["1", "voice", "2026-03-01T10:00:00Z", "fine"]
LATE = ["2", "voice", "never", "Zoë\tsaid"]
SHORT = ["3", "voice"]
FORMULA = ["=1+1", "voice", "never", "x"]


def rejected(
    folder: Path, name: str, content: bytes, code: int = 0
) -> list[dict[str, str]]:
    """Return the rows of the reject file that an ingest of `content` writes."""
    (folder / name).write_bytes(content)
    words = ["ingest", name, "--source", "generic_contacts", "--reject-file", "out.csv"]
    done = command(*words, cwd=folder)
    assert done.returncode == code, done.stderr
    with (folder / "out.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def written(rows: Sequence[Sequence[str]], cut: str) -> str:
    return "".join(cut.join(row) + "\r\n" for row in rows)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_rejected_rows_are_text_with_file_and_line(
    tmp_path: Path, encoding: str, packed: bool
) -> None:
    data = written([HEAD, GOOD, LATE, SHORT], ",").encode(encoding)
    name = "a.csv.gz" if packed else "a.csv"

    found = rejected(tmp_path, name, gzip.compress(data) if packed else data)

    shown = ",".join(LATE).replace("\t", "\\x09")
    assert [tuple(row.values()) for row in found] == [
        (name, "3", "bad_time", shown),
        (name, "4", "too_few_fields", "3,voice"),
    ]


def test_a_file_refused_for_its_rejects_has_them_in_the_reject_file(
    tmp_path: Path,
) -> None:
    rows = [[str(n), "voice", "never", "x"] for n in range(30)]

    found = rejected(tmp_path, "a.csv", written([HEAD, GOOD, *rows], ",").encode(), 3)

    assert [row["row"] for row in found] == [str(n) for n in range(3, 33)]
    assert {row["reason"] for row in found} == {"bad_time"}


def test_no_spreadsheet_runs_a_rejected_row(tmp_path: Path) -> None:
    found = rejected(tmp_path, "a.csv", written([HEAD, GOOD, FORMULA], ",").encode())

    assert [row["original"] for row in found] == ["'" + ",".join(FORMULA)]


def test_only_the_owner_can_read_rejected_rows(tmp_path: Path) -> None:
    rejected(tmp_path, "a.csv", written([HEAD, GOOD, LATE], ",").encode())

    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o600


def test_without_rejects_the_file_holds_its_header_alone(tmp_path: Path) -> None:
    assert rejected(tmp_path, "a.csv", written([HEAD, GOOD], ",").encode()) == []
