"""JSON as exact text: nothing rounded, nothing merged, nothing too deep."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import Any

from jiter import LosslessFloat, from_json

from cxmap.errors import ConfigError

KEY = re.compile(r"[A-Za-z_]\w*|\"[^\"\\]+\"")
WALKABLE = re.compile(rf"(?:{KEY.pattern})(?:\.(?:{KEY.pattern}))*")
"""A path that plain dictionaries can be walked by; anything else is JMESPath."""

Path = Callable[[Any], Any]


class Exact(float):
    """A number with a fraction that can be reckoned with, and remembers its text."""

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


NOT_A_NUMBER = LosslessFloat(b"NaN")
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


def _written(number: str) -> LosslessFloat:
    return LosslessFloat(number.encode())


STRICT = json.JSONDecoder(
    object_pairs_hook=_refused, parse_float=_written, parse_constant=_no_constant
)
"""For a text that is one record: what is wrong with it raises."""

MARKING = json.JSONDecoder(
    object_pairs_hook=_marked,
    parse_float=_written,
    parse_constant=lambda _: NOT_A_NUMBER,
)
"""For a text that holds many records: what is wrong with one is found by `flaw`."""

NAMED = {None: "null", True: "true", False: "false"}

NESTING = frozenset({dict, list, Flawed})

BLANK = re.compile(r"[ \t\r\n]*")


def whole_value(text: bytes) -> Any:
    """Return the one JSON value of a text, as STRICT reads it and much sooner.

    Raises ValueError at whatever is wrong, and at some things that are merely rare:
    STRICT says what it is.
    """
    return from_json(
        text,
        allow_inf_nan=False,
        cache_mode="keys",
        catch_duplicate_keys=True,
        float_mode="lossless-float",
    )


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
    parts = [value]
    for _ in range(depth + 1):
        if any(part is NOT_A_NUMBER for part in parts):
            return "not_json"
        level = [part for part in parts if type(part) in NESTING]
        if not level:
            return None
        if any(type(part) is Flawed for part in level):
            return "duplicate_key"
        parts = [inner for part in level for inner in _inside(part)]

    return "too_deep"


def _inside(part: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return part if isinstance(part, list) else part.values()


def as_text(value: Any) -> str | None:
    """Return a value as it was written; objects and lists as compact JSON."""
    if value is None or isinstance(value, str):
        return value
    return compact(value)


def compact(value: Any) -> str:
    """Return a value as compact JSON, its numbers as they were written."""
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, list):
        return "[" + ",".join([compact(part) for part in value]) + "]"
    if isinstance(value, dict):
        pairs = [
            f"{encode_basestring(key)}:{compact(part)}" for key, part in value.items()
        ]
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, Exact):
        return value.text
    if value is None or isinstance(value, bool):
        return NAMED[value]

    return repr(value) if isinstance(value, int | float) else str(value)


@dataclass(frozen=True)
class Walk:
    """A path that leads down by keys alone."""

    keys: tuple[str, ...]

    def __call__(self, record: Any) -> Any:
        """Return what lies there in a record; null where it leads nowhere."""
        found = record
        for key in self.keys:
            if not isinstance(found, dict):
                return None
            found = found.get(key)
        return found


def path(expression: str, where: str) -> Path:
    """Return what looks a path up in a record; null where it leads nowhere.

    Raises ConfigError for what is no path.
    """
    if WALKABLE.fullmatch(expression):
        return Walk(tuple(key.strip('"') for key in KEY.findall(expression)))
    import jmespath

    try:
        search = jmespath.compile(expression).search
    except jmespath.exceptions.JMESPathError:
        raise ConfigError(f"{where}: not a JMESPath expression") from None

    def look_up(record: Any) -> Any:
        try:
            return search(_reckoned(record))
        except jmespath.exceptions.JMESPathError:
            return None

    return look_up


def _reckoned(value: Any) -> Any:
    """Return a value whose numbers JMESPath can add and compare."""
    if isinstance(value, dict):
        return {key: _reckoned(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_reckoned(part) for part in value]

    return Exact(str(value)) if isinstance(value, LosslessFloat) else value
