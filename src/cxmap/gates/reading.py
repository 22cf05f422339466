"""The grammar of conditions: KPI names, comparisons, and, or, not, parentheses.

    condition  = every { "or" every }
    every      = one { "and" one }
    one        = "not" one | "(" condition ")" | comparison
    comparison = subject ( "<" | "<=" | ">" | ">=" ) quantity
               | subject "=" ( "on" | "close" | "off" )       for a status
    subject    = KPI [ "[" dimension "=" value { "," … } "]" ] [ "." attribute ]
               | attribute
    quantity   = 8% | 0.08 | 4h | 90s | 200

A value is a word (`voice`, `billing/refund`, `2026-05`) or stands in double quotes.
"""

import re
from collections.abc import Collection
from decimal import Decimal
from typing import NoReturn

from cxmap.gates.complaining import wrong
from cxmap.gates.tree import (
    ATTRIBUTES,
    BARE,
    IS,
    ORDER,
    STATUSES,
    VALUE,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Figure,
    Not,
    Quantity,
    Sign,
    Subject,
)
from cxmap.names import CHANNEL_GROUPS, CHANNELS, DIMENSIONS
from cxmap.options import read_duration
from cxmap.text import nearest, safe

SPACE = re.compile(r"\s*")
WORD = re.compile(r"[^\W\d]\w*")
SIGN = re.compile(r"[<>=!]+")
NUMBER = re.compile(r"(-?\d+(?:\.\d+)?)(\s*%)?(?![\w.])", re.ASCII)
TIME = re.compile(r"(-?)((?:\d+[smhdw])+)(?!\w)", re.ASCII)
QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
ESCAPED = re.compile(r"\\(.)")
LONGEST = 2_000
DEEPEST = 40
"""How many parentheses and `not`s may stand within each other."""
JOINS = ("and", "or", "not")
CLOSED = {
    "channel": CHANNELS,
    "channel_group": tuple(dict.fromkeys(CHANNEL_GROUPS.values())),
}
"""Dimensions whose values are known beforehand."""


def read_gate(text: str, kpis: Collection[str]) -> Condition:
    """Return the condition written; bare attributes are not settled yet.

    Raises UsageError with a caret under the first place that cannot be followed.
    """
    if len(text) > LONGEST:
        raise wrong("…", 0, f"a condition longer than {LONGEST:,} characters")
    reader = _Reader(text, kpis)
    condition = reader.condition(0)
    reader.end()

    return condition


