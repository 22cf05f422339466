"""Files themselves: packed, growing, special, foreign, and too large."""

import gzip
import hashlib
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from cxmap.errors import BusyError, ExportError
from cxmap.sources.read import Limits, peek, read
from cxmap.sources.reading import disk, files

TABLE = b"id,n\n1,a\n2,b\n"


def given_file(tmp_path: Path, content: bytes, name: str = "x.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_gzip_is_known_by_its_first_bytes_not_by_its_name(tmp_path: Path) -> None:
    packed = gzip.compress(TABLE)

    found = read(given_file(tmp_path, packed))

    assert found.rows["id"].to_list() == ["1", "2"]
    assert found.sha256 == hashlib.sha256(TABLE).hexdigest()


def test_all_members_of_a_gzip_file_are_read(tmp_path: Path) -> None:
    packed = gzip.compress(TABLE) + gzip.compress(b"3,c\n") + b"\0" * 16

    assert read(given_file(tmp_path, packed)).rows["id"].to_list() == ["1", "2", "3"]


@pytest.mark.parametrize("cut", [1, 8, 9, 12])
def test_a_gzip_cut_short_is_refused(tmp_path: Path, cut: int) -> None:
    with pytest.raises(ExportError, match="cut short"):
        read(given_file(tmp_path, gzip.compress(TABLE)[:-cut]))


@pytest.mark.parametrize(
    "content",
    [
        TABLE,
        gzip.compress(TABLE),
        gzip.compress(TABLE[:5]) + gzip.compress(TABLE[5:]) + b"\0" * 16,
    ],
    ids=["plain", "packed", "two members"],
)
def test_the_digest_is_of_what_was_parsed_however_it_was_packed(
    tmp_path: Path, content: bytes
) -> None:
    path = given_file(tmp_path, content)

    assert read(path).sha256 == hashlib.sha256(TABLE).hexdigest()
    assert files.content_digest(path) == hashlib.sha256(TABLE).hexdigest()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (gzip.compress(TABLE)[:-5], "gzip cut short"),
        (gzip.compress(TABLE) + b"more", "bytes after the end of the gzip"),
        (b"\x1f\x8bmore than ten bytes", "damaged gzip"),
    ],
    ids=["cut", "followed by others", "none"],
)
def test_what_cannot_be_unpacked_has_no_digest(
    tmp_path: Path, content: bytes, why: str
) -> None:
    with pytest.raises(ExportError, match=f"x.csv: {why}"):
        files.content_digest(given_file(tmp_path, content))


def test_a_bomb_has_no_digest(tmp_path: Path) -> None:
    path = given_file(tmp_path, gzip.compress(bytes(20 * 1024**2)))
    with pytest.raises(ExportError, match="times its size"):
        files.content_digest(path)


def test_a_damaged_gzip_is_refused(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(TABLE))
    packed[-6] ^= 0xFF

    with pytest.raises(ExportError, match="damaged"):
        read(given_file(tmp_path, bytes(packed)))


def test_bytes_behind_a_gzip_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="after the end"):
        read(given_file(tmp_path, gzip.compress(TABLE) + b"more"))


def test_a_gzip_that_unpacks_beyond_the_limits_is_refused(tmp_path: Path) -> None:
    path = given_file(tmp_path, gzip.compress(b"id,n\n" + b"0" * 4_000_000))

    with pytest.raises(ExportError, match="more than 200 times"):
        read(path, limits=Limits(ratio_from=1000))
    with pytest.raises(ExportError, match="more than 1000000 bytes"):
        read(path, limits=Limits(bytes=1_000_000))


@pytest.mark.parametrize(
    "magic", [b"BZh9", b"\xfd7zXZ\0", b"SQLite format 3", b"%PDF-1.7"]
)
def test_what_is_no_text_is_refused_by_name(tmp_path: Path, magic: bytes) -> None:
    path = given_file(tmp_path, magic + b"a,b\n1,2\n")

    with pytest.raises(ExportError, match="not text"):
        read(path)
    with pytest.raises(ExportError, match="not text"):
        peek(path)


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="empty"):
        read(given_file(tmp_path, b""))


