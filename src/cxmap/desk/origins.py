"""Where what a definition rests on was set: a line of the config, or nowhere."""

from cxmap.config import Config
from cxmap.definitions import Definition

SAID_ELSEWHERE = {("reopen_rate", "within"): ("reopen", "within")}
"""Options of KPIs that the config says once, for more than them."""


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
