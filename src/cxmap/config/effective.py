"""The settings in force, written as YAML that says which of them are defaults."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from cxmap.config.settings import Settings
from cxmap.yamls.documents import plain

BARE = re.compile(r"[A-Za-z0-9_./][\w./+-]*( [\w./+-]+)*", re.ASCII)
DEFAULT = "  # default"
ROOMS = ("kpis", "frictions")
"""What is said of definitions: they know their own defaults."""


def effective(settings: Settings) -> str:
    """Return every setting in force; reading it back gives the same settings."""
    whole = settings.model_dump(mode="json", by_alias=True, exclude={*ROOMS})
    given = settings.model_dump(mode="json", by_alias=True, exclude_unset=True)
    every = {
        name: given.get(name, {}) if name in ROOMS else whole[name]
        for name in type(settings).model_fields
    }

    return "\n".join(_lines(every, given, "")) + "\n"


def _lines(
    every: Mapping[str, Any], given: Mapping[str, Any] | None, indent: str
) -> Iterator[str]:
    for key, value in every.items():
        said = given is not None and key in given
        below = given[key] if given is not None and said else None
        if isinstance(value, dict) and value:
            yield f"{indent}{_scalar(key)}:"
            inner = below if isinstance(below, dict) else None
            yield from _lines(value, inner, indent + "  ")
        else:
            mark = "" if said else DEFAULT
            yield f"{indent}{_scalar(key)}: {_flow(value)}{mark}"


def _flow(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    if isinstance(value, dict):
        pairs = (f"{_scalar(key)}: {_flow(item)}" for key, item in value.items())
        return "{" + ", ".join(pairs) + "}"

    return _scalar(value)


def _scalar(value: Any) -> str:
    """Return a scalar that reads back as itself: quoted where it must be."""
    if not isinstance(value, str):
        return json.dumps(value)
    bare = BARE.fullmatch(value) and plain(value) == value

    return value if bare else json.dumps(value)
