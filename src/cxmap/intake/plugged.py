"""What is wrong with the plug-ins that are installed, told before anything is run."""

from collections.abc import Iterator
from datetime import timedelta
from inspect import Parameter
from typing import get_type_hints

import polars as pl

from cxmap import tables
from cxmap.definitions import (
    PERIOD_COLUMNS,
    ROOMS,
    Definition,
    Friction,
    Kpi,
    Measure,
    collect_baselines,
    offered,
)
from cxmap.errors import ConfigError
from cxmap.flagging import flag
from cxmap.measures.adding import judge
from cxmap.plugins import GROUPS, Wrong, plug_ins, refusal
from cxmap.sources.profile import wrong_profiles

TYPES = (timedelta, int, float, str, bool)
JUDGED = ("journeys", "steps", "contacts", "surveys", "demand")
"""The tables over which a KPI may be counted."""


def require_sound_plug_ins(*, verbose: bool = False) -> None:
    """Raise ConfigError with everything that is wrong with any plug-in.

    Each mistake names the distribution and the entry point; `verbose` adds the line
    of the plug-in's own code that caused it.
    """
    if not any(plug_ins(group) for group in GROUPS):
        return
    wrong = [*wrong_definitions(), *wrong_profiles()]
    if wrong:
        raise refusal(wrong, verbose=verbose)


def wrong_definitions() -> list[Wrong]:
    """Return what is wrong with the KPIs and frictions that plug-ins offer."""
    found = {room: offered(room) for room in ROOMS}
    wrong = [one for _, mistakes in found.values() for one in mistakes]
    if wrong:
        return wrong
    for definitions, _ in found.values():
        for definition, plug_in in definitions.values():
            if plug_in is not None:
                reasons = _mistakes(definition)
                wrong += [
                    Wrong(plug_in, f"{definition.name}: {reason}") for reason in reasons
                ]

    return wrong


def _mistakes(definition: Definition) -> Iterator[str]:
    if not definition.sentence.endswith("."):
        yield "no manual page: open its docstring with one sentence"
    if options := list(_wrong_options(definition)):
        yield from options
        return
    known = JUDGED if isinstance(definition, Kpi) else ("steps",)
    if definition.over not in known:
        yield f"judges {definition.over}; it must be one of {', '.join(known)}"
        return
    unknown = sorted(set(definition.needs) - collect_baselines().keys())
    if unknown:
        yield f"needs a baseline that nobody has: {', '.join(unknown)}"
    yield from _wrong_columns(definition)


def _wrong_options(definition: Definition) -> Iterator[str]:
    hints = get_type_hints(definition.build)
    for name, option in definition.options.items():
        keyword = option.kind is Parameter.KEYWORD_ONLY
        typed = hints.get(name) in TYPES and isinstance(option.default, hints[name])
        if not keyword or not typed:
            said = "a type (timedelta, int, float, str or bool) and a default"
            yield f"option {name}: give it {said}, behind `*`"


def _wrong_columns(definition: Definition) -> Iterator[str]:
    """Yield why a definition does not fit its table: built, and tried on no rows."""
    try:
        bound = definition.bind({})
    except Exception as error:  # whatever a plug-in raises is its mistake
        yield f"cannot be built: {type(error).__name__}"
        return
    judges = isinstance(definition, Kpi)
    if not isinstance(bound, Measure if judges else pl.Expr):
        wanted = "a measure" if judges else "an expression"
        yield f"must return {wanted}; it returned a {type(bound).__name__}"
        return
    schema = tables.schema(definition.over)
    read = bound.columns if isinstance(bound, Measure) else bound.meta.root_names()
    needed = {one for several in definition.inputs for one in several.split("|")}
    at = {definition.at} if isinstance(definition, Kpi) else set()
    told = {*PERIOD_COLUMNS, *(f"baseline_{name}" for name in definition.needs)}
    lacking = sorted({*read, *needed, *at} - {*schema, *told})
    if lacking:
        yield f"{definition.over} has no column {', '.join(lacking)}"
        return
    yield from _tried(definition, bound)


def _tried(definition: Definition, bound: Measure | pl.Expr) -> Iterator[str]:
    baselines = {f"baseline_{name}": pl.Float64() for name in definition.needs}
    added = dict.fromkeys(PERIOD_COLUMNS, tables.WHEN) | baselines
    rows = tables.empty(definition.over).with_columns(
        pl.lit(None, dtype).alias(name) for name, dtype in added.items()
    )
    try:
        if isinstance(definition, Kpi) and isinstance(bound, Measure):
            judge(rows, bound, ())
        elif isinstance(definition, Friction) and isinstance(bound, pl.Expr):
            flag(rows, {definition.name: (definition, bound)})
    except ConfigError as error:
        yield str(error).removeprefix(f"{definition.name}: ")
    except pl.exceptions.PolarsError as error:
        yield f"does not fit the columns of {definition.over}: {type(error).__name__}"
