"""Values and intervals, each against a route that shares no code with it."""

import itertools
import math
import random
import warnings
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.proportion import proportion_confint

from cxmap.definitions import Kpi, Measure
from cxmap.measures import (
    Partials,
    Result,
    balance,
    change,
    count,
    finish,
    mean,
    median,
    merge,
    p90,
    partial,
    share,
    status,
    survival,
)
from cxmap.measures.intervals import (
    nearest_rank,
    of_difference,
    of_survival,
    order_ranks,
    wilson,
)

Z = 1.959963984540054
HIT = pl.col("hit")
TOOK = pl.col("took")


def a_kpi(unit: str = "share", better: str = "higher") -> Kpi:
    return Kpi(
        name="some_kpi",
        over="contacts",
        build=lambda: None,
        doc="",
        options={},
        unit=unit,  # type: ignore[arg-type]
        better=better,  # type: ignore[arg-type]
    )


def parts(rows: pl.DataFrame, measure: Measure, by: tuple[str, ...] = ()) -> Partials:
    return partial(rows, a_kpi(), measure, period="current", by=by)


def results(
    rows: pl.DataFrame, measure: Measure, by: tuple[str, ...] = ()
) -> list[Result]:
    return finish(parts(rows, measure, by), {"some_kpi": (a_kpi(), measure)})


def whole(rows: pl.DataFrame, measure: Measure) -> Result:
    [result] = results(rows, measure)
    return result


def asked(customers: list[int | None], values: list[object]) -> pl.DataFrame:
    return pl.DataFrame(
        {"customer_id": customers, "hit": values, "took": values},
        schema_overrides={"customer_id": pl.Int64},
        strict=False,
    )


answers = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=10)


@given(
    st.integers(10, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
)
def test_wilson_is_statsmodels_wilson(seen: tuple[int, int]) -> None:
    x, n = seen

    assert wilson(x / n, n) == pytest.approx(
        proportion_confint(x, n, method="wilson"), abs=1e-9
    )


@given(st.lists(st.booleans(), min_size=10))
def test_customers_who_count_once_need_no_clustering(hits: list[bool]) -> None:
    told = whole(asked(list(range(len(hits))), list(hits)), share(HIT))

    assert told.interval == "wilson"
    assert (told.low, told.high) == pytest.approx(
        proportion_confint(sum(hits), len(hits), method="wilson"), abs=1e-9
    )


@given(st.lists(st.booleans(), min_size=10))
def test_nobody_known_is_a_customer_of_their_own(hits: list[bool]) -> None:
    unknown = whole(asked([None] * len(hits), list(hits)), share(HIT))

    assert unknown == whole(asked(list(range(len(hits))), list(hits)), share(HIT))
    assert unknown.customers == len(hits)


def clustered_error(groups: list[int], values: list[float]) -> float:
    fit = sm.OLS(np.array(values, float), np.ones(len(values))).fit(
        cov_type="cluster",
        cov_kwds={"groups": np.array(groups), "use_correction": False},
    )
    return float(fit.bse[0])


@given(answers)
def test_repeats_cluster_by_customer(rows: list[tuple[int, bool]]) -> None:
    groups, hits = [g for g, _ in rows], [hit for _, hit in rows]
    told = whole(asked(list(groups), list(hits)), share(HIT))
    p, error = sum(hits) / len(hits), clustered_error(groups, [float(h) for h in hits])

    if told.interval == "clustered":
        assert told.low == pytest.approx(max(0, p - Z * error), abs=1e-9)
        assert told.high == pytest.approx(min(1, p + Z * error), abs=1e-9)
    else:
        alone = len(set(groups)) == len(groups)
        assert alone or error == pytest.approx(0, abs=1e-12)
        customers = len(set(groups))
        assert (told.low, told.high) == pytest.approx(wilson(p, customers), abs=1e-9)


def test_a_rate_of_nothing_but_hits_is_not_certain() -> None:
    told = whole(asked([1, 1, 2, 2, 3, 3] * 2, [True] * 12), share(HIT))

    assert (told.value, told.interval) == (1, "wilson")
    assert told.low == pytest.approx(wilson(1, 3)[0])


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 10**7)), min_size=10))
def test_a_mean_clusters_too(rows: list[tuple[int, int]]) -> None:
    groups, values = [g for g, _ in rows], [value for _, value in rows]
    told = whole(asked(list(groups), list(values)), mean(TOOK, scale=10))

    assert told.value == pytest.approx(np.mean(values) / 10)
    if len(set(groups)) < 2:
        assert (told.low, told.high, told.interval) == (None, None, None)
    else:
        reach = Z * clustered_error(groups, [float(v) for v in values]) / 10
        assert told.low == pytest.approx(told.value - reach, rel=1e-6, abs=1e-3)
        assert told.high == pytest.approx(told.value + reach, rel=1e-6, abs=1e-3)


