"""Packed exports: zstd and zip, read where they lie, and every bomb refused."""

import gzip
import io
import stat
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap.errors import ExportError
from cxmap.intake.choosing import exports_in
from cxmap.sources.read import Limits, peek, read
from cxmap.sources.reading.archives import MOST, name_of
from cxmap.sources.reading.files import content_digest
from cxmap.sources.reading.packing import packing_of, unpacked

if sys.version_info >= (3, 14):
    from compression.zstd import compress
else:
    from backports.zstd import compress

TABLE = b"id,n\n1,a\n2,b\n"
SKIPPED = b"\x50\x2a\x4d\x18" + struct.pack("<I", 5) + b"hello"
"""A frame that holds no data."""


def given_file(tmp_path: Path, content: bytes, name: str = "x.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def archive(
    tmp_path: Path,
    members: dict[str, bytes],
    name: str = "march.zip",
    how: int = zipfile.ZIP_DEFLATED,
) -> Path:
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", how) as made:
        for member, content in members.items():
            made.writestr(member, content)
    return path


def names(*given: Path) -> list[str]:
    return [name_of(path) for path in exports_in([str(path) for path in given])]


@pytest.mark.parametrize(
    "content",
    [
        compress(TABLE),
        compress(TABLE[:5]) + compress(TABLE[5:]),
        compress(TABLE) + SKIPPED,
        compress(TABLE[:5]) + SKIPPED + compress(TABLE[5:]),
        compress(TABLE) + bytes(9),
    ],
    ids=["one frame", "two frames", "a note", "a note between", "padding"],
)
def test_zstd_is_read_by_its_first_bytes(tmp_path: Path, content: bytes) -> None:
    path = given_file(tmp_path, content)

    assert read(path).rows["id"].to_list() == ["1", "2"]
    assert peek(path).names == ("id", "n")
    assert read(path).sha256 == content_digest(path)
    assert content_digest(path) == content_digest(given_file(tmp_path, TABLE, "y.csv"))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (compress(TABLE)[:-3], "zstd cut short"),
        (compress(TABLE)[:5], "zstd cut short"),
        (compress(TABLE) + b"more", "bytes after the end of the zstd"),
        (b"\x28\xb5\x2f\xfd" + b"x" * 50, "damaged zstd"),
        (compress(bytes(20 * 1024**2)), "unpacks to more than 200 times"),
        (compress(compress(TABLE)), "packed once more"),
        (gzip.compress(compress(TABLE)), "packed once more"),
    ],
    ids=["tail", "head", "followed", "damaged", "bomb", "twice", "both"],
)
def test_what_is_no_sound_zstd_is_refused(
    tmp_path: Path, content: bytes, why: str
) -> None:
    path = given_file(tmp_path, content)
    with pytest.raises(ExportError, match=f"^x.csv: {why}"):
        read(path)
    with pytest.raises(ExportError, match=f"^x.csv: {why}"):
        content_digest(path)


def test_zstd_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = given_file(tmp_path, compress(TABLE * 1000))
    with pytest.raises(ExportError, match="more than 1000 bytes"):
        read(path, limits=Limits(bytes=1000))


@given(
    pieces=st.lists(st.binary(max_size=50), max_size=6),
    step=st.integers(1, 30),
    padding=st.integers(0, 9),
)
def test_members_unpack_alike_wherever_they_are_cut(
    pieces: list[bytes], step: int, padding: int
) -> None:
    packed = io.BytesIO(b"".join(map(compress, pieces)) + bytes(padding))
    packing = packing_of(compress(b""))
    assert packing is not None

    found = b"".join(unpacked(lambda: packed.read(step), packing, "x"))

    assert found == b"".join(pieces)


def test_every_export_of_an_archive_is_a_file_of_its_own(tmp_path: Path) -> None:
    path = archive(
        tmp_path,
        {
            "b.csv": TABLE,
            "sub/a.json": b'{"id": 7}',
            "sub/": b"",
            "__MACOSX/._b.csv": b"\0\5\x16\7",
            ".DS_Store": b"\0",
            "README.txt": b"dear reader",
            "logo.png": b"\x89PNG",
        },
    )

    first, second = exports_in([str(path)])

    assert [name_of(first), name_of(second)] == [
        "march.zip!b.csv",
        "march.zip!sub/a.json",
    ]
    assert read(first).rows["id"].to_list() == ["1", "2"]
    assert peek(second).keys == {"id"}
    assert content_digest(first) == content_digest(given_file(tmp_path, TABLE))


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_file_in_an_archive_is_named_by_hand_or_by_pattern(
    tmp_path: Path, how: int
) -> None:
    path = archive(
        tmp_path, {"a-1.csv": TABLE, "a-2.csv": TABLE, "b.csv": TABLE}, "x[1].zip", how
    )

    assert names(Path(f"{path}!a-2.csv")) == ["x[1].zip!a-2.csv"]
    assert names(Path(f"{path}!a-*.csv")) == ["x[1].zip!a-1.csv", "x[1].zip!a-2.csv"]
    assert names(tmp_path) == [f"x[1].zip!{n}.csv" for n in ("a-1", "a-2", "b")]
    with pytest.raises(ExportError, match="no file matches"):
        names(Path(f"{path}!c.csv"))


