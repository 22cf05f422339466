"""Zip archives: each file inside is an export of its own, read where it lies.

A file inside is named like one beside it: `march.zip!calls.csv`. Nothing is ever
unpacked to the disk.
"""

import fnmatch
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from cxmap.errors import ExportError
from cxmap.sources.reading.disk import opened, size_of, still
from cxmap.sources.reading.packing import CHUNK, refuse_bomb, within
from cxmap.sources.reading.shapes import Limits
from cxmap.sources.reading.workbook import is_workbook
from cxmap.text import safe

MARK = "!"
"""What stands between an archive and a file inside it."""

MAGIC = (b"PK\x03\x04", b"PK\x05\x06")

MOST = 1000
"""Files an archive may hold."""

ENCRYPTED = 0x1
BESIDE = ("readme*", "licen[cs]e*", "manifest*", "changelog*", "sources.md")
"""Names of what archives carry beside exports."""

NO_EXPORTS = {
    *(".md", ".pdf", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".html", ".htm", ".css"),
    *(".js", ".xml", ".doc", ".docx", ".yaml", ".yml", ".sql", ".eml", ".mp3", ".wav"),
    *(".mp4", ".lock", ".sha256", ".md5", ".sig", ".asc"),
}
ARCHIVES = {
    *(".zip", ".7z", ".rar", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".cab"),
    ".jar",
}

DAMAGE = (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)


def split(path: Path) -> tuple[Path, str] | None:
    """Return the archive and the file inside it that a path names; else None."""
    text = str(path)
    at = text.find(MARK)
    if at < 0 or _is_there(path):
        return None
    while at >= 0:
        if _is_file(Path(text[:at])):
            return Path(text[:at]), text[at + len(MARK) :]
        at = text.find(MARK, at + 1)

    return None


def name_of(path: Path) -> str:
    """Return the name by which an export is known: its own, or `archive!member`."""
    inside = split(path)
    return path.name if inside is None else f"{inside[0].name}{MARK}{inside[1]}"


def show(path: Path) -> str:
    """Return an export's name as a message may say it."""
    return safe(name_of(path))


def is_archive(path: Path) -> bool:
    """Tell whether a file is a zip archive; a workbook only looks like one."""
    try:
        with opened(path, "") as file:
            if not file.read(4).startswith(MAGIC):
                return False
            file.seek(0)
            with ZipFile(file) as archive:
                return not is_workbook(archive.namelist())
    except (ExportError, *DAMAGE):
        return False


def members(path: Path, limits: Limits) -> list[Path]:
    """Return the paths of the exports inside an archive, in the order of their names.

    A file that must not be read has a path too, whose reading says why. Raises
    ExportError for an archive that is damaged, too large or holds no export.
    """
    where = safe(path.name)
    with _archive(path, where) as (archive, file):
        entries = archive.infolist()
        size = size_of(file)
    if len(entries) > MOST:
        raise ExportError(f"{where}: more than {MOST} files in one archive; split it")
    names = [one.filename for one in entries]
    if len(set(names)) < len(names):
        raise ExportError(f"{where}: holds two files of one name; pack it again")
    exports = sorted(name for name in names if _may_be_an_export(name))
    if not exports:
        raise ExportError(f"{where}: holds no export; give CSV, JSON, Parquet or .xlsx")
    refuse_bomb(sum(one.file_size for one in entries), size, limits, where)

    return [inside(path, name) for name in exports]


def matching(path: Path, limits: Limits) -> list[Path]:
    """Return the files inside an archive that `archive.zip!pattern` names."""
    found = split(path)
    if found is None or not is_archive(found[0]):
        return []
    archive, pattern = found
    return [
        one
        for one in members(archive, limits)
        if fnmatch.fnmatchcase(name_of(one), f"{_literal(archive.name)}{MARK}{pattern}")
        or one == path
    ]


def inside(archive: Path, name: str) -> Path:
    """Return the path that names a file inside an archive."""
    return Path(f"{archive}{MARK}{name}")


@contextmanager
def member(path: Path, limits: Limits, where: str) -> Iterator[Iterator[bytes]]:
    """Open the file inside an archive that `path` names, in pieces.

    Raises ExportError for what must not be read, is damaged or unpacks to too much;
    BusyError for an archive that changes meanwhile.
    """
    found = split(path)
    if found is None:
        raise ExportError(f"{where}: no such file")
    with _archive(found[0], where) as (archive, _):
        entry = next(
            (
                one
                for one in archive.infolist()
                if inside(found[0], one.filename) == path
            ),
            None,
        )
        if entry is None:
            raise ExportError(f"{where}: no such file in the archive")
        _refuse(entry, where)
        with archive.open(entry) as file:
            pieces = _pieces(file, where)
            yield within(pieces, entry.compress_size, limits, where)


@contextmanager
def _archive(path: Path, where: str) -> Iterator[tuple[ZipFile, BinaryIO]]:
    with still(path, where) as file:
        try:
            archive = ZipFile(file)
        except DAMAGE:
            raise ExportError(f"{where}: damaged archive; send it again") from None
        with archive:
            yield archive, file


def _pieces(file: IO[bytes], where: str) -> Iterator[bytes]:
    while True:
        try:
            piece = file.read(CHUNK)
        except DAMAGE:
            raise ExportError(f"{where}: damaged archive; send it again") from None
        if not piece:
            return
        yield piece


def _may_be_an_export(name: str) -> bool:
    """Tell whether a file in an archive is worth a look, or a word of refusal."""
    path = PurePosixPath(name.replace("\\", "/"))
    plain = path.name.casefold()
    hidden = any(
        part == "__MACOSX" or (part.startswith(".") and part.strip("."))
        for part in path.parts
    )
    beside = any(fnmatch.fnmatch(plain, pattern) for pattern in BESIDE)

    other = path.suffix.casefold() in NO_EXPORTS

    return not (name.endswith("/") or hidden or beside or other)


def _refuse(entry: ZipInfo, where: str) -> None:
    """Raise ExportError for a file that is no plain file of this archive."""
    name = entry.filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    link = stat.S_ISLNK(entry.external_attr >> 16)
    if link or name.startswith("/") or ".." in parts or ":" in name or "\\" in name:
        raise ExportError(f"{where}: its name leads out of the archive; pack it again")
    if entry.flag_bits & ENCRYPTED:
        raise ExportError(f"{where}: encrypted; unpack it with its password first")
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise ExportError(f"{where}: packed in a rare way; unpack it first")
    if PurePosixPath(name).suffix.casefold() in ARCHIVES:
        raise ExportError(f"{where}: an archive inside an archive; unpack it first")


def _literal(name: str) -> str:
    """Return a name as a pattern that matches nothing else."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except (OSError, ValueError):
        return False

    return True


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
