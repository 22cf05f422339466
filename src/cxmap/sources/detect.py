"""Which profile a file was written for, told from its head."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from cxmap.sources.flat import folded
from cxmap.sources.language import Detect
from cxmap.sources.profile import Profile, parts
from cxmap.sources.reading.shapes import Peek

FIFTH = 4
ENOUGH = 0.6
"""Share of a headerless file's first lines that must look like the part's."""


@dataclass(frozen=True)
class Detection:
    """A profile and part that a file may have been written for."""

    profile: str
    part: str
    confidence: float
    """0 … 1: how much was recognised; two equal ones at the top are ambiguous."""
    why: str
    """What was recognised, in words."""


def detect(peek: Peek, profiles: Mapping[str, Profile]) -> list[Detection]:
    """Return the parts that fit the head of a file, the surest first.

    Everything a part's `detect` names must hold; the more it names, the surer. An
    empty list: no profile fits.
    """
    found = []
    for name, profile in profiles.items():
        for part_name, part in parts(profile).items():
            marks = list(_marks(part.detect, peek)) if part.detect else [None]
            recognised = [mark for mark in marks if mark is not None]
            if recognised and len(recognised) == len(marks):
                found.append(
                    Detection(
                        name,
                        part_name,
                        round(1 - 1 / (1 + _weight(part.detect)), 3),
                        "; ".join(recognised),
                    )
                )

    return sorted(found, key=lambda d: (-d.confidence, d.profile, d.part))


def ambiguous(found: list[Detection]) -> bool:
    """Tell whether two parts fit equally well, so that the user must say which."""
    return len(found) > 1 and found[0].confidence == found[1].confidence


def _weight(rules: Detect | None) -> int:
    if rules is None:
        return 0
    lists = (rules.header_all, rules.header_regex, rules.keys, rules.cells)
    single = (
        rules.header_any,
        rules.keys_any,
        rules.wrapper,
        rules.first_field_regex,
        rules.fifth_field_in,
    )
    return sum(len(words) for words in lists) + sum(bool(word) for word in single)


def _marks(rules: Detect, peek: Peek) -> Iterator[str | None]:
    """Yield what is recognised for every rule given; None where one does not hold."""
    tabular = peek.format == "xlsx" and rules.format in ("delimited", None)
    if rules.format is not None:
        fits = peek.format == rules.format or tabular
        yield rules.format if fits else None
    if rules.delimiter is not None:
        yield "delimiter" if peek.delimiter == rules.delimiter else None
    if peek.format == "json":
        yield from _json_marks(rules, peek)
    elif rules.header == "none":
        yield from _headerless_marks(rules, peek)
    else:
        yield from _header_marks(rules, peek)


def _json_marks(rules: Detect, peek: Peek) -> Iterator[str | None]:
    if rules.header_all or rules.header_any or rules.header_regex or rules.header:
        yield None
    if rules.keys:
        yield _all("keys", rules.keys, peek.keys)
    if rules.keys_any:
        yield _any("key", rules.keys_any, peek.keys)
    if rules.wrapper is not None:
        yield f"under {rules.wrapper}" if peek.wrapper == rules.wrapper else None


def _header_marks(rules: Detect, peek: Peek) -> Iterator[str | None]:
    headers = {folded(name) for name in peek.raw_names}
    if rules.keys or rules.keys_any or rules.wrapper or rules.header == "none":
        yield None
    if rules.header_all:
        yield _all("columns", [folded(name) for name in rules.header_all], headers)
    if rules.header_any:
        yield _any("column", [folded(name) for name in rules.header_any], headers)
    for pattern in rules.header_regex:
        fits = [name for name in headers if re.search(pattern, name, re.IGNORECASE)]
        yield f"a column like {pattern}" if fits else None


def _headerless_marks(rules: Detect, peek: Peek) -> Iterator[str | None]:
    lines = [cells for cells in peek.headerless_cells if cells]
    if rules.first_field_regex is not None:
        fits = [bool(re.search(rules.first_field_regex, cells[0])) for cells in lines]
        yield "first fields" if _mostly(fits) else None
    if rules.fifth_field_in:
        known = [
            len(cells) > FIFTH and cells[FIFTH] in rules.fifth_field_in
            for cells in lines
        ]
        yield "fifth fields" if _mostly(known) else None
    for place, pattern in rules.cells.items():
        shown = [
            len(cells) >= place and bool(re.search(pattern, cells[place - 1]))
            for cells in lines
        ]
        yield f"fields {place}" if _mostly(shown) else None


def _mostly(fits: list[bool]) -> bool:
    return bool(fits) and sum(fits) >= ENOUGH * len(fits)


def _all(what: str, wanted: Iterable[str], held: Container[str]) -> str | None:
    names = list(wanted)
    return f"{what} {', '.join(names)}" if all(n in held for n in names) else None


def _any(what: str, wanted: Iterable[str], held: Container[str]) -> str | None:
    names = [name for name in wanted if name in held]
    return f"{what} {names[0]}" if names else None
