"""Stdout and stderr as a command holds them: a reader may leave at any moment."""

import io
import os
import sys
from contextlib import suppress
from typing import Any

STDOUT, STDERR = 1, 2


class ReaderGoneError(Exception):
    """The reader of a pipe left; not an OSError, so that no library answers for us."""


class Outlet(io.FileIO):
    """A stream's own file, which says ReaderGoneError where a pipe is broken."""

    def write(self, content: Any, /) -> int:
        """Write some bytes; return how many."""
        try:
            return super().write(content)
        except BrokenPipeError:
            raise ReaderGoneError from None


def open_streams() -> None:
    """Put an outlet in the place of stdout and of stderr.

    What a native library writes to stderr by itself, such as the message of a
    panic, may quote data: it is dropped. A stream that was closed from the start
    refuses what is written to it.
    """
    closed = os.open(os.devnull, os.O_RDONLY)
    sys.stdout = _text(sys.stdout, STDOUT if sys.stdout else closed)
    if sys.stderr:
        own = os.dup(STDERR)
        sys.stderr = _text(sys.stderr, own)
        _nowhere(STDERR)
    else:
        sys.stderr = _text(None, os.open(os.devnull, os.O_WRONLY))


def close_streams() -> None:
    """Write what waits in both streams.

    Raises ReaderGoneError, OSError. Python, which flushes once more on its way out,
    then finds nothing to complain of.
    """
    try:
        sys.stderr.flush()
        sys.stdout.flush()
    except (ReaderGoneError, OSError):
        give_up()
        raise


def give_up() -> None:
    """Send nowhere what the streams still hold."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            _nowhere(stream.fileno())
            stream.flush()


def _text(stream: object, number: int) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        io.BufferedWriter(Outlet(number, "w", closefd=False)),
        encoding=getattr(stream, "encoding", None) or "utf-8",
        errors=getattr(stream, "errors", None) or "backslashreplace",
        line_buffering=number != STDOUT or bool(getattr(stream, "isatty", bool)()),
    )


def _nowhere(number: int) -> None:
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, number)
    os.close(sink)
