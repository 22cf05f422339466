"""What is wrong with a YAML file: every problem at once, with line and caret."""

import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from cxmap.errors import ConfigError
from cxmap.text import safe
from cxmap.yamls.checking import check_document
from cxmap.yamls.complaints import nearest, proposal
from cxmap.yamls.documents import Document, Problem, Spot, read_document

WIDEST = 160
"""Of a longer line only the part around the caret is shown."""

M = TypeVar("M", bound=BaseModel)

Flaws = tuple[Document, tuple[Problem, ...]]
"""A file, and what is wrong with it."""


def check_yaml(text: str, path: Path, model: type[M]) -> M:
    """Return the YAML `text` as a `model`.

    Values are taken strictly: text is never read as a number, a flag or a list.
    Raises ConfigError that holds every problem, each with line, column and caret.
    """
    document = read_document(text, path)
    checked, problems = check_document(document, model)
    if checked is None:
        raise failure((document, problems))

    return checked


def failure(*flaws: Flaws) -> ConfigError:
    """Return the error that shows all problems, file by file, in their lines' order."""
    by_file: dict[Path, tuple[Document, set[Problem]]] = {}
    for document, problems in flaws:
        by_file.setdefault(document.path, (document, set()))[1].update(problems)
    wrong = [(document, found) for document, found in by_file.values() if found]
    shown = [text for document, found in wrong for text in _in_order(document, found)]
    counts = ", ".join(
        f"{'1 error' if len(found) == 1 else f'{len(found)} errors'} "
        f"in {safe(document.path)}"
        for document, found in wrong
    )

    return ConfigError("\n".join([*shown, f"{counts}. Nothing was run."]))


def _in_order(document: Document, problems: Iterable[Problem]) -> list[str]:
    lines = document.text.splitlines() or [""]
    ordered = sorted(problems, key=lambda p: (p.spot.line, p.spot.column, p.message))
    return [_shown(problem, document.path, lines) for problem in ordered]


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
    "Flaws",
    "Problem",
    "Spot",
    "check_document",
    "check_yaml",
    "failure",
    "nearest",
    "proposal",
]
