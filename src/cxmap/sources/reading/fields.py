"""How a record's text falls into fields, and a field becomes text again."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["closed", "open", "stray"]


@dataclass(frozen=True)
class Dialect:
    """How a delimited file separates and quotes its fields."""

    delimiter: str = ","
    quote: str | None = '"'


@dataclass(frozen=True)
class Split:
    """A text fallen into fields."""

    cells: list[str]
    state: State
    """open: the last quote was never closed; stray: text follows a closing quote."""


def escaped(character: str) -> str:
    """Return the character as a polars pattern may hold it, inside classes too."""
    return f"\\x{{{ord(character):x}}}"


def split(text: str, dialect: Dialect) -> Split:
    """Split one record; a quote counts only where a field begins with it."""
    if dialect.quote is None or dialect.quote not in text:
        return Split(text.split(dialect.delimiter), "closed")
    inside = re.compile(_inside(dialect.quote))
    cells: list[str] = []
    at = 0
    while True:
        quoted = text.startswith(dialect.quote, at)
        if quoted:
            found = inside.match(text, at)
            if found is None:
                return Split(cells, "open")
            at = found.end()
        end = text.find(dialect.delimiter, at)
        between = text[at:] if end < 0 else text[at:end]
        if quoted and between.strip(" \r"):
            return Split(cells, "stray")
        cells.append(_value(found[1], dialect.quote) if quoted and found else between)
        if end < 0:
            return Split(cells, "closed")
        at = end + 1


def _inside(quote: str) -> str:
    sign = re.escape(quote)
    return f"{sign}((?:[^{sign}]++|{sign}{sign})*+){sign}"


def _value(inside: str, quote: str) -> str:
    return inside.replace(quote + quote, quote)


def joined(cells: Sequence[str], dialect: Dialect) -> str:
    """Return the record's text, quoted wherever a reader could stumble."""
    return dialect.delimiter.join(_quoted(cell, dialect) for cell in cells)


def _quoted(cell: str, dialect: Dialect) -> str:
    if dialect.quote is None or not (
        dialect.quote in cell
        or dialect.delimiter in cell
        or "\n" in cell
        or "\r" in cell
    ):
        return cell
    doubled = cell.replace(dialect.quote, dialect.quote * 2)

    return f"{dialect.quote}{doubled}{dialect.quote}"


def records(
    lines: Sequence[str], dialect: Dialect, *, span: int = 50
) -> Iterator[tuple[int, int, list[str]]]:
    """Yield first line, number of lines and cells of each record of a head.

    A quote that does not close within `span` lines is read as plain text, so that
    every line belongs to some record.
    """
    at = 0
    while at < len(lines):
        text = lines[at]
        last = at
        found = split(text, dialect)
        while found.state == "open" and last + 1 < min(len(lines), at + span):
            last += 1
            text += "\n" + lines[last]
            found = split(text, dialect)
        if found.state == "closed":
            yield at, last - at + 1, found.cells
            at = last + 1
        else:
            yield at, 1, lines[at].split(dialect.delimiter)
            at += 1
