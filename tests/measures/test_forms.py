"""Ratios, numbers told once a customer, and gaps, each by a second route."""

import math
import random
from collections import defaultdict

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight

from cxmap.definitions import Kpi, Measure
from cxmap.measures import Result, count, finish, gap, merge, partial, ratio, share

Row = tuple[int | None, int | None, int | None]

rows = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(1, 14)),
        st.one_of(st.none(), st.integers(0, 9)),
        st.one_of(st.none(), st.integers(0, 9)),
    ),
    max_size=60,
)


def a_kpi() -> Kpi:
    return Kpi(name="k", over="contacts", build=lambda: None, doc="", options={})


def told(given: list[Row], measure: Measure, buckets: int = 1) -> Result:
    frame = pl.DataFrame(
        given,
        schema={"customer_id": pl.Int64, "a": pl.Int64, "b": pl.Int64},
        orient="row",
    )
    bucket = pl.col("customer_id").fill_null(0) % buckets
    parts = [
        partial(frame.filter(bucket == one), a_kpi(), measure, period="current")
        for one in range(buckets)
    ]
    [result] = finish(merge(parts), {"k": (a_kpi(), measure)})
    return result


@given(rows, st.integers(1, 4))
def test_a_ratio_is_one_sum_by_another(given: list[Row], buckets: int) -> None:
    known = [(a, b) for _, a, b in given if a is not None and b is not None]
    above, below = (sum(pair[side] for pair in known) for side in (0, 1))

    result = told(given, ratio(pl.col("a"), pl.col("b"), scale=2), buckets)

    assert (result.numerator, result.n) == (above, below)
    if below:
        assert result.value == pytest.approx(above / below / 2)
    else:
        assert result.value is None
    assert result.excluded.get("not_known", 0) == len(given) - len(known)


def test_the_interval_of_a_ratio_covers_what_is_true() -> None:
    dice = random.Random(7)  # noqa: S311
    hits, rounds = 0, 300
    for _ in range(rounds):
        drawn: list[Row] = []
        for customer in range(120):
            busy = dice.choice((1, 1, 1, 4))
            for _ in range(busy):
                below = dice.randint(1, 9)
                drawn.append((customer, round(below * dice.choice((0, 1, 2))), below))
        result = told(drawn, ratio(pl.col("a"), pl.col("b")))
        assert result.low is not None
        assert result.high is not None
        hits += result.low <= 1 <= result.high

    assert stats.binomtest(hits, rounds, 0.95).pvalue > 0.001


def test_a_ratio_of_few_customers_has_no_interval() -> None:
    nine: list[Row] = [(customer, 500, 1000) for customer in range(9)]

    assert told(nine, ratio(pl.col("a"), pl.col("b"))).low is None
    assert told([*nine, (9, 5, 10)], ratio(pl.col("a"), pl.col("b"))).low is not None


@given(rows, st.integers(1, 4))
def test_once_a_customer_any_row_will_do(given: list[Row], buckets: int) -> None:
    theirs: dict[object, list[int]] = defaultdict(list)
    for place, (customer, a, _) in enumerate(given):
        if a is not None:
            theirs[customer or f"row {place}"].append(a)
    hits = sum(any(one > 5 for one in values) for values in theirs.values())
    whole = sum(all(one > 5 for one in values) for values in theirs.values())

    shared = told(given, share(pl.col("a") > 5, once="any"), buckets)
    always = told(given, share(pl.col("a") > 5, once="all"), buckets)
    several = told(given, count(pl.col("a") > 5, once="any"), buckets)

    assert (shared.numerator, shared.n) == (hits, len(theirs))
    assert (always.numerator, always.n) == (whole, len(theirs))
    assert several.value == (hits if theirs else None)
    assert shared.n == shared.customers
    if shared.n >= 10:
        assert shared.interval == "wilson"


def test_a_customer_is_pending_only_where_nothing_of_them_counts() -> None:
    drawn: list[Row] = [(1, 1, 0), (1, 1, 1), (2, 1, 1), (2, 1, 1), (3, 9, 0)]

    result = told(drawn, share(pl.col("a") > 5, pending=pl.col("b") == 1, once="any"))

    assert (result.numerator, result.n, result.pending) == (1, 2, 1)


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 60), st.booleans()),
        min_size=1,
        max_size=90,
    )
)
def test_a_gap_is_the_slowest_median_by_the_fastest(
    drawn: list[tuple[int, int, bool]],
) -> None:
    medians = []
    for group in range(3):
        times = [time for one, time, _ in drawn if one == group]
        ended = [int(end) for one, _, end in drawn if one == group]
        if len(times) >= 10:
            median = SurvfuncRight(times, ended).quantile(0.5) if any(ended) else None
            if median and not math.isnan(median):
                medians.append(median)
    given: list[Row] = [(g, time, int(end)) for g, time, end in drawn]

    result = told(
        given,
        gap(
            pl.col("a"),
            group=pl.col("customer_id").cast(pl.String),
            ended=pl.col("b") == 1,
        ),
    )

    if len(medians) < 2:
        assert result.value is None
    else:
        assert result.value == pytest.approx(max(medians) / min(medians))
        assert result.low is None or result.low <= result.value
