"""What a number is, and how the parts of it add up.

A measure is counted on each bucket of whole customers as integers (`partial`), added
up (`merge`) and divided only at the end (`finish`): any partition gives the same.
"""

from cxmap.measures.adding import Partials, merge, numbered, partial, stack
from cxmap.measures.forms import (
    balance,
    count,
    gap,
    mean,
    median,
    p90,
    quantile,
    ratio,
    share,
    survival,
)
from cxmap.measures.results import Bound, Result, finish
from cxmap.measures.verdicts import (
    Change,
    change,
    least_material,
    status,
    worse_twice_running,
)

__all__ = [
    "Bound",
    "Change",
    "Partials",
    "Result",
    "balance",
    "change",
    "count",
    "finish",
    "gap",
    "least_material",
    "mean",
    "median",
    "merge",
    "numbered",
    "p90",
    "partial",
    "quantile",
    "ratio",
    "share",
    "stack",
    "status",
    "survival",
    "worse_twice_running",
]
