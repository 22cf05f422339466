"""JSON as exact text: nothing rounded, nothing merged, nothing too deep."""

import json
import re
from collections.abc import Callable, Iterator
from json.encoder import encode_basestring
from typing import Any

from cxmap.errors import ConfigError

WALKABLE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
"""A path that plain dictionaries can be walked by; anything else is JMESPath."""

Path = Callable[[Any], Any]


class Exact(float):
    """A number with a fraction that remembers how it was written."""

    text: str

    def __new__(cls, text: str) -> "Exact":
        """Read the number and keep its text."""
        made = super().__new__(cls, text)
        made.text = text
        return made


Exact.__name__ = "float"
"""JMESPath knows the types it can add and compare by their names."""


class Flawed(dict[str, Any]):
    """An object in which a key stands twice."""


NOT_A_NUMBER = Exact("NaN")
"""Stands for NaN and the infinities, which JSON does not have."""


class DuplicateKeyError(ValueError):
    """A key stands twice in one object."""


def _marked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else Flawed(made)


def _refused(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise DuplicateKeyError
    return made


def _no_constant(_: str) -> Any:
    raise ValueError


STRICT = json.JSONDecoder(
    object_pairs_hook=_refused, parse_float=Exact, parse_constant=_no_constant
)
"""For a text that is one record: what is wrong with it raises."""

MARKING = json.JSONDecoder(
    object_pairs_hook=_marked,
    parse_float=Exact,
    parse_constant=lambda _: NOT_A_NUMBER,
)
"""For a text that holds many records: what is wrong with one is found by `flaw`."""

NAMED = {None: "null", True: "true", False: "false"}

BLANK = re.compile(r"[ \t\r\n]*")


def values(text: str, decoder: json.JSONDecoder) -> Iterator[Any]:
    """Yield each JSON value of a text that holds them end to end.

    Raises ValueError at what is no JSON and RecursionError at bottomless nesting.
    """
    at = after_blank(text, 0)
    while at < len(text):
        value, end = decoder.raw_decode(text, at)
        yield value
        at = after_blank(text, end)


def after_blank(text: str, at: int) -> int:
    """Return the first place from `at` on that is not JSON white space."""
    found = BLANK.match(text, at)
    return found.end() if found else at


def flaw(value: Any, depth: int) -> str | None:
    """Return why this value must not be used, as one of names.REJECT_REASONS."""
    waiting = [(value, 1)]
    while waiting:
        item, level = waiting.pop()
        if item is NOT_A_NUMBER:
            return "not_json"
        if not isinstance(item, dict | list):
            continue
        if level > depth:
            return "too_deep"
        if isinstance(item, Flawed):
            return "duplicate_key"
        inside = item.values() if isinstance(item, dict) else item
        waiting.extend((part, level + 1) for part in inside)

    return None


def as_text(value: Any) -> str | None:
    """Return a value as it was written; objects and lists as compact JSON."""
    if value is None or isinstance(value, str):
        return value
    return compact(value)


def compact(value: Any) -> str:
    """Return a value as compact JSON, its numbers as they were written."""
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, dict):
        pairs = [
            f"{encode_basestring(key)}:{compact(part)}" for key, part in value.items()
        ]
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join([compact(part) for part in value]) + "]"
    if isinstance(value, Exact):
        return value.text

    return NAMED[value] if value is None or isinstance(value, bool) else repr(value)


def path(expression: str, where: str) -> Path:
    """Return what looks a path up in a record; null where it leads nowhere.

    Raises ConfigError for what is no path.
    """
    if WALKABLE.fullmatch(expression):
        return _walk(expression.split("."))
    import jmespath

    try:
        search = jmespath.compile(expression).search
    except jmespath.exceptions.JMESPathError:
        raise ConfigError(f"{where}: not a JMESPath expression") from None

    def look_up(record: Any) -> Any:
        try:
            return search(record)
        except jmespath.exceptions.JMESPathError:
            return None

    return look_up


def _walk(keys: list[str]) -> Path:
    if len(keys) == 1:
        only = keys[0]
        return lambda record: record.get(only) if isinstance(record, dict) else None

    def look_up(record: Any) -> Any:
        found = record
        for key in keys:
            if not isinstance(found, dict):
                return None
            found = found.get(key)
        return found

    return look_up
