"""The lock: one writer at a time, and a death that frees it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cxmap.errors import BusyError
from cxmap.store.refusing import refusing
from cxmap.text import safe

PAUSE = 0.05
"""Seconds between two attempts."""


@contextmanager
def held(path: Path, *, wait: timedelta) -> Iterator[None]:
    """Hold the lock of a file for the time of the block.

    The kernel frees it when the holder ends, however it ends; the file itself is
    never deleted, and nobody breaks a lock by guessing at process numbers.
    BusyError when it is not free after `wait`; StoreError where the file cannot be
    written.
    """
    with refusing(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(descriptor, path, wait)
        _sign(descriptor, str(os.getpid()))
        try:
            yield
        finally:
            _sign(descriptor, "")
    finally:
        os.close(descriptor)


def _sign(descriptor: int, holder: str) -> None:
    # Only for the message to the next one: a full disk must not stop a run here.
    with suppress(OSError):
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, holder.encode(), 0)


def _take(descriptor: int, path: Path, wait: timedelta) -> None:
    patience = time.monotonic() + wait.total_seconds()
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= patience:
                raise BusyError(_held_by(descriptor, path)) from None
            time.sleep(PAUSE)
        else:
            return


def _held_by(descriptor: int, path: Path) -> str:
    since = datetime.fromtimestamp(os.fstat(descriptor).st_mtime, UTC)
    holder = os.pread(descriptor, 20, 0).decode("ascii", "replace")
    who = f"process {holder}" if holder.isdigit() else "another process"

    return (
        f"{safe(path.parent)}: {who} writes to the store since "
        f"{since:%Y-%m-%d %H:%M:%S} UTC; run again when it has ended, or wait longer"
    )
