"""When a number is worse two periods running: material, believed, twice."""

from typing import Any

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from cxmap.definitions import Kpi
from cxmap.measures import Result, change, share, worse_twice_running
from cxmap.measures.verdicts import RUNNING, Change

Three = tuple[float | None, float | None, float | None]
"""The values of a KPI, the latest first."""

MEASURE = share(pl.col("hit"))
WHOLE = "{}"


def a_kpi(better: str = "higher", unit: str = "share") -> Kpi:
    facts: dict[str, Any] = {"better": better, "unit": unit}
    return Kpi("k", over="contacts", build=lambda: None, doc="", options={}, **facts)


def results(
    values: Three, *, reach: float | None = 0.01, kpi: str = "k", cell: str = WHOLE
) -> list[Result]:
    """A result a period, whose interval reaches so far to both sides."""
    return [
        Result(
            kpi=kpi,
            period=period,
            cell=cell,
            form="share",
            value=value,
            numerator=None,
            n=100,
            customers=100,
            low=None if reach is None or value is None else value - reach,
            high=None if reach is None or value is None else value + reach,
            interval=None,
            pending=0,
            excluded={},
            confirmed=None,
            presumed=None,
        )
        for period, value in zip(RUNNING, values, strict=True)
    ]


def told(values: Three, better: str = "higher", **how: Any) -> bool | None:
    kpis = {"k": (a_kpi(better), MEASURE)}
    return worse_twice_running(results(values, **how), kpis).get(("k", WHOLE))


FALLING, RISING = (0.5, 0.6, 0.7), (0.7, 0.6, 0.5)


@pytest.mark.parametrize(
    ("values", "better", "worse"),
    [
        (FALLING, "higher", True),
        (RISING, "lower", True),
        (FALLING, "lower", False),
        (RISING, "higher", False),
        (FALLING, "neither", False),
        (RISING, "neither", False),
        ((0.5, 0.6, 0.5), "higher", False),
        ((0.6, 0.5, 0.6), "higher", False),
        ((0.6, 0.6, 0.7), "higher", False),
        ((0.6, 0.7, 0.7), "higher", False),
    ],
)
def test_it_is_worse_only_where_both_changes_are_for_the_worse(
    values: Three, better: str, worse: bool
) -> None:
    assert told(values, better) is worse


@pytest.mark.parametrize("values", [(0.58, 0.6, 0.7), (0.5, 0.6, 0.615)])
def test_a_change_within_noise_is_not_worse(values: Three) -> None:
    assert told(values, reach=0.03) is False
    assert told(values, reach=0.001) is True


@pytest.mark.parametrize("values", [(0.595, 0.6, 0.7), (0.5, 0.6, 0.605)])
def test_a_change_too_small_to_matter_is_not_worse(values: Three) -> None:
    assert told(values, reach=0.0001) is False


@pytest.mark.parametrize(
    "values", [(None, 0.6, 0.7), (0.5, None, 0.7), (0.5, 0.6, None)]
)
def test_without_a_number_in_each_period_nothing_is_told(values: Three) -> None:
    assert told(values) is None


def test_without_an_interval_nothing_is_told() -> None:
    assert told(FALLING, reach=None) is None


def test_a_missing_period_is_no_news() -> None:
    two = [one for one in results(FALLING) if one.period != "earlier"]

    assert worse_twice_running(two, {"k": (a_kpi(), MEASURE)}) == {}


@pytest.mark.parametrize("still", [0, 1, 2, 60])
def test_a_fall_just_outside_noise_is_not_believed_among_many_segments(
    still: int,
) -> None:
    kpis = {"k": (a_kpi(), MEASURE)}
    found = results((0.5, 0.53, 0.56), reach=0.02)
    for place in range(still):
        found += results((0.5, 0.5, 0.5), reach=0.02, cell=f'{{"team":"{place}"}}')

    assert worse_twice_running(found, kpis)["k", WHOLE] is (still == 0)


def test_a_segment_is_judged_like_the_whole() -> None:
    cell = '{"channel":"voice"}'
    found = [*results(RISING), *results(FALLING, cell=cell)]
    worse = worse_twice_running(found, {"k": (a_kpi(), MEASURE)})

    assert worse == {("k", WHOLE): False, ("k", cell): True}


bands = st.tuples(
    st.floats(0, 1, allow_subnormal=False), st.floats(0, 0.5), st.floats(0, 0.5)
)


@given(bands, bands)
def test_chance_is_below_five_percent_exactly_outside_the_interval(
    now: tuple[float, float, float], before: tuple[float, float, float]
) -> None:
    one, other = (
        results((value, None, None), reach=None)[0] for value in (now[0], before[0])
    )
    moved = change(_within(one, now), _within(other, before), a_kpi())
    assert moved.low is not None
    assert moved.high is not None
    assume(min(abs(moved.low), abs(moved.high)) > 1e-9)
    assert moved.chance is not None

    assert (moved.chance < 0.05) == (moved.low > 0 or moved.high < 0)
    assert 0 <= moved.chance <= 1


def _within(result: Result, band: tuple[float, float, float]) -> Result:
    value, down, up = band
    return Result(**{**vars(result), "low": value - down, "high": value + up})


@given(st.floats(-1, 1), st.floats(0.01, 1), st.floats(0.01, 1))
def test_chance_is_that_of_a_normal_distribution(
    moved: float, down: float, up: float
) -> None:
    told = Change(0.5, moved, moved - down, moved + up)
    error = (down if moved > 0 else up) / stats.norm.ppf(0.975)

    assert told.chance == pytest.approx(2 * stats.norm.sf(abs(moved), scale=error))


def test_chance_of_an_exact_number_is_none_or_certain() -> None:
    assert Change(1.0, 0.5, 0.5, 0.5).chance == 0
    assert Change(1.0, 0.0, 0.0, 0.0).chance == 1
    assert Change(1.0, 0.5).chance is None
    assert Change(1.0, 0.5, None, 0.7).chance is None
    assert Change().chance is None
