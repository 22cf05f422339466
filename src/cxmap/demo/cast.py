"""The cast: people whose stories are written by hand and can be counted by hand.

They are the same under every seed and level.
"""

from datetime import date

from cxmap.demo import lone, returning
from cxmap.demo.casting import Member, calendar

STORIES = (
    returning.ana,
    lone.ben,
    lone.bea,
    returning.cem,
    returning.dana,
    returning.emil,
    lone.frida,
    lone.greta,
    lone.hasan,
    returning.ida,
    lone.jan,
    lone.klara,
    returning.lars,
    lone.mira,
    lone.nico,
)


def cast(since: date) -> tuple[Member, ...]:
    """Return the whole cast, their days counted from `since`.

    Day 60 of the default world is Monday, 2 March 2026.
    """
    at = calendar(since)

    return tuple(story(at) for story in STORIES)
