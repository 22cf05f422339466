"""The forms a number can take: share, mean, ratio, balance, quantile … gap."""

from collections.abc import Mapping

import polars as pl

from cxmap.definitions import Measure, Once

EVERY_ROW = pl.lit(True)

Reasons = Mapping[str, pl.Expr]
"""Why a row is left out: reason → condition, first match counts."""


def share(
    of: pl.Expr,
    *,
    among: pl.Expr = EVERY_ROW,
    pending: pl.Expr | None = None,
    confirmed: pl.Expr | None = None,
    excluded: Reasons | None = None,
    once: Once | None = None,
) -> Measure:
    """Return the share of rows that are `of`, `among` a population.

    `once`: the share of customers of whom any row, or of whom all rows are.
    """
    return Measure(
        form="share",
        once=once,
        of=of,
        among=among,
        pending=pending,
        confirmed=confirmed,
        excluded=excluded or {},
    )


def mean(
    of: pl.Expr,
    *,
    among: pl.Expr = EVERY_ROW,
    scale: int = 1,
    pending: pl.Expr | None = None,
    excluded: Reasons | None = None,
) -> Measure:
    """Return the mean of the integers `of`, divided by `scale` at the end."""
    return Measure(
        form="mean",
        of=of,
        among=among,
        scale=scale,
        pending=pending,
        excluded=excluded or {},
    )


def ratio(
    of: pl.Expr,
    per: pl.Expr,
    *,
    among: pl.Expr = EVERY_ROW,
    scale: int = 1,
    pending: pl.Expr | None = None,
    excluded: Reasons | None = None,
) -> Measure:
    """Return the sum of the integers `of` by that of `per`, divided by `scale`.

    A row of which either is not known is left out of both.
    """
    return Measure(
        form="ratio",
        of=pl.when(per.is_not_null()).then(of),
        per=per,
        among=among,
        scale=scale,
        pending=pending,
        excluded=excluded or {},
    )


def balance(
    of: pl.Expr, *, among: pl.Expr = EVERY_ROW, excluded: Reasons | None = None
) -> Measure:
    """Return the mean of −1, 0 and 1 in points: from −100 to 100."""
    return Measure(form="balance", of=of, among=among, excluded=excluded or {})


def quantile(
    of: pl.Expr,
    part: tuple[int, int],
    *,
    among: pl.Expr = EVERY_ROW,
    excluded: Reasons | None = None,
) -> Measure:
    """Return the nearest-rank quantile of whole seconds; (9, 10) is the 90th."""
    return Measure(
        form="quantile", of=of, among=among, quantile=part, excluded=excluded or {}
    )


def median(
    of: pl.Expr, *, among: pl.Expr = EVERY_ROW, excluded: Reasons | None = None
) -> Measure:
    """Return the nearest-rank median of whole seconds."""
    return quantile(of, (1, 2), among=among, excluded=excluded)


def p90(
    of: pl.Expr, *, among: pl.Expr = EVERY_ROW, excluded: Reasons | None = None
) -> Measure:
    """Return the nearest-rank 90th percentile of whole seconds."""
    return quantile(of, (9, 10), among=among, excluded=excluded)


def survival(
    of: pl.Expr,
    *,
    ended: pl.Expr,
    among: pl.Expr = EVERY_ROW,
    part: tuple[int, int] = (1, 2),
    pending: pl.Expr | None = None,
    excluded: Reasons | None = None,
) -> Measure:
    """Return the median of times of which some still run.

    Where `ended` is false, `of` is how long the time has run so far.
    """
    return Measure(
        form="survival",
        of=of,
        among=among,
        ended=ended,
        quantile=part,
        pending=pending,
        excluded=excluded or {},
    )


def count(
    of: pl.Expr,
    *,
    among: pl.Expr = EVERY_ROW,
    pending: pl.Expr | None = None,
    excluded: Reasons | None = None,
    once: Once | None = None,
) -> Measure:
    """Return the number of rows that are `of`: exact, so without an interval.

    Or the sum of integers. `once`: the number of customers of whom any row, or of
    whom all rows are.
    """
    return Measure(
        form="count",
        of=of,
        among=among,
        pending=pending,
        excluded=excluded or {},
        once=once,
    )


def gap(
    of: pl.Expr,
    *,
    group: pl.Expr,
    ended: pl.Expr = EVERY_ROW,
    among: pl.Expr = EVERY_ROW,
    excluded: Reasons | None = None,
) -> Measure:
    """Return the highest median of any group by the lowest one.

    Of the integers `of`, as in `survival`; groups of fewer than ten rows, and those
    without a median above nought, are not compared.
    """
    return Measure(
        form="gap",
        of=of,
        group=group,
        ended=ended,
        among=among,
        excluded=excluded or {},
    )
