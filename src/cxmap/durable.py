"""Files that are whole or absent, and on the disk before anybody is told so."""

import os
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

Write = Callable[[BinaryIO], object]

PARTIAL = ".tmp"
"""How the name of a file ends until it is whole."""


def write_whole(path: Path, write: Write, *, mode: int = 0o600) -> None:
    """Replace the file at `path` by what `write` writes, or leave it as it is.

    A file that is there keeps its mode, a new one gets `mode` less the umask. When
    this returns, the file and its name are on the disk. What `write` or the disk
    raises comes as it is; an error may come after the name was given, so a caller
    that retries looks first.
    """

    def as_before(file: BinaryIO) -> None:
        with suppress(FileNotFoundError):
            os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
        write(file)

    partial = write_partial(path.parent, as_before, mode=mode)
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
