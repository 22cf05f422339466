"""A file's bytes: opened once, read once, unpacked within limits."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cxmap.errors import ExportError
from cxmap.sources.reading.archives import member, show, split
from cxmap.sources.reading.disk import size_of, still, take
from cxmap.sources.reading.packing import CHUNK, packing_of, unpacked, within
from cxmap.sources.reading.shapes import Limits

FOREIGN = {
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"%PDF": "a PDF",
    b"SQLite format 3": "an SQLite database",
}
"""First bytes of what looks like an export to its sender and is none."""

OFFICE = b"\xd0\xcf\x11\xe0"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""What an old Office file names inside when it only wraps an encrypted new one."""

DEFAULT_LIMITS = Limits()


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
    where = show(path)
    with _pieces(path, limits, where) as pieces:
        data = b"".join(pieces)
    _refuse_foreign(data, path)

    return Content(data)


def read_head(path: Path) -> tuple[bytes, bool]:
    """Return the first bytes, unpacked, and whether that is everything."""
    head = bytearray()
    with _pieces(path, DEFAULT_LIMITS, show(path), step=CHUNK) as pieces:
        while len(head) < CHUNK and (piece := next(pieces, b"")):
            head += piece
        whole = len(head) < CHUNK or not next(pieces, b"")
    data = bytes(head)
    if data.startswith(OFFICE) and not whole:
        data = read_content(path, DEFAULT_LIMITS).data
    _refuse_foreign(data, path)

    return data, whole


def content_digest(path: Path, limits: Limits = DEFAULT_LIMITS) -> str:
    """Return the digest that `Content.sha256` has, without holding the content.

    Raises what `read_content` raises where the content cannot be reached.
    """
    digest = hashlib.sha256()
    with _pieces(path, limits, show(path), step=CHUNK) as pieces:
        for piece in pieces:
            digest.update(piece)

    return digest.hexdigest()


@contextmanager
def _pieces(
    path: Path, limits: Limits, where: str, *, step: int | None = None
) -> Iterator[Iterator[bytes]]:
    """Open what a file holds, unpacked, in pieces; without a `step` in one, if it can.

    A file inside an archive comes out of it; one that is packed once more is refused.
    """
    if split(path) is not None:
        with member(path, limits, where) as pieces:
            yield _packed_once(pieces, where)
        return
    with still(path, where) as file:
        size = size_of(file)
        if size > limits.bytes:
            raise ExportError(f"{where}: larger than {limits.bytes} bytes; split it")
        packing = packing_of(take(file, where, CHUNK))
        file.seek(0)
        if packing is None:
            length = step or size + 1
            yield iter(lambda: take(file, where, length), b"")
        else:
            made = unpacked(lambda: take(file, where, CHUNK), packing, where)
            yield _packed_once(within(made, size, limits, where), where)


def _packed_once(pieces: Iterator[bytes], where: str) -> Iterator[bytes]:
    first = next(pieces, b"")
    if packing_of(first) is not None:
        raise ExportError(f"{where}: packed once more inside; unpack it first")
    yield first
    yield from pieces


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