def test_sums_of_squared_seconds_do_not_overflow() -> None:
    decades = [3 * 10**9] * 20 + [10**9] * 20
    told = whole(asked(list(range(40)), list(decades)), mean(TOOK))

    assert told.value == 2 * 10**9
    assert told.high == pytest.approx(2e9 + Z * 1e9 / math.sqrt(40))


@given(st.lists(st.sampled_from([-1, 0, 1]), min_size=10))
def test_nps_has_its_own_variance(votes: list[int]) -> None:
    told = whole(asked(list(range(len(votes))), list(votes)), balance(TOOK))
    n, p, d = len(votes), votes.count(1) / len(votes), votes.count(-1) / len(votes)
    variance = (p + d - (p - d) ** 2) / n

    assert told.value == pytest.approx(100 * (p - d))
    if len(set(votes)) > 1:
        reach = 100 * Z * math.sqrt(variance)
        assert told.low == pytest.approx(max(-100, told.value - reach))
        assert told.high == pytest.approx(min(100, told.value + reach))
    else:
        assert told.interval == "wilson"
        assert told.low is not None
        assert told.high is not None
        assert told.high - told.low > 1


quantiles = st.sampled_from([(1, 2), (9, 10), (1, 4)])


@given(st.integers(10, 3000), quantiles)
def test_order_ranks_are_binomial(n: int, part: tuple[int, int]) -> None:
    p = part[0] / part[1]
    ranks = range(1, n + 1)
    below = dict(zip(ranks, stats.binom.cdf(np.arange(n), n, p), strict=True))
    low = max((rank for rank in ranks if below[rank] <= 0.025), default=None)
    high = min((rank for rank in ranks if below[rank] >= 0.975), default=None)

    assert order_ranks(n, part) == (low, high)


def test_order_ranks_of_a_million_are_quick_and_close_to_normal() -> None:
    low, high = order_ranks(1_000_000, (1, 2))

    assert low == pytest.approx(500_000 - Z * 500, abs=1)
    assert high == pytest.approx(500_000 + Z * 500, abs=2)


@given(st.lists(st.integers(0, 50), min_size=1), st.sampled_from(["half", "ninety"]))
def test_percentiles_are_nearest_rank(values: list[int], which: str) -> None:
    measure, part = (median(TOOK), (1, 2)) if which == "half" else (p90(TOOK), (9, 10))
    told = whole(asked(list(range(len(values))), list(values)), measure)
    inverted = np.quantile(values, part[0] / part[1], method="inverted_cdf")

    assert told.value == inverted
    if len(values) < 10:
        assert told.interval is None
    else:
        ordered, (low, high) = sorted(values), order_ranks(len(values), part)
        assert told.low == (None if low is None else ordered[low - 1])
        assert told.high == (None if high is None else ordered[high - 1])


@given(st.integers(1, 10**6), quantiles)
def test_a_rank_is_never_off_by_a_rounding(n: int, part: tuple[int, int]) -> None:
    rank = nearest_rank(n, part)

    assert (rank - 1) * part[1] < part[0] * n <= rank * part[1]


times = st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=12, max_size=80)


def spread(rows: list[tuple[int, bool]]) -> pl.DataFrame:
    return pl.DataFrame(
        [(value, ended, 1) for value, ended in rows],
        schema={"value": pl.Int64, "ended": pl.Boolean, "rows": pl.Int64},
        orient="row",
    )


def curve_by_hand(rows: list[tuple[int, bool]]) -> dict[int, float]:
    alive, curve = 1.0, {}
    for now in sorted({value for value, ended in rows if ended}):
        at_risk = sum(value >= now for value, _ in rows)
        alive *= 1 - sum(value == now and ended for value, ended in rows) / at_risk
        curve[now] = alive
    return curve


@given(times)
def test_the_median_of_open_times_is_kaplan_meiers(
    rows: list[tuple[int, bool]],
) -> None:
    reached = [now for now, alive in curve_by_hand(rows).items() if alive <= 0.5 + 1e-9]

    value, _ = of_survival(spread(rows), (1, 2))

    assert value == min(reached, default=None)


