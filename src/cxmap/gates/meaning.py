"""What a condition means: whose `n` it is, and which units can be compared.

A clause is what `and` joins, parentheses and `not` included. A bare attribute belongs
to the one KPI that its clause names; where the clause names none, to the one of the
clause around it. Where there is none, or more than one, it must be written out.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from cxmap.definitions import Kpi
from cxmap.gates.complaining import wrong
from cxmap.gates.tree import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Figure,
    Not,
    Quantity,
    comparisons,
    name_of,
)

COUNTS = ("n", "pending")
"""Attributes that are numbers of rows, whatever the KPI's unit."""


def settled(condition: Condition, kpis: Mapping[str, Kpi], text: str) -> Condition:
    """Return the condition with a KPI for every attribute.

    Raises UsageError, with a caret, where an attribute has no or several KPIs to
    belong to, and where a limit is not in the unit of what it limits.
    """
    told = _told(condition, (), text)
    for one in comparisons(told):
        limit_of(one, kpis, text)

    return told


def limit_of(one: Comparison, kpis: Mapping[str, Kpi], text: str = "") -> float | str:
    """Return what a settled comparison compares with: shares as fractions, seconds.

    Raises UsageError where the units differ.
    """
    if isinstance(one.limit, str):
        return one.limit
    figure = one.subject.figure
    counts = one.subject.attribute in COUNTS
    unit = "count" if counts or figure is None else kpis[figure.kpi].unit
    fault = _fault(one, unit)
    if fault:
        raise wrong(text, one.at, fault)

    return float(_fraction(one.limit))


def _fraction(limit: Quantity) -> Decimal:
    return limit.amount / 100 if limit.unit == "%" else limit.amount


def _fault(one: Comparison, unit: str) -> str | None:
    """Say what is wrong with the limit of a number in this unit."""
    limit, figure, attribute = one.limit, one.subject.figure, one.subject.attribute
    if isinstance(limit, str) or figure is None:
        return None
    what = name_of(replace(figure, where=()))
    what = what if attribute == "value" else f"{what}.{attribute}"
    if unit == "seconds":
        right = limit.unit == "time"
        return None if right else f"{what} is a time; write it with its unit, as 4h"
    if limit.unit == "time":
        kind = "a share; write 8% or 0.08" if unit == "share" else "a plain number"
        return f"{what} is {kind}"
    if unit != "share":
        return f"{what} is a plain number, no share" if limit.unit else None
    lowest = -1 if attribute == "change" else 0
    if not lowest <= _fraction(limit) <= 1:
        return f"{what} is a share between {lowest} and 1; write 8% or 0.08"

    return None


def _told(condition: Condition, owners: tuple[Figure, ...], text: str) -> Condition:
    if isinstance(condition, Comparison):
        return _owned(condition, owners, text)
    if isinstance(condition, Not):
        return Not(_told(condition.inner, owners, text))
    if isinstance(condition, AnyOf):
        return AnyOf(tuple(_told(part, owners, text) for part in condition.parts))
    owners = _named(condition) or owners

    return AllOf(tuple(_told(part, owners, text) for part in condition.parts))


def _named(condition: Condition) -> tuple[Figure, ...]:
    """The KPIs that a clause names, each once."""
    named = (one.subject.figure for one in comparisons(condition))
    return tuple({one.cell: one for one in named if one is not None}.values())


def _owned(one: Comparison, owners: tuple[Figure, ...], text: str) -> Comparison:
    subject = one.subject
    if subject.figure is not None:
        return one
    if len(owners) == 1:
        return replace(one, subject=replace(subject, figure=owners[0]))
    asked = [f"{name_of(owner)}.{subject.attribute}" for owner in owners]
    example = " or ".join(asked) or f"abandonment_rate.{subject.attribute}"
    joined = "" if owners else ", or join it to a KPI with `and`"

    raise wrong(
        text,
        subject.at,
        f"{subject.attribute} of which KPI? write it out: {example}{joined}",
    )
