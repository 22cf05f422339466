"""A file's bytes: opened once, read once, unpacked within limits."""

import errno
import gzip
import hashlib
import os
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cxmap.errors import BusyError, ExportError
from cxmap.sources.reading.shapes import Limits
from cxmap.text import safe

GZIP = b"\x1f\x8b"

FOREIGN = {
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"%PDF": "a PDF",
    b"SQLite format 3": "an SQLite database",
}
"""First bytes of what looks like an export to its sender and is none."""

OFFICE = b"\xd0\xcf\x11\xe0"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""What an old Office file names inside when it only wraps an encrypted new one."""

CHUNK = 1024**2

DEFAULT_LIMITS = Limits()

REASONS = {
    errno.ENOENT: "no such file",
    errno.EACCES: "no permission to read it",
    errno.ELOOP: "a link that leads back to itself",
    errno.ENXIO: "not a regular file; give a file",
}


@dataclass(frozen=True)
class Content:
    """What a file holds."""

    data: bytes
    """Unpacked."""

    def sha256(self) -> str:
        """Return the digest of the bytes that are parsed."""
        return hashlib.sha256(self.data).hexdigest()


def read_content(path: Path, limits: Limits) -> Content:
    """Return what the file holds.

    Raises ExportError for what is no regular file, cannot be read or exceeds a
    limit, and BusyError for a file that changed while it was read.
    """
    packed = _read_still(path, limits)
    data = unpack(packed, path, limits) if packed.startswith(GZIP) else packed
    _refuse_foreign(data, path)

    return Content(data)


def read_head(path: Path) -> tuple[bytes, bool]:
    """Return the first bytes, unpacked, and whether that is everything."""
    with _open(path) as file:
        packed = _take(file, path, CHUNK)
        whole = not file.read(1)
    if packed.startswith(OFFICE) and not whole:
        packed = read_content(path, DEFAULT_LIMITS).data
    data = packed
    if packed.startswith(GZIP):
        engine = zlib.decompressobj(wbits=31)
        try:
            data = engine.decompress(packed, CHUNK)
        except zlib.error:
            raise ExportError(f"{show(path)}: damaged gzip; send it again") from None
        whole = whole and engine.eof and not engine.unused_data
    _refuse_foreign(data, path)

    return data, whole


def content_digest(path: Path, limits: Limits = DEFAULT_LIMITS) -> str:
    """Return the digest that `Content.sha256` has, without holding the content.

    Raises ExportError as `read_content`, where the content cannot be reached.
    """
    with _open(path) as file:
        size = os.fstat(file.fileno()).st_size
        packed = file.read(len(GZIP)) == GZIP
        file.seek(0)
        if not packed:
            return _digest(iter(lambda: _take(file, path, CHUNK), b""))
        try:
            with gzip.open(file) as unpacked:
                return _digest(_within(unpacked, size, path, limits))
        except EOFError:
            reason = "gzip cut short"
        except (OSError, zlib.error):
            reason = "damaged gzip"

    raise ExportError(f"{show(path)}: {reason}; send it again")


def _digest(pieces: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)

    return digest.hexdigest()


def _within(
    unpacked: gzip.GzipFile, size: int, path: Path, limits: Limits
) -> Iterator[bytes]:
    made = 0
    while piece := unpacked.read(CHUNK):
        made += len(piece)
        _refuse_bomb(made, size, path, limits)
        yield piece


def show(path: Path) -> str:
    """Return the file's name as a message may say it."""
    return safe(path.name)


def unpack(packed: bytes, path: Path, limits: Limits) -> bytes:
    """Return every member of a gzip file; refuse a bomb before it fills memory."""
    made = bytearray()
    rest = packed
    while rest.startswith(GZIP):
        rest = _unpack_member(rest, made, len(packed), path, limits)
    if rest.strip(b"\0"):
        raise ExportError(f"{show(path)}: bytes after the end of the gzip data")

    return bytes(made)


def _unpack_member(
    packed: bytes, made: bytearray, size: int, path: Path, limits: Limits
) -> bytes:
    """Append one member to `made` and return what follows it."""
    engine = zlib.decompressobj(wbits=31)
    feed = packed
    while not engine.eof:
        try:
            piece = engine.decompress(feed, CHUNK)
        except zlib.error:
            raise ExportError(f"{show(path)}: damaged gzip; send it again") from None
        made += piece
        feed = engine.unconsumed_tail
        if not piece and not feed and not engine.eof:
            raise ExportError(f"{show(path)}: gzip cut short; send it again")
        _refuse_bomb(len(made), size, path, limits)

    return engine.unused_data


def _refuse_bomb(made: int, size: int, path: Path, limits: Limits) -> None:
    if made > limits.bytes:
        raise ExportError(
            f"{show(path)}: unpacks to more than {limits.bytes} bytes; split it"
        )
    if made > max(limits.ratio_from, size * limits.ratio):
        raise ExportError(
            f"{show(path)}: unpacks to more than {limits.ratio} times its size"
        )


def _refuse_foreign(data: bytes, path: Path) -> None:
    if not data:
        raise ExportError(f"{show(path)}: empty; nothing to read")
    if data.startswith(OFFICE):
        locked = ENCRYPTED in data
        what = "an encrypted workbook" if locked else "an old Excel file (.xls)"
        how = "without a password" if locked else "as .xlsx or CSV"
        raise ExportError(f"{show(path)}: {what}; save it {how}")
    for magic, what in FOREIGN.items():
        if data.startswith(magic):
            raise ExportError(
                f"{show(path)}: {what}, not text; export CSV, JSON or Parquet"
            )


def _read_still(path: Path, limits: Limits) -> bytes:
    with _open(path) as file:
        before = os.fstat(file.fileno())
        if before.st_size > limits.bytes:
            raise ExportError(
                f"{show(path)}: larger than {limits.bytes} bytes; split it"
            )
        data = _take(file, path, before.st_size + 1)
        after = os.fstat(file.fileno())
    try:
        named = path.stat()
    except OSError:
        named = None
    same = _state(before) == _state(after) and len(data) == before.st_size
    if not same or named is None or _state(named) != _state(before):
        raise BusyError(f"{show(path)}: changed while it was read; try again later")

    return data


def _state(facts: os.stat_result) -> tuple[int, int, int, int]:
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns


def _open(path: Path) -> BinaryIO:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        known = REASONS.get(getattr(error, "errno", None) or 0, "cannot be opened")
        raise ExportError(f"{show(path)}: {known}") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ExportError(f"{show(path)}: not a regular file; give a file")

    return os.fdopen(handle, "rb")


def _take(file: BinaryIO, path: Path, size: int) -> bytes:
    try:
        return file.read(size)
    except OSError:
        raise ExportError(f"{show(path)}: cannot be read from this disk") from None
