"""What is wrong with a YAML file: every problem at once, with line and caret."""

import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from cxmap.errors import ConfigError
from cxmap.text import safe
from cxmap.yamls.checking import check_document
from cxmap.yamls.complaints import nearest, proposal
from cxmap.yamls.documents import Document, Problem, Spot, read_document
from cxmap.yamls.inside import Place

WIDEST = 160
"""Of a longer line only the part around the caret is shown."""

M = TypeVar("M", bound=BaseModel)


def check_yaml(text: str, path: Path, model: type[M]) -> M:
    """Return the YAML `text` as a `model`.

    Values are taken strictly: text is never read as a number, a flag or a list.
    Raises ConfigError that holds every problem, each with line, column and caret.
    """
    document = read_document(text, path)
    checked, problems = check_document(document, model)
    if checked is None:
        raise failure(document, problems)

    return checked


def failure(document: Document, problems: Iterable[Problem]) -> ConfigError:
    """Return the error that shows `problems` in the order of the file's lines."""
    lines = document.text.splitlines() or [""]
    ordered = sorted(
        set(problems), key=lambda p: (p.spot.line, p.spot.column, p.message)
    )
    shown = [_shown(problem, document.path, lines) for problem in ordered]
    errors = "1 error" if len(shown) == 1 else f"{len(shown)} errors"
    name = safe(document.path)

    return ConfigError("\n".join([*shown, f"{errors} in {name}. Nothing was run."]))


def unknown_name(document: Document, place: Place, known: Sequence[str]) -> Problem:
    """Return the problem of a key or value at `place` that is none of `known`."""
    name = str(place[-1])
    return Problem(
        document.key(place), f"unknown name `{safe(name)}`", proposal(name, known)
    )


def _shown(problem: Problem, path: Path, lines: list[str]) -> str:
    spot = problem.spot
    number = str(spot.line + 1)
    pad = " " * len(number)
    # A parser may stop one line behind the end of the file.
    line = lines[spot.line] if spot.line < len(lines) else ""
    begin = max(0, spot.column - WIDEST // 2) if len(line) > WIDEST else 0
    before = safe(line[begin : spot.column])
    after = safe(line[spot.column : begin + WIDEST])
    marked = safe(line[spot.column : spot.column + spot.width][:WIDEST])
    caret = " " * _cells(before) + "^" * _cells(marked or " ")
    rows = [
        f"error: {problem.message}",
        f"{pad} --> {safe(path)}:{number}:{spot.column + 1}",
        f"{pad}  |",
        f" {number} | {before}{after}".rstrip(),
        f"{pad}  | {caret}",
    ]
    if problem.help:
        rows.append(f"{pad}  = help: {problem.help}")

    return "\n".join(rows)


def _cells(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    marks = sum(bool(unicodedata.combining(c)) for c in text)
    return len(text) + wide - marks


__all__ = [
    "Problem",
    "Spot",
    "check_document",
    "check_yaml",
    "failure",
    "nearest",
    "proposal",
    "unknown_name",
]
