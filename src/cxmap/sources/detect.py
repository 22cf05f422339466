"""Which profile a file was written for, told from its head."""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cxmap.sources.flat import folded
from cxmap.sources.language import Detect
from cxmap.sources.profile import Profile, parts
from cxmap.sources.reading.shapes import Peek

FIFTH = 4
ENOUGH = 0.6
"""Share of a headerless file's first lines that must look like the part's."""


SHAPE = ("delimited", "json", "parquet", "xlsx", "delimiter")
"""What says how a file is written, not whose it is."""

NEAREST = 3
NAMED = 8
"""How many parts, and how many of their columns, an advice names."""


@dataclass(frozen=True)
class Detection:
    """A profile and part that a file may have been written for."""

    profile: str
    part: str
    confidence: float
    """0 … 1: how much was recognised; two equal ones at the top are ambiguous."""
    why: str
    """What was recognised, in words."""


@dataclass(frozen=True)
class Mark:
    """One rule of a part, and how far a file keeps it."""

    seen: tuple[str, ...]
    """What was looked for and is there, in words."""
    missing: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


def detect(peek: Peek, profiles: Mapping[str, Profile]) -> list[Detection]:
    """Return the parts that fit the head of a file, the surest first.

    Everything a part's `detect` names must hold; the more it names, the surer. An
    empty list: no profile fits.
    """
    found = []
    for name, part_name, rules in _rules(profiles):
        marks = list(_marks(rules, peek))
        if marks and all(mark.holds for mark in marks):
            surety = round(1 - 1 / (1 + _weight(rules)), 3)
            why = "; ".join(", ".join(mark.seen) for mark in marks)
            found.append(Detection(name, part_name, surety, why))

    return sorted(found, key=lambda d: (-d.confidence, d.profile, d.part))


def near(peek: Peek, profiles: Mapping[str, Profile]) -> list[Detection]:
    """Return the parts that fit in part, the nearest first, and what they lack.

    `confidence` is the share of what they look for that is there.
    """
    found = []
    for name, part_name, rules in _rules(profiles):
        marks = list(_marks(rules, peek))
        missing = [word for mark in marks for word in mark.missing]
        shape = [word for word in missing if word in SHAPE]
        seen = [word for mark in marks for word in mark.seen if word not in SHAPE]
        if seen and missing and not shape:
            share = round(len(seen) / (len(seen) + len(missing)), 3)
            why = f"has {_some(seen)}; lacks {_some(missing)}"
            found.append(Detection(name, part_name, share, why))

    return sorted(found, key=lambda d: (-d.confidence, d.profile, d.part))[:NEAREST]


def ambiguous(found: list[Detection]) -> bool:
    """Tell whether two parts fit equally well, so that the user must say which."""
    return len(found) > 1 and found[0].confidence == found[1].confidence


def _rules(profiles: Mapping[str, Profile]) -> Iterator[tuple[str, str, Detect]]:
    for name, profile in profiles.items():
        for part_name, part in parts(profile).items():
            if part.detect is not None:
                yield name, part_name, part.detect


def _some(words: Sequence[str]) -> str:
    more = len(words) - NAMED
    listed = ", ".join(words[:NAMED])

    return f"{listed} and {more} more" if more > 0 else listed


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


def _marks(rules: Detect, peek: Peek) -> Iterator[Mark]:
    """Yield every rule given, and how far the file keeps it."""
    tabular = peek.format == "xlsx" and rules.format == "delimited"
    if rules.format is not None:
        yield _mark(rules.format, peek.format == rules.format or tabular)
    if rules.delimiter is not None:
        yield _mark("delimiter", peek.delimiter == rules.delimiter)
    if peek.format == "json":
        yield from _json_marks(rules, peek)
    elif rules.header == "none":
        yield from _headerless_marks(rules, peek)
    else:
        yield from _header_marks(rules, peek)


def _json_marks(rules: Detect, peek: Peek) -> Iterator[Mark]:
    if rules.header_all or rules.header_any or rules.header_regex or rules.header:
        yield _mark("delimited", holds=False)
    if rules.keys:
        yield _all("keys", rules.keys, peek.keys)
    if rules.keys_any:
        yield _any("key", rules.keys_any, peek.keys)
    if rules.wrapper is not None:
        yield _mark(f"under {rules.wrapper}", peek.wrapper == rules.wrapper)


def _header_marks(rules: Detect, peek: Peek) -> Iterator[Mark]:
    headers = {folded(name) for name in peek.raw_names}
    if rules.keys or rules.keys_any or rules.wrapper:
        yield _mark("json", holds=False)
    if rules.header_all:
        yield _all("columns", [folded(name) for name in rules.header_all], headers)
    if rules.header_any:
        yield _any("column", [folded(name) for name in rules.header_any], headers)
    for pattern in rules.header_regex:
        fits = any(re.search(pattern, name, re.IGNORECASE) for name in headers)
        yield _mark(f"a column like {pattern}", fits)


def _headerless_marks(rules: Detect, peek: Peek) -> Iterator[Mark]:
    lines = [cells for cells in peek.headerless_cells if cells]
    if rules.first_field_regex is not None:
        fits = [bool(re.search(rules.first_field_regex, cells[0])) for cells in lines]
        yield _mark("first fields", _mostly(fits))
    if rules.fifth_field_in:
        known = [
            len(cells) > FIFTH and cells[FIFTH] in rules.fifth_field_in
            for cells in lines
        ]
        yield _mark("fifth fields", _mostly(known))
    for place, pattern in rules.cells.items():
        shown = [
            len(cells) >= place and bool(re.search(pattern, cells[place - 1]))
            for cells in lines
        ]
        yield _mark(f"fields {place}", _mostly(shown))


def _mostly(fits: list[bool]) -> bool:
    return bool(fits) and sum(fits) >= ENOUGH * len(fits)


def _mark(word: str, holds: bool) -> Mark:
    return Mark((word,)) if holds else Mark((), (word,))


def _all(what: str, wanted: Sequence[str], held: Container[str]) -> Mark:
    seen = [name for name in wanted if name in held]
    words = [f"{what} {seen[0]}", *seen[1:]] if seen else []

    return Mark(tuple(words), tuple(name for name in wanted if name not in held))


def _any(what: str, wanted: Sequence[str], held: Container[str]) -> Mark:
    seen = next((name for name in wanted if name in held), None)
    if seen is not None:
        return Mark((f"{what} {seen}",))

    return Mark((), (" or ".join(wanted),))
