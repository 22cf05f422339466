"""Conditions on a scorecard: read, checked and judged before anything is trusted."""

from cxmap.gates.judging import Find, judge, reading_of
from cxmap.gates.meaning import settled
from cxmap.gates.reading import read_gate
from cxmap.gates.tree import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Figure,
    Not,
    Quantity,
    Subject,
    comparisons,
    write,
)

__all__ = [
    "AllOf",
    "AnyOf",
    "Comparison",
    "Condition",
    "Figure",
    "Find",
    "Not",
    "Quantity",
    "Subject",
    "comparisons",
    "judge",
    "read_gate",
    "reading_of",
    "settled",
    "write",
]