def test_a_mark_in_a_name_is_only_a_name(tmp_path: Path) -> None:
    archive(tmp_path, {"calls.csv": b"other"}, "urgent")
    path = given_file(tmp_path, TABLE, "urgent!calls.csv")

    assert names(path) == ["urgent!calls.csv"]
    assert read(path).rows.height == 2


def test_a_workbook_is_no_archive(tmp_path: Path) -> None:
    path = archive(tmp_path, {"xl/workbook.xml": b"<x/>", "a.csv": TABLE}, "book.xlsx")

    assert names(path) == ["book.xlsx"]


def test_a_workbook_in_an_archive_is_read(tmp_path: Path) -> None:
    import xlsxwriter

    held = io.BytesIO()
    with xlsxwriter.Workbook(held) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "n"])
        sheet.write_row(1, 0, [1, 2])
    [path] = exports_in([str(archive(tmp_path, {"book.xlsx": held.getvalue()}))])

    assert read(path).rows.rows() == [(2, "1", "2")]


def encrypted(path: Path) -> Path:
    """Mark the archive's files as encrypted."""
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    return path


def linked(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        link = zipfile.ZipInfo("a.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
    return path


def rare(path: Path) -> Path:
    return archive(path.parent, {"a.csv": TABLE}, path.name, zipfile.ZIP_BZIP2)


def lying(path: Path) -> Path:
    """Declare another size than the file in it has."""
    content = bytearray(archive(path.parent, {"a.csv": TABLE * 9}).read_bytes())
    content[content.index(b"PK\x01\x02") + 24] = 20
    path.write_bytes(content)
    return path


def named(name: str) -> Callable[[Path], Path]:
    return lambda path: archive(path.parent, {name: TABLE}, path.name)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (named("../../evil.csv"), "its name leads out of the archive"),
        (named("/evil.csv"), "its name leads out of the archive"),
        (named("..\\evil.csv"), "its name leads out of the archive"),
        (named("C:evil.csv"), "its name leads out of the archive"),
        (linked, "its name leads out of the archive"),
        (lambda path: encrypted(named("a.csv")(path)), "encrypted; unpack it"),
        (named("inner.zip"), "an archive inside an archive"),
        (named("inner.csv.gz"), "an archive inside an archive"),
        (rare, "packed in a rare way"),
        (lying, "damaged archive"),
        (
            lambda path: archive(path.parent, {"a.csv": compress(TABLE)}, path.name),
            "packed once more",
        ),
        (
            lambda path: archive(path.parent, {"a.csv": b""}, path.name),
            "empty; nothing to read",
        ),
    ],
)
def test_a_file_that_must_not_be_read_is_refused_by_name(
    tmp_path: Path, made: Callable[[Path], Path], why: str
) -> None:
    [path] = exports_in([str(made(tmp_path / "march.zip"))])
    before = sorted(tmp_path.rglob("*"))

    for look in (read, peek):
        with pytest.raises(ExportError, match=rf"^march\.zip!.*: {why}"):
            look(path)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_bomb_in_an_archive_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path, {"a.csv": bytes(20 * 1024**2), "b.csv": TABLE})

    assert exports_in([str(path)]) == [path]
    with pytest.raises(ExportError, match="more than 200 times"):
        peek(path)
    with pytest.raises(ExportError, match="more than 200 times"):
        read(Path(f"{path}!a.csv"))


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({f"{n}.csv": b"" for n in range(MOST + 1)}, "more than 1000 files"),
        ({"README": b"x", "a.pdf": b"x"}, "holds no export"),
        ({}, "holds no export"),
    ],
    ids=["many", "papers", "empty"],
)
def test_an_archive_that_cannot_be_used_stays_and_says_why(
    tmp_path: Path, members: dict[str, bytes], why: str
) -> None:
    path = archive(tmp_path, members)

    assert exports_in([str(path)]) == [path]
    with pytest.raises(ExportError, match=f"^march.zip: {why}"):
        peek(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "march.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("a.csv", TABLE)
        made.writestr("a.csv", b"id\n9\n")

    with pytest.raises(ExportError, match="two files of one name"):
        peek(path)


def test_an_archive_cut_short_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path, {"a.csv": TABLE})
    path.write_bytes(path.read_bytes()[:-30])

    assert exports_in([str(path)]) == [path]
    with pytest.raises(ExportError, match=r"^march\.zip: damaged"):
        peek(path)
