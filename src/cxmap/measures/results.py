"""The division at the end: sums become numbers that never travel alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

import polars as pl

from cxmap import tables
from cxmap.definitions import Definition, Form, Kpi, Measure
from cxmap.measures.adding import Partials
from cxmap.measures.intervals import (
    NO_BAND,
    Band,
    Moments,
    of_balance,
    of_gap,
    of_mean,
    of_quantile,
    of_ratio,
    of_share,
    of_survival,
)

Bound = Mapping[str, tuple[Kpi, Measure]]
"""KPIs by name, each with the measure that its options give."""

Number = tuple[float | None, Band, str | None]
"""A value, its interval and the interval's name."""

COUNTING = ("share", "ratio", "survival", "count", "gap")
"""Forms whose numerator is a number of rows."""


@dataclass(frozen=True)
class Result:
    """One number of one KPI, period and cell, with all that it rests on."""

    kpi: str
    period: str
    cell: str
    """Segment, as JSON; `{}` is the whole."""
    form: Form
    value: float | None
    numerator: int | None
    n: int
    customers: int
    low: float | None
    high: float | None
    interval: str | None
    pending: int
    excluded: Mapping[str, int]
    confirmed: int | None
    presumed: int | None


def finish(
    partials: Partials, kpis: Mapping[str, tuple[Definition, Measure]]
) -> list[Result]:
    """Divide: return one result for each KPI, period and cell, in that order."""
    values = partials.values.partition_by("kpi", "period", "cell", as_dict=True)
    reasons = _reasons(partials.exclusions)
    results = []
    for row in partials.sums.sort("kpi", "period", "cell").iter_rows(named=True):
        key = (row["kpi"], row["period"], row["cell"])
        measure = kpis[row["kpi"]][1]
        moments = Moments(**{field.name: row[field.name] for field in fields(Moments)})
        value, band, name = _number(
            measure, moments, values.get(key, tables.empty("values"))
        )
        proven = row["confirmed"] if measure.confirmed is not None else None
        results.append(
            Result(
                *key,
                form=measure.form,
                value=value,
                numerator=moments.x if measure.form in COUNTING else None,
                n=moments.n,
                customers=moments.customers,
                low=band[0],
                high=band[1],
                interval=name,
                pending=row["pending"],
                excluded=reasons.get(key, {}),
                confirmed=proven,
                presumed=moments.x - proven if proven is not None else None,
            )
        )

    return results


def _reasons(exclusions: pl.DataFrame) -> dict[tuple[str, str, str], dict[str, int]]:
    """Return by KPI, period and cell how many rows were left out, by reason."""
    found: dict[tuple[str, str, str], dict[str, int]] = {}
    told = exclusions.select("kpi", "period", "cell", "reason", "rows").sort("reason")
    for kpi, period, cell, reason, rows in told.iter_rows():
        found.setdefault((kpi, period, cell), {})[reason] = rows

    return found


def _number(measure: Measure, moments: Moments, values: pl.DataFrame) -> Number:
    if moments.n == 0:
        return None, NO_BAND, None

    return FORMS[measure.form](measure, moments, values)


def _share(_: Measure, moments: Moments, __: pl.DataFrame) -> Number:
    return (moments.x / moments.n, *of_share(moments))


def _mean(measure: Measure, moments: Moments, _: pl.DataFrame) -> Number:
    band, name = of_mean(moments)
    scaled = _stretched(band, 1 / measure.scale)
    return moments.x / (moments.n * measure.scale), scaled, name


def _ratio(measure: Measure, moments: Moments, _: pl.DataFrame) -> Number:
    band, name = of_ratio(moments)
    scaled = _stretched(band, 1 / measure.scale)
    return moments.x / (moments.n * measure.scale), scaled, name


def _balance(_: Measure, moments: Moments, __: pl.DataFrame) -> Number:
    band, name = of_balance(moments)
    return 100 * moments.x / moments.n, _stretched(band, 100), name


def _stretched(band: Band, by: float) -> Band:
    low, high = (None if end is None else end * by for end in band)
    return low, high


def _count(_: Measure, moments: Moments, __: pl.DataFrame) -> Number:
    return moments.x, NO_BAND, None


def _quantile(measure: Measure, _: Moments, values: pl.DataFrame) -> Number:
    value, band = of_quantile(values, measure.quantile)
    return value, band, None if band == NO_BAND else "order_statistics"


def _survival(measure: Measure, _: Moments, values: pl.DataFrame) -> Number:
    value, band = of_survival(values, measure.quantile)
    return value, band, None if band == NO_BAND else "greenwood"


def _gap(_: Measure, __: Moments, values: pl.DataFrame) -> Number:
    value, band = of_gap(values)
    return value, band, None if band == NO_BAND else "greenwood"


FORMS: Mapping[str, Callable[[Measure, Moments, pl.DataFrame], Number]] = (
    MappingProxyType(
        {
            "share": _share,
            "mean": _mean,
            "ratio": _ratio,
            "balance": _balance,
            "count": _count,
            "quantile": _quantile,
            "survival": _survival,
            "gap": _gap,
        }
    )
)
"""How each form of measure is divided."""
