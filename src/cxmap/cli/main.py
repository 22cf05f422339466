"""The door itself: runs a command and turns whatever happens into a code for cron."""

import os
import sys
import traceback
import warnings
from typing import NoReturn

from typer.exceptions import TyperException

from cxmap.cli.app import app
from cxmap.cli.hoist import hoist
from cxmap.cli.stopping import Stop
from cxmap.cli.streams import (
    ReaderGoneError,
    close_streams,
    give_up,
    open_streams,
)
from cxmap.errors import CxmapError, Exit
from cxmap.text import safe


def main() -> NoReturn:
    """Run the command named in `sys.argv` and exit with the code of `errors.Exit`."""
    stop = Stop()
    stop.listen()
    open_streams()
    if not sys.warnoptions:
        warnings.simplefilter("ignore")

    sys.exit(_written_out(run(sys.argv[1:], stop)))


def run(words: list[str], stop: Stop | None = None) -> int:
    """Run one command line and return its exit code; reasons go to stderr.

    Once a signal told the run to `stop`, whatever comes out of it is that signal's:
    a library may turn the exception of a signal into one of its own.
    """
    try:
        line = hoist(words)
        return int(app(line, prog_name="cxmap", standalone_mode=False, obj=line) or 0)
    except BaseException as error:
        if stop is not None and stop.code is not None:
            return stop.code
        try:
            return _told(error)
        except ReaderGoneError:
            return Exit.BROKEN_PIPE
        except OSError:
            return Exit.IO


def _written_out(code: int) -> int:
    """Return the code, once all that was said is also written."""
    try:
        if code == Exit.BROKEN_PIPE:
            give_up()
        close_streams()
    except ReaderGoneError:
        return Exit.BROKEN_PIPE
    except OSError:
        return code or Exit.IO

    return code


def _told(error: BaseException) -> int:  # noqa: PLR0911
    """Say on stderr why the run ended; return the code that means it."""
    if isinstance(error, CxmapError):
        return _explain(str(error), error.code)
    if isinstance(error, TyperException):
        return _explain_usage(error)
    if isinstance(error, ReaderGoneError | BrokenPipeError):
        return Exit.BROKEN_PIPE
    if isinstance(error, KeyboardInterrupt):
        return Exit.INTERRUPTED
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else Exit.BUG
    if isinstance(error, OSError):
        return _explain(_disk_reason(error), Exit.IO)
    if isinstance(error, MemoryError):
        return _explain("out of memory", Exit.IO)

    return _explain(_where_it_broke(error), Exit.BUG)


def _explain(reason: str, code: Exit) -> int:
    """Write a reason; where it is several, each begins as if it were alone."""
    several = reason.startswith("error: ")
    for line in (reason if several else f"error: {reason}").splitlines():
        by = "cxmap: " if line.startswith("error: ") else ""
        sys.stderr.write(f"{by}{safe(line)}\n")

    return code


def _explain_usage(error: TyperException) -> int:
    message = getattr(error, "format_message", lambda: str(error))()
    if getattr(error, "exit_code", Exit.USAGE) == 0:
        return Exit.OK
    if type(error).__name__ == "Abort":
        return Exit.INTERRUPTED
    if type(error).__name__ == "NoArgsIsHelpError":
        sys.stderr.write(f"{message}\n")
        return Exit.USAGE

    context = getattr(error, "ctx", None)
    path = context.command_path if context else "cxmap"
    return _explain(f"{message}\nTry: {path} --help", Exit.USAGE)


def _disk_reason(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or type(error).__name__}"


def _where_it_broke(error: BaseException) -> str:
    """Say which line failed, never what it held: messages of libraries quote data."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if f"{os.sep}cxmap{os.sep}" in frame.filename]
    last = (ours or frames)[-1]
    place = f"{os.path.basename(last.filename)}:{last.lineno} in {last.name}"  # noqa: PTH119

    return (
        f"this is a bug in cxmap: {type(error).__name__} at {place}.\n"
        "Nothing was changed by the step that failed. Please report the line above; "
        "it holds no data."
    )
