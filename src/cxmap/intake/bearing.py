"""How many days of exports each KPI takes before it can be judged."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from cxmap.config import Config
from cxmap.definitions import Kpi, Measure
from cxmap.journeys.coverage import coverage, horizon
from cxmap.journeys.windows import window_seconds
from cxmap.measures import Bound
from cxmap.options import Window

DAY = timedelta(days=1)
MONTH = timedelta(days=31)
"""The period a scorecard shows, at its longest."""
TWO_MONTHS = timedelta(days=61)
"""Two months that follow each other; July and August, December and January take a
day more."""

WINDOWS = ("repeat_window_seconds", "trigger_window_seconds")
"""Columns that hold a contact's repeat window."""

ONCE_CLOSED = ("closed", "outcome", "ladder")
"""Columns of a journey that wait until nothing more can link to it."""


def history(contacts: pl.DataFrame, kpis: Bound, config: Config) -> dict[str, int]:
    """Return the days of exports that a month of each KPI with a window takes.

    before + a month + after: the window before a contact must lie within what is
    held, else it may repeat one that was never exported; and the window after it,
    else nobody knows yet whether it was the last. Each is the longest that the
    config sets for the channel groups and topics held in `contacts`. A KPI that
    only looks back has no `after`, one that waits for silence no `before`; one that
    does neither is not listed.
    """
    kinds = contacts.select("topic", "channel_group").unique()
    spans = {name: _around(*pair, kinds, config) for name, pair in kpis.items()}

    return {name: _days(span + MONTH) for name, span in spans.items() if span}


def history_of_changes(needed: Mapping[str, int]) -> int:
    """Return the days of exports that comparing two months takes.

    Two months with the widest windows around them: those of the KPI in `needed`
    that takes most.
    """
    widest = max(needed.values(), default=MONTH.days) - MONTH.days

    return TWO_MONTHS.days + widest


def days_held(
    contacts: pl.DataFrame, config: Config, *, now: datetime
) -> dict[str, int]:
    """Return, by source of `contacts`, the days of exports that figures rest on.

    From the source's first day held to its last, as far as silence can be believed;
    a day begun counts.
    """
    held = coverage(contacts, config.coverage, now=now)
    last = horizon(held, now=now)
    known = held.filter(pl.col("contacts") > 0).select(
        "source", "since_at", until_at=pl.min_horizontal("until_at", pl.lit(last))
    )

    return {
        source: max(_days(until - since), 1 if until == since else 0)
        for source, since, until in known.iter_rows()
    }


def _around(
    kpi: Kpi, measure: Measure, kinds: pl.DataFrame, config: Config
) -> timedelta:
    """Return the time before and after a row in which the KPI looks, together."""
    judged = measure.pending.meta.root_names() if measure.pending is not None else []
    excluded = {
        name for why in measure.excluded.values() for name in why.meta.root_names()
    }
    repeat = _longest(config.repeat.within, kinds)
    before = repeat if excluded.intersection(WINDOWS) else timedelta()
    if set(WINDOWS).intersection(judged):
        return before + repeat
    if set(ONCE_CLOSED).intersection(judged):
        return before + _longest_link(config, kinds)
    if any(name.endswith("horizon_at") for name in judged):
        return before + _own_window(kpi, config.kpi_options.get(kpi.name, {}))

    return before


def _longest(window: Window, kinds: pl.DataFrame) -> timedelta:
    """Return the longest window of a topic in a channel group; zero: it is off."""
    longest = kinds.select(window_seconds(window).max()).item()

    return timedelta(seconds=longest or 0)


def _longest_link(config: Config, kinds: pl.DataFrame) -> timedelta:
    """Return the longest time after which something may still join a journey."""
    rules = config.links
    windows = (rules.same_topic, rules.unknown_topic, rules.retry)

    return min(rules.farthest, max(_longest(one, kinds) for one in windows))


def _own_window(kpi: Kpi, given: Mapping[str, Any]) -> timedelta:
    """Return the longest duration among the KPI's own options."""
    options = {name: option.default for name, option in kpi.options.items()} | {**given}
    spans = (value for value in options.values() if isinstance(value, timedelta))

    return max(spans, default=timedelta())


def _days(span: timedelta) -> int:
    return max(-(-span // DAY), 0)
