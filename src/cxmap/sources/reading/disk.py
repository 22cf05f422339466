"""Files as the disk has them: opened without waiting, read whole or not at all."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cxmap.errors import BusyError, ExportError

REASONS = {
    errno.ENOENT: "no such file",
    errno.EACCES: "no permission to read it",
    errno.ELOOP: "a link that leads back to itself",
    errno.ENXIO: "not a regular file; give a file",
}


@contextmanager
def still(path: Path, where: str) -> Iterator[BinaryIO]:
    """Open a file for one whole reading.

    Raises ExportError for what is no regular file or cannot be opened, and BusyError
    where the file changed meanwhile.
    """
    with opened(path, where) as file:
        before = os.fstat(file.fileno())
        yield file
        after = os.fstat(file.fileno())
    try:
        named = path.stat()
    except OSError:
        named = None
    same = _state(before) == _state(after)
    if not same or named is None or _state(named) != _state(before):
        raise BusyError(f"{where}: changed while it was read; try again later")


@contextmanager
def opened(path: Path, where: str) -> Iterator[BinaryIO]:
    """Open a regular file; ExportError where it is none or cannot be opened."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        known = REASONS.get(getattr(error, "errno", None) or 0, "cannot be opened")
        raise ExportError(f"{where}: {known}") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ExportError(f"{where}: not a regular file; give a file")
    with os.fdopen(handle, "rb") as file:
        yield file


def size_of(file: BinaryIO) -> int:
    """Return how many bytes an open file has."""
    return os.fstat(file.fileno()).st_size


def take(file: BinaryIO, where: str, size: int) -> bytes:
    """Return up to `size` bytes; ExportError where the disk will not give them."""
    try:
        return file.read(size)
    except OSError:
        raise ExportError(f"{where}: cannot be read from this disk") from None


def _state(facts: os.stat_result) -> tuple[int, int, int, int]:
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns
