"""The door itself: runs a command and turns whatever happens into a code for cron."""

import os
import signal
import sys
import traceback
from types import FrameType
from typing import NoReturn

from typer.exceptions import TyperException

from cxmap.cli.app import app
from cxmap.cli.hoist import hoist
from cxmap.errors import CxmapError, Exit
from cxmap.text import safe


def main() -> NoReturn:
    """Run the command named in `sys.argv` and exit with the code of `errors.Exit`."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would complain once more when it flushes stdout on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = Exit.BROKEN_PIPE

    sys.exit(code)


def run(words: list[str]) -> int:  # noqa: PLR0911
    """Run one command line and return its exit code; reasons go to stderr."""
    try:
        return int(app(hoist(words), prog_name="cxmap", standalone_mode=False) or 0)
    except CxmapError as error:
        return _explain(str(error), error.code)
    except TyperException as error:
        return _explain_usage(error)
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except OSError as error:
        return _explain(_disk_reason(error), Exit.IO)
    except MemoryError:
        return _explain("out of memory", Exit.IO)
    except Exception as error:
        return _explain(_where_it_broke(error), Exit.BUG)


def _explain(reason: str, code: Exit) -> int:
    lines = "\n".join(safe(line) for line in reason.splitlines())
    prefix = "" if lines.startswith("error") else "cxmap: error: "
    sys.stderr.write(f"{prefix}{lines}\n")

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


def _where_it_broke(error: Exception) -> str:
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


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(Exit.TERMINATED)
