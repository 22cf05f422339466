"""Files that are whole or absent, and on the disk before anybody is told so."""

import errno
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from polars.exceptions import ComputeError, PanicException

from cxmap.errors import StoreError
from cxmap.text import safe

Write = Callable[[BinaryIO], object]

PARTIAL = ".tmp"
"""How the name of a file ends until it is whole."""

CURES = {
    errno.ENOSPC: "make room, then run again",
    errno.EDQUOT: "make room, then run again",
    errno.EACCES: "give this user the right to write there",
    errno.EPERM: "give this user the right to write there",
    errno.EROFS: "name a folder that can be written",
}

SYSTEM_ERROR = re.compile(r"os error (\d+)")


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Name the path and the system's reason, as StoreError, if the disk refuses.

    The parser's and the writer's own words are dropped: they may quote data.
    """
    try:
        yield
    except OSError as error:
        raise StoreError(f"{safe(path)}: {_reason(error.errno)}") from error
    except (ComputeError, PanicException) as error:
        code = SYSTEM_ERROR.search(str(error))
        raise StoreError(f"{safe(path)}: {_reason(code and int(code[1]))}") from None


def _reason(code: int | None) -> str:
    if not code:
        return "cannot be read or written as Parquet; check the store"
    cure = CURES.get(code)

    return os.strerror(code) + (f"; {cure}" if cure else "")


def write_whole(path: Path, write: Write, *, mode: int = 0o600) -> None:
    """Replace the file at `path` by what `write` writes, or leave it as it is.

    When this returns, the file and its name are on the disk. Raises OSError or
    polars' errors as they come (see `refusing`); an error may come after the name was
    given, so a caller that retries looks first.
    """
    partial = write_partial(path.parent, write, mode=mode)
    publish(partial, path)
    sync_folder(path.parent)


def write_partial(folder: Path, write: Write, *, mode: int = 0o600) -> Path:
    """Write a file under a passing name, on the disk when this returns.

    Give it its name with `publish`. Nothing is left behind when `write` fails.
    """
    partial = folder / f"{secrets.token_hex(8)}{PARTIAL}"
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    descriptor = os.open(partial, flags, mode)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        partial.unlink(missing_ok=True)
        raise

    return partial


def publish(partial: Path, path: Path) -> None:
    """Give a partial file its name; `sync_folder` makes the name last."""
    try:
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk: without this a rename may be lost."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