class _Reader:
    """A place in the text, and what may follow it."""

    def __init__(self, text: str, kpis: Collection[str]) -> None:
        self.text = text
        self.kpis = kpis
        self.at = 0

    def condition(self, depth: int) -> Condition:
        parts = [self._every(depth)]
        while self._join("or"):
            parts.append(self._every(depth))

        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def end(self) -> None:
        self._space()
        if self.at < len(self.text):
            self._expected("and, or, or the end")

    def _every(self, depth: int) -> Condition:
        parts = [self._one(depth)]
        while self._join("and"):
            parts.append(self._one(depth))

        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _one(self, depth: int) -> Condition:
        self._space()
        if depth > DEEPEST:
            self._fail(f"more than {DEEPEST} conditions within each other")
        if self._join("not"):
            return Not(self._one(depth + 1))
        if self._mark("("):
            inner = self.condition(depth + 1)
            if not self._mark(")"):
                self._expected("and, or, or )")
            return inner

        return self._comparison()

    def _comparison(self) -> Comparison:
        subject = self._subject()
        sign = self._sign(subject)
        self._space()
        at = self.at
        limit = self._status() if sign == IS else self._quantity()

        return Comparison(subject, sign, limit, at)

    def _subject(self) -> Subject:
        self._space()
        at = self.at
        word = self._take(WORD)
        if word is None or word.casefold() in JOINS:
            self.at = at
            self._expected("a KPI, such as csat")
        if word in ATTRIBUTES:
            return Subject(None, word, at)
        if word not in self.kpis:
            known = [*self.kpis, *ATTRIBUTES]
            self._unknown(at, f"no KPI `{word}`", word, known, self.kpis)
        figure = Figure(word, self._where() if self._mark("[") else ())

        return Subject(figure, self._attribute() if self._mark(".") else VALUE, at)

    def _where(self) -> tuple[tuple[str, str], ...]:
        found: dict[str, str] = {}
        while True:
            self._space()
            at = self.at
            name = self._take(WORD) or ""
            if name not in DIMENSIONS:
                self._unknown(at, "expected a dimension", name, DIMENSIONS, DIMENSIONS)
            if name in found:
                self._fail(f"a second {name}; one cell has one", at)
            if not self._mark(IS):
                self._expected(f"= and a value of {name}")
            found[name] = self._value(name)
            if self._mark("]"):
                return tuple(found.items())
            if not self._mark(","):
                self._expected(", or ]")

    def _value(self, name: str) -> str:
        self._space()
        at = self.at
        quoted = QUOTED.match(self.text, self.at)
        value = ESCAPED.sub(r"\1", quoted[1]) if quoted else self._take(BARE)
        if value is None:
            self._expected(f'a value of {name}, in "quotes" where it has spaces')
        if quoted:
            self.at = quoted.end()
        known = CLOSED.get(name, (value,))
        if value not in known:
            self._unknown(at, f"no {name} `{safe(value)}`", value, known, known)

        return value

    def _attribute(self) -> str:
        self._space()
        at = self.at
        word = self._take(WORD) or ""
        if word not in ATTRIBUTES:
            self._unknown(at, "expected an attribute", word, ATTRIBUTES, ATTRIBUTES)

        return word

    def _sign(self, subject: Subject) -> Sign:
        self._space()
        at = self.at
        allowed: tuple[Sign, ...] = (IS,) if subject.attribute == "status" else ORDER
        sign = self._take(SIGN)
        known = next((one for one in allowed if one == sign), None)
        if known is None:
            self.at = at
            right = "= and on, close or off" if IS in allowed else "<, <=, > or >="
            self._expected(right)

        return known

    def _status(self) -> str:
        at = self.at
        word = self._take(WORD) or ""
        if word not in STATUSES:
            self._unknown(at, "expected a status", word, STATUSES, STATUSES)

        return word

    def _quantity(self) -> Quantity:
        if time := TIME.match(self.text, self.at):
            return self._time(time)
        number = NUMBER.match(self.text, self.at)
        if number is None:
            self._expected("a share such as 8%, a duration such as 4h, or a number")
        self.at = number.end()

        return Quantity(Decimal(number[1]), "%" if number[2] else "")

    def _time(self, time: re.Match[str]) -> Quantity:
        try:
            seconds = int(read_duration(time[2]).total_seconds())
        except (ValueError, OverflowError):
            self._expected("a duration such as 4h, 90s or 1d12h")
        self.at = time.end()

        return Quantity(Decimal(-seconds if time[1] else seconds), "time")

    def _space(self) -> None:
        found = SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def _take(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()

        return found[0]

    def _mark(self, mark: str) -> bool:
        self._space()
        if not self.text.startswith(mark, self.at):
            return False
        self.at += len(mark)

        return True

    def _join(self, join: str) -> bool:
        self._space()
        at = self.at
        if (self._take(WORD) or "").casefold() == join:
            return True
        self.at = at

        return False

    def _unknown(
        self,
        at: int,
        what: str,
        word: str,
        known: Collection[str],
        listed: Collection[str],
    ) -> NoReturn:
        near = nearest(word, known) if word else None
        hint = f"did you mean {near}? " if near else ""
        self._fail(f"{what}; {hint}write one of {', '.join(listed)}", at)

    def _expected(self, what: str) -> NoReturn:
        found = re.compile(r"\w+|\S").match(self.text, self.at)
        instead = f"`{safe(found[0])}`" if found else "the end"
        self._fail(f"expected {what}, not {instead}")

    def _fail(self, what: str, at: int | None = None) -> NoReturn:
        raise wrong(self.text, self.at if at is None else at, what)