def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    fifo = tmp_path / "pipe.csv"
    os.mkfifo(fifo)
    (tmp_path / "dir.csv").mkdir()
    (tmp_path / "dangling.csv").symlink_to(tmp_path / "gone.csv")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s.csv"))
        for name in ("pipe", "dir", "dangling", "loop", "s", "missing"):
            with pytest.raises(ExportError, match=rf"^{name}\.csv: "):
                read(tmp_path / f"{name}.csv")
            with pytest.raises(ExportError, match=rf"^{name}\.csv: "):
                peek(tmp_path / f"{name}.csv")


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    given_file(tmp_path, TABLE)
    (tmp_path / "link.csv").symlink_to(tmp_path / "x.csv")

    assert read(tmp_path / "link.csv").rows.height == 2


def test_hostile_names_are_shown_escaped(tmp_path: Path) -> None:
    path = given_file(tmp_path, b"", "a\x1b[2J\nb.csv")

    with pytest.raises(ExportError) as refused:
        read(path)

    assert "\x1b" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_grows_while_it_is_read_is_left_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = given_file(tmp_path, TABLE)
    stat = os.fstat

    def grow_between(handle: int) -> os.stat_result:
        facts = stat(handle)
        with path.open("ab") as more:
            more.write(b"3,c\n")
        return facts

    monkeypatch.setattr(disk.os, "fstat", grow_between)

    with pytest.raises(BusyError, match="changed while it was read"):
        read(path)


def test_parquet_becomes_exact_text(tmp_path: Path) -> None:
    at = datetime(2026, 3, 1, 9, 0, 0, 250_000, tzinfo=UTC)
    table = pl.DataFrame(
        {
            "id": [2**62 + 1, None],
            "share": [0.1, 1e300],
            "at": [at, None],
            "local": [at.replace(tzinfo=None, microsecond=0), None],
            "tags": [["a", 'b"'], None],
            "via": [{"channel": "email"}, None],
            "ok": [True, False],
            "raw": [b"\xc3\xa9", None],
            "bytes": [b"\xc3", b"\xff"],
            "day": [at.date(), None],
            "empty": ["", "x"],
        }
    ).with_columns(pl.col("at").dt.convert_time_zone("Europe/Berlin"))
    path = tmp_path / "x.parquet"
    table.write_parquet(path)

    found = read(path)

    assert found.rows.rows() == [
        (
            1,
            "4611686018427387905",
            "0.1",
            "2026-03-01T09:00:00.250Z",
            "2026-03-01T09:00:00",
            '["a","b\\""]',
            '{"channel":"email"}',
            "true",
            "é",
            "c3",
            "2026-03-01",
            None,
        ),
        (2, None, "1e+300", None, None, None, None, "false", None, "ff", None, "x"),
    ]
    assert (found.format, found.records) == ("parquet", 2)
    assert peek(path).names == tuple(table.columns)


def test_a_damaged_parquet_file_is_refused_without_its_data(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pl.DataFrame({"id": ["canary"] * 1000}).write_parquet(path)
    whole = path.read_bytes()
    for damage in (whole[: len(whole) // 2], b"PAR1" + b"x" * 400 + b"PAR1"):
        path.write_bytes(damage)

        with pytest.raises(ExportError) as refused:
            read(path)

        assert "canary" not in str(refused.value)


def test_parquet_beyond_the_limits_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    pl.DataFrame({"a": [1, 2], "b": [3, 4]}).write_parquet(path)

    with pytest.raises(ExportError, match="more than 1 columns"):
        read(path, limits=Limits(columns=1))
    with pytest.raises(ExportError, match="more than 1 rows"):
        read(path, limits=Limits(rows=1))
