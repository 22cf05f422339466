"""How durations, switches, times of day and names are spelled in YAML."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.json_schema import GenerateJsonSchema

from cxmap.options import read_duration, read_zone, write_duration

OFF = "off"
TEXT = {"type": "string"}
CODE = {"type": ["string", "integer"]}
NAME = re.compile(r"\w[\w.-]*")
DURATION = "a duration with its unit, such as 90s, 15m, 24h, 7d or 1d12h"


def duration(value: object) -> timedelta:
    """Return the duration that a config author wrote; ValueError says what to write."""
    return value if isinstance(value, timedelta) else read_duration(str(value))


def span(value: object) -> timedelta | None:
    """Return the duration written, or None for `off`."""
    return None if value in (OFF, False, None) else duration(value)


def switch(value: object) -> bool:
    """Return whether `on` or `off` (or `true` or `false`) was written."""
    named = {"on": True, OFF: False, True: True, False: False}
    if isinstance(value, str | bool) and value in named:
        return named[value]

    raise ValueError("write on or off")


def word(value: object) -> object:
    """Return a code written as a plain number as the text it is."""
    plain = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if plain else value


def clock_time(value: object) -> time:
    """Return the time of day written as `09:00`."""
    if isinstance(value, time):
        return value
    try:
        return time.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError('write a time of day such as "09:00"') from None


def zone_name(value: object) -> object:
    """Return the name of a time zone that exists."""
    read_zone(str(value))

    return value


def instant(written: str, zone: ZoneInfo, *, days: int = 0) -> datetime:
    """Return the instant written; a bare date is its midnight, `days` later.

    Raises ValueError for what is neither a date nor an instant.
    """
    if len(written) == len("2026-09-30"):
        day = date.fromisoformat(written) + timedelta(days=days)
        return datetime.combine(day, time(), zone).astimezone(UTC)
    given = datetime.fromisoformat(written)

    return (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)


def moment(value: str) -> str:
    """Return a date or an instant that exists."""
    try:
        instant(value, ZoneInfo("UTC"), days=1)
    except (ValueError, OverflowError):
        raise ValueError(
            "write a date such as 2026-09-30, or an instant such as 2026-09-30T06:00Z"
        ) from None

    return value


def topic_node(value: object) -> object:
    """Return a node of the topic tree, `a/b/c`."""
    levels = value.split("/") if isinstance(value, str) else [""]
    if any(not level.strip() or level != level.strip() for level in levels):
        raise ValueError("write a topic as words parted by slashes, such as a/b")

    return value


def source_name(value: object) -> object:
    """Return a source's name: a plain word, since it begins every contact's id."""
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise ValueError("name a source with letters, digits, - and _")

    return value


def one_or_many(value: object) -> object:
    """Return the list that a single text stands for."""
    return value if isinstance(value, list) else [value]


_written_duration = WithJsonSchema(
    {"type": "string", "pattern": r"^(\d+[smhdw])+$", "description": DURATION}
)
_written_span = WithJsonSchema(
    {
        "anyOf": [{"type": "string", "pattern": r"^(\d+[smhdw])+$"}, {"const": OFF}],
        "description": f"{DURATION}; or off",
    }
)
Duration = Annotated[
    timedelta,
    BeforeValidator(duration),
    PlainSerializer(write_duration),
    _written_duration,
]
Span = Annotated[
    timedelta | None,
    BeforeValidator(span),
    PlainSerializer(lambda given: OFF if given is None else write_duration(given)),
    _written_span,
]
Switch = Annotated[
    bool,
    BeforeValidator(switch),
    PlainSerializer(lambda on: "on" if on else OFF),
    WithJsonSchema({"enum": ["on", OFF, True, False]}),
]
ClockTime = Annotated[
    time,
    BeforeValidator(clock_time),
    PlainSerializer(lambda at: at.isoformat("minutes")),
    WithJsonSchema({"type": "string", "pattern": r"^\d\d:\d\d$"}),
]
Word = Annotated[str, BeforeValidator(word)]
Zone = Annotated[str, BeforeValidator(zone_name)]
Texts = Annotated[
    list[str],
    BeforeValidator(one_or_many),
    WithJsonSchema({"anyOf": [TEXT, {"type": "array", "items": TEXT}]}),
]
Words = Annotated[
    list[Word],
    BeforeValidator(one_or_many),
    WithJsonSchema({"anyOf": [CODE, {"type": "array", "items": CODE}]}),
]
SourceName = Annotated[str, BeforeValidator(source_name)]
Topic = Annotated[str, BeforeValidator(topic_node)]
Group = Literal[
    "voice",
    "written",
    "chat",
    "messaging",
    "social",
    "digital_self",
    "in_person",
    "internal",
    "other",
]
Moment = Annotated[str, AfterValidator(moment)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
AddressKind = Literal["phone", "device", "anonymous_id", "social_handle"]


class InYaml(GenerateJsonSchema):
    """The published schema, with its defaults as YAML spells them."""

    def encode_default(self, dft: Any) -> Any:
        """Return a default as it would be written in the file."""
        return (
            write_duration(dft)
            if isinstance(dft, timedelta)
            else super().encode_default(dft)
        )
