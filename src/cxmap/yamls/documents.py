"""Strict YAML: a document as plain values that know where they were written.

Only what a reader of the file sees is there: no aliases, no tags, no duplicate
keys, no scalar that turns into something else (`NO`, `yes`, `12:30`, `0123` and
`2026-09-01` stay text; only `true`, `false`, `null`, `~` and plain decimal numbers
are more than text). Keys are always text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from cxmap.text import safe

SIZE_CAP = 1 << 20
DEPTH_CAP = 64
DIGITS_CAP = 18

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
INTEGER = re.compile(r"0|-?[1-9][0-9]*")
DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,2})?")
WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Spot:
    """A place in a document; line and column count from 0."""

    line: int
    column: int
    width: int = 1


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong at one place, and what would be right."""

    spot: Spot
    message: str
    help: str | None = None


@dataclass
class Node:
    """A value, where it was written, and the same for all that it holds."""

    value: Any
    spot: Spot
    text: str | None = None
    """The scalar as it was written; None for lists and mappings."""
    keys: dict[str, Spot] = field(default_factory=dict)
    children: dict[str | int, "Node"] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """A YAML file: its text, its values and what is wrong with it as YAML."""

    path: Path
    text: str
    root: Node
    problems: tuple[Problem, ...]

    def node(self, place: tuple[str | int, ...]) -> Node:
        """Return the node at `place`, or the deepest one that exists above it."""
        node = self.root
        for step in place:
            if step not in node.children:
                break
            node = node.children[step]

        return node

    def key(self, place: tuple[str | int, ...]) -> Spot:
        """Return where the key at the end of `place` is written, else its value."""
        above = self.node(place[:-1])
        if place and place[-1] in above.keys:
            return above.keys[str(place[-1])]

        return self.node(place).spot


def read_document(text: str, path: Path) -> Document:
    """Return the document in `text`; its problems are in it, nothing is raised."""
    refusal = _refusal(text)
    if refusal:
        return Document(path, text, Node({}, Spot(0, 0)), (refusal,))

    reading = _Reading(yaml.parse(text, Loader=LOADER))
    try:
        root = reading.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        spot = Spot(mark.line, mark.column) if mark else Spot(0, 0)
        reading.problems.append(Problem(spot, _words(error), None))
        root = Node({}, Spot(0, 0))
    except _TooDeepError:
        root = Node({}, Spot(0, 0))

    return Document(path, text, root, tuple(reading.problems))


def _refusal(text: str) -> Problem | None:
    if len(text.encode("utf-8", "surrogatepass")) > SIZE_CAP:
        return Problem(Spot(0, 0, 0), "larger than 1 MiB", "split the file")
    found = FORBIDDEN.search(text)
    if found:
        line = text.count("\n", 0, found.start())
        column = found.start() - (text.rfind("\n", 0, found.start()) + 1)
        return Problem(
            Spot(line, column),
            f"control character {safe(found.group())}",
            "delete it, or write it as an escape in double quotes",
        )

    return None


def _words(error: yaml.MarkedYAMLError) -> str:
    words = [error.problem or "not YAML"]
    if "nesting depth" in words[0]:
        return f"nested deeper than {DEPTH_CAP}"
    if error.context:
        words.append(error.context)

    return safe(", ".join(words))


class _TooDeepError(Exception):
    """The document nests too deep to be read on."""


class _Reading:
    """One pass over the parser's events, collecting nodes and problems."""

    def __init__(self, events: Iterator[Any]) -> None:
        self.events = events
        self.problems: list[Problem] = []

    def document(self) -> Node:
        """Return the only document; an empty one is an empty mapping."""
        root: Node | None = None
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                self._problem(event, "a second document", "keep one per file")
                break
            if isinstance(event, yaml.NodeEvent):
                root = self.node(event, depth=0)

        if root is None or root.value is None:
            return Node({}, Spot(0, 0))
        return root

    def node(self, event: Any, *, depth: int) -> Node:
        """Return the node that `event` begins."""
        if depth > DEPTH_CAP:
            self._problem(event, f"nested deeper than {DEPTH_CAP}", None)
            raise _TooDeepError
        if isinstance(event, yaml.AliasEvent):
            self._problem(event, "an alias", "write the value out where it is used")
            return Node(None, _spot(event), text="")
        if event.anchor is not None:
            self._problem(event, "an anchor", "write the value out where it is used")
        if event.tag is not None:
            self._problem(event, "a tag", "write the plain value; text in quotes")
        if isinstance(event, yaml.ScalarEvent):
            unquoted = not event.style
            value = plain(event.value) if unquoted else event.value
            return Node(value, _spot(event), text=event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(event, depth)

        return self._mapping(event, depth)

    def _sequence(self, start: Any, depth: int) -> Node:
        node = Node([], _spot(start))
        for event in iter(self._next, None):
            child = self.node(event, depth=depth + 1)
            node.children[len(node.value)] = child
            node.value.append(child.value)

        return node

    def _mapping(self, start: Any, depth: int) -> Node:
        node = Node({}, _spot(start))
        for event in iter(self._next, None):
            key = self.node(event, depth=depth + 1)
            child = self.node(next(self.events), depth=depth + 1)
            if key.text is None:
                self._problem(event, "a key that is not text", "write a plain word")
                continue
            if key.text in node.keys:
                first = node.keys[key.text].line + 1
                self._problem(
                    event,
                    f"duplicate key `{safe(key.text)}`",
                    f"it is already on line {first}; keep one",
                )
                continue
            node.keys[key.text] = key.spot
            node.children[key.text] = child
            node.value[key.text] = child.value

        return node

    def _next(self) -> Any:
        event = next(self.events)
        return None if isinstance(event, yaml.CollectionEndEvent) else event

    def _problem(self, event: Any, message: str, advice: str | None) -> None:
        self.problems.append(Problem(_spot(event), message, advice))


def _spot(event: Any) -> Spot:
    start, end = event.start_mark, event.end_mark
    on_one_line = start.line == end.line
    return Spot(
        start.line,
        start.column,
        max(1, end.column - start.column) if on_one_line else 1,
    )


def plain(text: str) -> Any:
    """Return what an unquoted scalar is: text, unless it can be nothing else."""
    if text in WORDS:
        return WORDS[text]
    if len(text) <= DIGITS_CAP and INTEGER.fullmatch(text):
        return int(text)
    if len(text) <= 2 * DIGITS_CAP and DECIMAL.fullmatch(text) and "." in text:
        return float(text)

    return text
