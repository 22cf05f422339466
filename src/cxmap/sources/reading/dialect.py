"""Where a delimited file's header is, and what separates its fields."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cxmap.sources.reading.fields import Dialect, records
from cxmap.sources.reading.shapes import ROW, ReadOptions

DELIMITERS = (",", ";", "\t", "|")
SEP = re.compile(r"sep=(.)\s*", re.IGNORECASE)
"""Excel's first line that names the delimiter."""

MOJIBAKE_MARK = "\u00ef\u00bb\u00bf"
"""A byte order mark that was encoded twice."""


@dataclass(frozen=True)
class Layout:
    """How a delimited file is laid out."""

    dialect: Dialect
    names: tuple[str, ...]
    """One for each column, no two alike."""
    raw_names: tuple[str, ...]
    duplicates: tuple[str, ...]
    preamble: int
    """Lines before the header."""
    body: int
    """The first line after the header, from 0."""


@dataclass(frozen=True)
class _Guess:
    score: float
    dialect: Dialect
    header: int
    lines: int
    cells: list[str]


def lay_out(lines: Sequence[str], options: ReadOptions) -> Layout | None:
    """Return the layout that the first lines show; None where none holds anything."""
    declared = SEP.fullmatch(lines[0]) if lines else None
    skip = 1 if declared else 0
    delimiter = options.delimiter or (declared[1] if declared else None)
    candidates = (delimiter,) if delimiter else DELIMITERS
    guesses = [
        _guess(lines, skip, Dialect(candidate, options.quote))
        for candidate in candidates
    ]
    seen = [guess for guess in guesses if guess is not None]
    if not seen:
        return None
    best = max(seen, key=lambda guess: guess.score)

    return _layout(best, options, skip)


def _layout(best: _Guess, options: ReadOptions, skip: int) -> Layout:
    if options.header:
        names, duplicates = unique(best.cells)
        raw = tuple(best.cells)
        preamble, body = best.header, best.header + best.lines
    else:
        wanted = options.columns or tuple(f"[{k + 1}]" for k in range(len(best.cells)))
        names, duplicates = unique(wanted)
        raw = tuple(wanted)
        preamble = body = skip

    return Layout(best.dialect, names, raw, duplicates, preamble, body)


def unique(cells: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return one name for each header cell, and the names borne twice.

    Names are alike when they differ only in case or space; the second becomes
    `name[2]`, a column without a name is called after its place: `[3]`.
    """
    names: list[str] = []
    taken = {ROW}
    first: dict[str, str] = {}
    count: Counter[str] = Counter({ROW: 1})
    twice: dict[str, None] = {}
    for place, cell in enumerate(cells, 1):
        plain = cell.strip().removeprefix("\ufeff").removeprefix(MOJIBAKE_MARK).strip()
        spelled = plain or f"[{place}]"
        key = spelled.casefold()
        count[key] += 1
        name = spelled if count[key] == 1 else f"{spelled}[{count[key]}]"
        while name in taken:
            name += "'"
        if count[key] > 1 and key in first:
            twice[first[key]] = None
        first.setdefault(key, spelled)
        taken.add(name)
        names.append(name)

    return tuple(names), tuple(twice)


def _guess(lines: Sequence[str], skip: int, dialect: Dialect) -> _Guess | None:
    """Judge one delimiter by how evenly it cuts, and find the header under it."""
    found = [
        (start + skip, length, cells)
        for start, length, cells in records(lines[skip:], dialect)
        if any(cell.strip() for cell in cells)
    ]
    if not found:
        return None
    widths = Counter(len(cells) for _, _, cells in found)
    width, times = max(widths.items(), key=lambda kind: (kind[1] * (kind[0] > 1), kind))
    even = times / len(found)
    score = even * (1.0 if width > 1 else 0.3) * (1 + min(width, 12) / 50)
    header = next(k for k, (_, _, cells) in enumerate(found) if _heads(cells, k, width))
    start, length, cells = found[header]
    if len(cells) == width - 1 and not any(
        below[-1].strip() for _, _, below in found if len(below) == width
    ):
        cells = [*cells, ""]

    return _Guess(score, dialect, start, length, cells)


def _heads(cells: Sequence[str], place: int, width: int) -> bool:
    """Tell whether this record can be the header of rows so wide."""
    nearly = place == 0 and width >= 4 and abs(len(cells) - width) == 1
    return len(cells) == width or nearly
