"""What a definition rests on, and where that was set: a line of the config, or not."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import polars as pl

from cxmap.config import Config
from cxmap.definitions import Definition
from cxmap.hours import for_whom, in_words
from cxmap.options import Hours, write_duration

SAID_ELSEWHERE = {("reopen_rate", "within"): ("reopen", "within")}
"""Options of KPIs that the config says once, for more than them."""

ON_WINDOWS = {
    "repeat_window_seconds",
    "repeated",
    "repeats_contact_id",
    "trigger_repeated",
    "trigger_window_seconds",
}
"""Columns that hang on the windows of a repeat."""

ON_HOURS = {
    "waited_business_seconds",
    "waited_business_days",
    "unanswered_business_seconds",
    "first_response_business_seconds",
    "in_hours",
    "answered_in_hours",
}
"""Columns that are counted in opening hours."""

ON_OWN_HORIZON = {
    "source_horizon_at",
    "waited_seconds",
    "waited_business_seconds",
    "waited_business_days",
    "unanswered_business_seconds",
}
"""Columns that hang on how far the contact's own source is held."""

CONVENTIONS = {
    "all": "each stretch of a case by the hours then in force",
    "last": "the whole of a case by the hours in force at its end",
}
"""How a case is reckoned that came under several opening hours."""

ON_HORIZON = {"horizon_at", "closed", "ladder", "outcome"}
"""Columns that need silence in every source."""


def origins(config: Config, room: str, definition: Definition) -> dict[str, str]:
    """Return of each option, window and policy where it was set.

    `cxmap.yaml:12`, or `default`; keys are those of `Explanation.options` and
    `Explanation.settings`, and `target` and `severity`.
    """
    name = definition.name
    found = {}
    for option in (*definition.options, "target", "severity"):
        found[option] = config.said_at(room, name, option)
        elsewhere = SAID_ELSEWHERE.get((name, option))
        if found[option] == "default" and elsewhere is not None:
            found[option] = config.said_at(*elsewhere)
    found["repeat.within"] = config.said_at("repeat", "within")
    for group in config.repeat.within.channel_groups:
        place = ("repeat", "channel_groups", group)
        found[f"repeat.within for {group}"] = config.said_at(*place)
    found["hours"] = config.said_at("hours")

    return found


def options_of(definition: Definition, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return every option of a definition with the value in force."""
    return {
        name: given.get(name, option.default)
        for name, option in definition.options.items()
    }


def _columns_of(definition: object) -> set[str]:
    """Return every column that the expressions of a definition read."""
    if isinstance(definition, pl.Expr):
        return set(definition.meta.root_names())
    parts: list[Any] = []
    if is_dataclass(definition):
        parts = [getattr(definition, one.name) for one in fields(definition)]
    elif isinstance(definition, Mapping):
        parts = list(definition.values())
    elif isinstance(definition, tuple | list):
        parts = list(definition)

    return set().union(*(_columns_of(part) for part in parts))


def settings_of(config: Config, bound: object) -> dict[str, str]:
    """Return the windows, hours and horizon that a definition's expressions rest on."""
    columns = _columns_of(bound)
    settings = _windows(config) if columns & ON_WINDOWS else {}
    if columns & ON_HORIZON:
        settings["horizon"] = "up to which every source is held"
    elif columns & ON_OWN_HORIZON:
        settings["horizon"] = "up to which its own source is held"

    return settings | (_hours(config.hours) if columns & ON_HOURS else {})


def _hours(hours: Hours) -> dict[str, str]:
    """Return the opening hours in words: the usual ones, then those of their own."""
    assumed = " (assumed)" if hours.assumed else ""
    told = {"hours": in_words(hours.usual) + assumed}
    for one in hours.schedules:
        told[f"hours {one.name}"] = f"{in_words(one.schedule)}, for {for_whom(one)}"
    if hours.schedules:
        told["hours, several"] = CONVENTIONS[hours.convention]

    return told


def _windows(config: Config) -> dict[str, str]:
    within = config.repeat.within
    named = {f"repeat.within for {g}": w for g, w in within.channel_groups.items()}

    return {
        name: write_duration(window) if window else "off"
        for name, window in {"repeat.within": within.default, **named}.items()
    }
