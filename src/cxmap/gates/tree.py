"""What a condition on a scorecard is made of, and how it is written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from cxmap.options import write_duration

ATTRIBUTES = ("n", "low", "high", "pending", "change", "status")
"""What may be asked of a KPI besides its value."""
VALUE = "value"
STATUSES = ("on", "close", "off")

Sign = Literal["<", "<=", ">", ">=", "="]
ORDER: tuple[Sign, ...] = ("<", "<=", ">", ">=")
IS: Sign = "="
"""How a status is asked for."""
Unit = Literal["", "%", "time"]

BARE = re.compile(r"[\w/-][\w/.-]*")
"""A segment's value that needs no quotes."""


@dataclass(frozen=True)
class Figure:
    """A KPI, of everything or in one segment."""

    kpi: str
    where: tuple[tuple[str, str], ...] = ()
    """Dimensions and their values, as written."""

    @property
    def cell(self) -> tuple[str, frozenset[tuple[str, str]]]:
        """What it is, whatever the order of its dimensions."""
        return self.kpi, frozenset(self.where)


@dataclass(frozen=True)
class Subject:
    """What is compared: a KPI's value, or an attribute of it."""

    figure: Figure | None
    """None: left to the clause (see `meaning.settled`)."""
    attribute: str = VALUE
    at: int = field(default=0, compare=False)
    """Where it stands in the text."""


@dataclass(frozen=True)
class Quantity:
    """What something is compared with: a number, a percentage or a duration."""

    amount: Decimal
    """As written; of a duration its seconds."""
    unit: Unit = ""


@dataclass(frozen=True)
class Comparison:
    """One comparison; a status is compared with a word."""

    subject: Subject
    sign: Sign
    limit: Quantity | str
    at: int = field(default=0, compare=False)
    """Where the limit stands in the text."""


@dataclass(frozen=True)
class Not:
    """True where the inner one is false."""

    inner: "Condition"


@dataclass(frozen=True)
class AllOf:
    """Joined by `and`: two or more."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True)
class AnyOf:
    """Joined by `or`: two or more."""

    parts: tuple["Condition", ...]


Condition = Comparison | Not | AllOf | AnyOf


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Yield every comparison, from left to right."""
    if isinstance(condition, Comparison):
        yield condition
    elif isinstance(condition, Not):
        yield from comparisons(condition.inner)
    else:
        for part in condition.parts:
            yield from comparisons(part)


def write(condition: Condition) -> str:
    """Return the text of a condition; reading it gives the same condition."""
    if isinstance(condition, Comparison):
        limit = condition.limit
        told = limit if isinstance(limit, str) else _quantity(limit)
        return f"{_subject(condition.subject)} {condition.sign} {told}"
    if isinstance(condition, Not):
        inner = condition.inner
        return f"not {_within(inner, apart=(AllOf, AnyOf))}"
    if isinstance(condition, AllOf):
        parts = (_within(part, apart=(AllOf, AnyOf)) for part in condition.parts)
        return " and ".join(parts)

    return " or ".join(_within(part, apart=(AnyOf,)) for part in condition.parts)


def name_of(figure: Figure) -> str:
    """Return a KPI and its segment as they are written."""
    pairs = (f"{name}={_word(value)}" for name, value in figure.where)

    return f"{figure.kpi}[{', '.join(pairs)}]" if figure.where else figure.kpi


def _within(condition: Condition, *, apart: tuple[type, ...]) -> str:
    text = write(condition)
    return f"({text})" if isinstance(condition, apart) else text


def _subject(subject: Subject) -> str:
    if subject.figure is None:
        return subject.attribute
    name = name_of(subject.figure)

    return name if subject.attribute == VALUE else f"{name}.{subject.attribute}"


def _word(value: str) -> str:
    if BARE.fullmatch(value):
        return value

    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _quantity(quantity: Quantity) -> str:
    if quantity.unit != "time":
        return f"{quantity.amount:f}{quantity.unit}"
    sign = "-" if quantity.amount < 0 else ""

    return sign + write_duration(timedelta(seconds=abs(int(quantity.amount))))