@settings(max_examples=60)
@given(times)
def test_its_band_is_greenwoods_on_the_log_log_scale(
    rows: list[tuple[int, bool]],
) -> None:
    rows = [*rows, (99, False), (99, False)]
    assume(any(ended for _, ended in rows))
    told = SurvfuncRight(
        np.array([value for value, _ in rows]), np.array([ended for _, ended in rows])
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        low, high = told.quantile_ci(0.5)

    value, (lower, upper) = of_survival(spread(rows), (1, 2))

    curve = told.surv_prob
    assume(value is not None and not np.any(np.isclose(curve, 0.5)))
    assert lower == low
    assert (upper or np.inf) == high


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60))
def test_without_open_times_the_curve_is_the_nearest_rank(values: list[int]) -> None:
    rows = asked(list(range(len(values))), list(values))

    told = whole(rows, survival(TOOK, ended=pl.lit(True)))

    assert told.value == whole(rows, median(TOOK)).value


def test_open_times_only_say_at_least() -> None:
    rows = asked(list(range(20)), [60] * 20)

    told = whole(rows, survival(TOOK, ended=pl.lit(False)))

    assert (told.value, told.low, told.high, told.n) == (None, None, None, 20)


def test_below_ten_there_is_no_interval() -> None:
    measures = [
        share(HIT),
        mean(TOOK),
        balance(TOOK),
        median(TOOK),
        survival(TOOK, ended=pl.lit(True)),
    ]
    for measure, n in itertools.product(measures, (9, 10)):
        rows = asked(list(range(n)), [place % 2 for place in range(n)])
        told = whole(rows.with_columns(pl.col("hit").cast(pl.Boolean)), measure)
        assert (told.interval is None) == (n < 10)
        assert (told.low is None) == (n < 10)


def test_a_count_is_exact_and_zero_is_a_number() -> None:
    told = whole(asked([1] * 12, [False] * 12), count(HIT))

    assert (told.value, told.n, told.interval) == (0, 12, None)


@pytest.mark.parametrize(
    "measure",
    [
        share(HIT),
        mean(TOOK),
        balance(TOOK),
        median(TOOK),
        survival(TOOK, ended=HIT),
        count(HIT),
    ],
)
def test_a_rate_of_nobody_is_nothing(measure: Measure) -> None:
    nobody = asked([], []).cast({"hit": pl.Boolean, "took": pl.Int64})
    told = whole(nobody, measure)

    assert (told.value, told.n, told.low, told.high) == (None, 0, None, None)


def test_nothing_of_the_population_is_lost() -> None:
    rows = pl.DataFrame(
        {
            "customer_id": [1] * 6,
            "hit": [True, None, None, None, True, True],
            "meant": [True, True, True, True, None, False],
            "late": [False, None, True, True, True, True],
            "lone": [None, False, True, False, True, True],
        }
    )
    measure = share(
        HIT,
        among=pl.col("meant"),
        pending=pl.col("late"),
        excluded={"lone": pl.col("lone"), "never": pl.col("lone")},
    )

    told = whole(rows, measure)

    assert (told.n, told.pending) == (1, 1)
    assert told.excluded == {"lone": 1, "not_known": 1}


def test_segments_add_up_to_the_whole() -> None:
    rows = pl.DataFrame(
        {
            "customer_id": [1, 1, 2, 3],
            "hit": [True, False, True, True],
            "topic": ["a", None, 'say "b"', "a"],
            "channel": ["voice"] * 4,
        }
    )

    told = results(rows, share(HIT), by=("topic", "channel"))

    assert [(one.cell, one.numerator, one.n) for one in told] == [
        ('{"channel":"voice","topic":"a"}', 2, 2),
        ('{"channel":"voice","topic":"say \\"b\\""}', 1, 1),
        ('{"channel":"voice","topic":null}', 0, 1),
        ("{}", 3, 4),
    ]


@given(answers, st.randoms(use_true_random=False))
def test_parts_add_up_in_any_order(
    rows: list[tuple[int, bool]], dice: random.Random
) -> None:
    frame = asked([g for g, _ in rows], [hit for _, hit in rows])
    buckets = [
        parts(frame.filter(pl.col("customer_id") % 3 == b), share(HIT))
        for b in range(3)
    ]
    dice.shuffle(buckets)

    added, at_once = merge(buckets), parts(frame, share(HIT))

    assert added.sums.equals(at_once.sums)


def test_no_parts_are_no_numbers() -> None:
    assert finish(merge([]), {}) == []


def a_result(
    value: float | None, band: tuple[float | None, float | None], n: int = 100
) -> Result:
    return Result(
        kpi="some_kpi",
        period="current",
        cell="{}",
        form="share",
        value=value,
        numerator=None,
        n=n,
        customers=n,
        low=band[0],
        high=band[1],
        interval=None,
        pending=0,
        excluded={},
        confirmed=None,
        presumed=None,
    )


