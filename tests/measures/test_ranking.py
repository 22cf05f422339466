"""How well a score ranks, against every pair counted by hand."""

import math
import random
from itertools import product
from statistics import mean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cxmap.measures.ranking import Scored, area, steps

scored_drawn = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 4)), max_size=12
).map(lambda rows: [(float(score), n + events, events) for score, n, events in rows])


def apart(scored: list[Scored]) -> tuple[list[float], list[float]]:
    events = [score for score, _, event in scored for _ in range(event)]
    others = [score for score, n, event in scored for _ in range(n - event)]
    return events, others


def wins(one: float, other: float) -> float:
    return 1.0 if one > other else 0.5 if one == other else 0.0


@given(scored_drawn)
def test_the_area_is_the_share_of_pairs_in_order(scored: list[Scored]) -> None:
    events, others = apart(scored)
    found = area(scored)

    if len(events) < 2 or len(others) < 2:
        assert found is None
        return
    assert found is not None
    value = mean(wins(one, other) for one, other in product(events, others))
    of_events = variance([mean(wins(e, o) for o in others) for e in events])
    of_others = variance([mean(wins(e, o) for e in events) for o in others])
    reach = 1.959964 * math.sqrt(of_events / len(events) + of_others / len(others))
    assert found.value == pytest.approx(value)
    assert found.low == pytest.approx(max(0, value - reach), abs=1e-6)
    assert found.high == pytest.approx(min(1, value + reach), abs=1e-6)


@given(scored_drawn)
def test_it_is_the_statistic_of_mann_and_whitney(scored: list[Scored]) -> None:
    events, others = apart(scored)
    found = area(scored)

    if found is not None:
        told = stats.mannwhitneyu(events, others).statistic
        assert found.value == pytest.approx(told / (len(events) * len(others)))


def test_the_true_area_lies_in_the_interval_as_often_as_it_says() -> None:
    dice = random.Random(5)  # noqa: S311
    true, worlds, inside = stats.norm.cdf(1 / math.sqrt(2)), 300, 0
    for _ in range(worlds):
        rows = [(dice.gauss(0, 1), 1, 0) for _ in range(80)]
        rows += [(dice.gauss(1, 1), 1, 1) for _ in range(40)]
        found = area(rows)
        assert found is not None
        inside += found.low <= true <= found.high

    assert 0.91 <= inside / worlds <= 0.99


@given(scored_drawn)
def test_steps_lose_nobody_and_rise(scored: list[Scored]) -> None:
    total = sum(n for _, n, _ in scored)
    told = [(score, score / 5, n, event) for score, n, event in scored]
    found = steps(told)

    assert sum(one.n for one in found) == total
    assert [one.foretold for one in found] == sorted(one.foretold for one in found)
    assert all(one.low <= one.happened <= one.high for one in found)
    assert len(found) <= 5


def test_rows_of_one_score_stay_together_whatever_was_foretold() -> None:
    found = steps([(0.0, 0.1, 50, 5), (0.0, 0.3, 50, 10), (1.0, 0.6, 10, 5)])

    assert [(one.n, one.foretold) for one in found] == [
        (100, pytest.approx(0.2)),
        (10, pytest.approx(0.6)),
    ]


def test_steps_are_about_equal() -> None:
    found = steps([(float(at), at / 100, 10, at // 10) for at in range(100)])

    assert [one.n for one in found] == [200] * 5
    assert found[0].foretold == pytest.approx(mean(at / 100 for at in range(20)))
