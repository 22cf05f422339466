"""Whether a condition holds: yes, no, or not to be told.

A number that nobody counts is unknown, and so is every comparison with it. `not` of
an unknown is unknown; `and` is false as soon as one part is, `or` true as soon as one
is; else one unknown part leaves the whole unknown. Unknown never hits.
"""

import operator
from collections.abc import Callable, Iterable, Mapping

from cxmap.definitions import Kpi
from cxmap.gates.meaning import COUNTS, limit_of
from cxmap.gates.tree import AllOf, Comparison, Condition, Figure, Not, Subject
from cxmap.scorecard import Score

Find = Callable[[Figure], Score | None]
"""Returns the score of a KPI in a segment; None: the segment holds nobody."""

SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def judge(condition: Condition, kpis: Mapping[str, Kpi], find: Find) -> bool | None:
    """Return whether a settled condition holds; None where that cannot be told."""
    if isinstance(condition, Comparison):
        return _compared(condition, kpis, find)
    if isinstance(condition, Not):
        inner = judge(condition.inner, kpis, find)
        return None if inner is None else not inner
    parts = [judge(part, kpis, find) for part in condition.parts]

    return _joined(parts, decisive=not isinstance(condition, AllOf))


def reading_of(subject: Subject, find: Find) -> float | str | None:
    """Return the number or status that a settled subject means; None: unknown.

    Nobody is nought to be counted, unless the inputs are missing.
    """
    score = find(subject.figure) if subject.figure else None
    if score is None:
        return 0 if subject.attribute in COUNTS else None
    if score.missing_inputs:
        return None
    found: float | str | None = getattr(score, subject.attribute)

    return None if found == "–" else found


def _compared(one: Comparison, kpis: Mapping[str, Kpi], find: Find) -> bool | None:
    found, limit = reading_of(one.subject, find), limit_of(one, kpis)
    if found is None:
        return None
    if isinstance(found, str) or isinstance(limit, str):
        return found == limit

    return SIGNS[one.sign](found, limit)


def _joined(parts: Iterable[bool | None], *, decisive: bool) -> bool | None:
    """One decisive part settles it; else one unknown part leaves it open."""
    found = list(parts)
    if decisive in found:
        return decisive

    return None if None in found else not decisive