@pytest.mark.parametrize(
    ("band", "better", "expected"),
    [
        ((0.6, 0.7), "higher", "on"),
        ((0.59, 0.7), "higher", "close"),
        ((0.5, 0.6), "higher", "close"),
        ((0.5, 0.59), "higher", "off"),
        ((0.5, 0.6), "lower", "on"),
        ((0.5, 0.61), "lower", "close"),
        ((0.6, 0.7), "lower", "close"),
        ((0.61, 0.7), "lower", "off"),
        ((0.61, None), "lower", "off"),
        ((0.5, None), "lower", "close"),
        ((None, None), "lower", "close"),
        ((0.7, 0.8), "neither", "–"),
    ],
)
def test_on_and_off_need_the_whole_interval(
    band: tuple[float | None, float | None], better: str, expected: str
) -> None:
    assert status(a_result(0.6, band), a_kpi(better=better), 0.6) == expected


def test_few_are_close_and_nobody_is_nothing() -> None:
    assert status(a_result(1, (None, None), n=9), a_kpi(), 0.6) == "close"
    assert status(a_result(None, (None, None), n=0), a_kpi(), 0.6) == "–"
    assert status(a_result(0.9, (0.8, 1)), a_kpi(), None) == "–"


def test_a_count_is_its_own_interval() -> None:
    rows = asked(list(range(12)), [True] * 12)
    told, backlog = whole(rows, count(HIT)), a_kpi("count", "lower")

    assert status(told, backlog, 11) == "off"
    assert status(told, backlog, 12) == "on"


@given(st.lists(st.floats(0, 1), min_size=6, max_size=6))
def test_the_interval_of_a_change_is_movers(ends: list[float]) -> None:
    low0, before, high0 = sorted(ends[:3])
    low1, value, high1 = sorted(ends[3:])
    moved = value - before

    told = of_difference(value, (low1, high1), before, (low0, high0))

    assert told is not None
    assert told[0] == pytest.approx(
        moved - ((value - low1) ** 2 + (high0 - before) ** 2) ** 0.5
    )
    assert told[1] == pytest.approx(
        moved + ((high1 - value) ** 2 + (before - low0) ** 2) ** 0.5
    )


@pytest.mark.parametrize(
    ("before", "now", "unit", "marked"),
    [
        (0.50, 0.52, "share", True),
        (0.50, 0.509, "share", False),
        (0.10, 0.1051, "share", True),
        (1000.0, 1040.0, "seconds", False),
        (1000.0, 1050.0, "seconds", True),
        (30.0, 31.0, "points", True),
        (30.0, 30.9, "points", False),
    ],
)
def test_a_mark_needs_a_change_that_matters(
    before: float, now: float, unit: str, marked: bool
) -> None:
    sure = 1e-6
    told = change(
        a_result(now, (now - sure, now + sure)),
        a_result(before, (before - sure, before + sure)),
        a_kpi(unit),
    )

    assert told.marked is marked


def test_a_change_within_noise_is_never_marked() -> None:
    told = change(a_result(0.6, (0.5, 0.7)), a_result(0.5, (0.4, 0.6)), a_kpi())

    assert told.change == pytest.approx(0.1)
    assert not told.marked


def test_a_change_of_coverage_is_no_change_of_service() -> None:
    now, before = a_result(0.9, (0.8, 0.95)), a_result(0.5, (0.4, 0.6))

    assert change(now, before, a_kpi()).marked
    assert not change(now, before, a_kpi(), coverage_changed=True).marked


def test_without_a_value_before_there_is_no_change() -> None:
    now, nobody = a_result(0.9, (0.8, 0.95)), a_result(None, (None, None), n=0)

    assert change(now, None, a_kpi()).change is None
    assert change(now, nobody, a_kpi()).change is None
    assert change(nobody, now, a_kpi()).previous == 0.9
    assert change(now, a_result(0.5, (None, 0.6)), a_kpi()).low is None


def test_a_period_is_part_of_the_key() -> None:
    day = datetime(2026, 3, 2, tzinfo=UTC)
    rows = asked([1], [True]).with_columns(at=pl.lit(day))
    two = merge(
        partial(rows, a_kpi(), share(HIT), period=period) for period in ("a", "b")
    )

    told = finish(two, {"some_kpi": (a_kpi(), share(HIT))})

    assert [(one.period, one.n) for one in told] == [("a", 1), ("b", 1)]
