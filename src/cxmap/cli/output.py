"""Where a view goes: stdout, or files that are either old or whole."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cxmap.durable import write_whole
from cxmap.errors import StoreError, UsageError

if TYPE_CHECKING:
    from cxmap.cli.words import Words

SUFFIXES = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".md": "md",
    ".csv": "csv",
    ".txt": "table",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".parquet": "parquet",
}
"""Which form a file name asks for."""

FORMS = ("auto", "table", "json", "jsonl", "md", "csv")


STDOUT = Path("-")
"""What stands for stdout among outputs."""


class Look(NamedTuple):
    """What the reader can be shown."""

    width: int | None = None
    """Columns; None: as many as needed, nothing is ever cut."""
    color: bool = False
    ascii: bool = False


FILE = Look()

Render = Callable[[str, Look], str | bytes]


def deliver(
    render: Render,
    *,
    form: str,
    outputs: Sequence[Path],
    forms: Sequence[str] = FORMS,
    color: str = "auto",
) -> list[Path]:
    """Write a view to each of `outputs`, or to stdout where there are none.

    `render` takes a form and a look and returns the view. A form other than `auto`
    wins over a file's suffix; `-` is stdout. Returns the files written.
    """
    if form not in forms:
        raise UsageError(f"-f {form}: write one of {', '.join(forms)}")
    if not outputs:
        to_stdout(render("table" if form == "auto" else form, shape(color)))

    for path in outputs:
        if path == STDOUT:
            usual = "table" if "table" in forms else forms[1]
            to_stdout(render(usual if form == "auto" else form, shape(color)))
            continue
        to_file(render(_form_of(path, form, forms), FILE), path)

    return files(outputs)


def show(
    words: "Words",
    render: Render,
    *,
    form: str,
    outputs: Sequence[Path] | None,
    forms: Sequence[str] = FORMS,
) -> None:
    """Write a view as `deliver` does, and say which files were written."""
    written = deliver(
        render, form=form, outputs=outputs or [], forms=forms, color=words.color
    )
    for path in written:
        words.say(f"wrote {path}")


def files(outputs: Sequence[Path] | None) -> list[Path]:
    """Return the outputs that are files rather than stdout."""
    return [path for path in outputs or () if path != STDOUT]


def _form_of(path: Path, form: str, forms: Sequence[str]) -> str:
    if form != "auto":
        return form
    inferred = SUFFIXES.get(path.suffix.lower())
    if inferred is None or inferred not in forms:
        known = ", ".join(s for s, named in SUFFIXES.items() if named in forms)
        raise UsageError(
            f"-o {path}: the suffix names no form; use one of {known}, or say -f"
        )

    return inferred


def to_stdout(view: str | bytes) -> None:
    """Write a view to stdout, and nothing else, ever."""
    if isinstance(view, bytes) and sys.stdout.isatty():
        raise UsageError("stdout: a terminal cannot show this form; give -o FILE")
    if isinstance(view, bytes):
        sys.stdout.buffer.write(view)
    else:
        sys.stdout.write(view if view.endswith("\n") or not view else f"{view}\n")
    sys.stdout.flush()


def to_file(view: str | bytes, path: Path, *, mode: int = 0o644) -> None:
    """Replace `path` in one step: a reader sees the old file or the new one.

    A file that is there keeps its mode, a new one gets `mode` less the umask. What
    is no file, such as a pipe or /dev/null, is written to.
    """
    content = view if isinstance(view, bytes) else view.encode()
    if isinstance(view, str) and view and not view.endswith("\n"):
        content += b"\n"
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
        else:
            write_whole(path, lambda file: file.write(content), mode=mode)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror}") from None


COLOR = {"always": True, "never": False}

USUAL_WIDTH = 80
"""Columns of a terminal that does not say how wide it is."""


def shape(color: str = "auto") -> Look:
    """Return what stdout can show; off a terminal the width is unlimited."""
    tty = sys.stdout.isatty()
    told = os.get_terminal_size(sys.stdout.fileno()).columns if tty else None
    width = (told or USUAL_WIDTH) if tty else None
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    colored = COLOR.get(color, _coloured(os.environ, tty=tty))

    return Look(width, colored, not encoding.startswith("utf"))


def _coloured(environment: Mapping[str, str], *, tty: bool) -> bool:
    """Tell whether to colour where no flag says so; the environment's no wins."""
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR", "0") not in ("", "0"):
        return True

    return tty and environment.get("TERM") != "dumb"
