"""Logistic regression without negative weights, against scipy and numpy."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from cxmap.measures.logistic import PULL, Counts, Pattern, fit, inverted

FLAGS = 4

counts_drawn = st.dictionaries(
    st.frozensets(st.integers(0, FLAGS - 1)),
    st.tuples(st.integers(1, 60), st.integers(0, 60)).map(
        lambda pair: (max(pair), min(pair))
    ),
    min_size=1,
    max_size=12,
).filter(
    lambda counts: (
        0
        < sum(event for _, event in counts.values())
        < sum(n for n, _ in counts.values())
    )
)


def design(counts: Counts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = [[1.0, *(float(j in p) for j in range(FLAGS))] for p in counts]
    n = np.array([n for n, _ in counts.values()], dtype=float)
    events = np.array([event for _, event in counts.values()], dtype=float)
    return np.array(rows), n, events


def oracle(counts: Counts) -> tuple[np.ndarray, float]:
    """The same loss, minimised by scipy within bounds."""
    x, n, events = design(counts)

    def loss(w: np.ndarray) -> float:
        odds = x @ w
        entropy = np.sum(n * np.logaddexp(0, odds) - events * odds)
        return float(entropy + PULL / 2 * np.sum(w[1:] ** 2))

    def slope(w: np.ndarray) -> np.ndarray:
        miss = n / (1 + np.exp(-(x @ w))) - events
        return x.T @ miss + PULL * np.concatenate([[0], w[1:]])

    found = minimize(
        loss,
        np.zeros(FLAGS + 1),
        jac=slope,
        method="L-BFGS-B",
        bounds=[(None, None), *[(0, None)] * FLAGS],
        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 5000},
    )
    return found.x, loss(found.x)


@settings(max_examples=80)
@given(counts_drawn)
def test_the_weights_are_scipys(counts: Counts) -> None:
    told = fit(counts, FLAGS)
    expected, least = oracle(counts)
    x, n, events = design(counts)
    at = np.array([told.intercept, *told.weights])
    odds = x @ at
    own = float(np.sum(n * np.logaddexp(0, odds) - events * odds))
    own += PULL / 2 * float(np.sum(at[1:] ** 2))

    assert min(told.weights) >= 0
    assert own <= least + 1e-6
    assert at == pytest.approx(expected, abs=2e-3)


@settings(max_examples=40)
@given(counts_drawn)
def test_the_intervals_are_fishers(counts: Counts) -> None:
    told = fit(counts, FLAGS)
    x, n, _ = design(counts)
    odds = x @ np.array([told.intercept, *told.weights])
    chance = 1 / (1 + np.exp(-odds))
    curve = (x * (n * chance * (1 - chance))[:, None]).T @ x
    curve += np.diag([0.0, *[PULL] * FLAGS])
    spread = np.sqrt(np.diag(np.linalg.inv(curve)))[1:]

    for weight, low, high, one in zip(
        told.weights, told.lows, told.highs, spread, strict=True
    ):
        assert 0 <= low <= high
        if weight > 0:
            assert high == pytest.approx(weight + 1.959964 * one, rel=1e-5)
            assert low == pytest.approx(max(0, weight - 1.959964 * one), abs=1e-5)


def test_a_flag_that_does_good_weighs_nothing() -> None:
    counts: dict[Pattern, tuple[int, int]] = {
        frozenset(): (1000, 500),
        frozenset({0}): (1000, 100),
        frozenset({1}): (1000, 800),
    }

    told = fit(counts, 2)

    assert told.weights[0] == 0
    assert told.highs[0] == 0
    # Without the first, both it and the plain journeys are the base.
    assert told.intercept == pytest.approx(math.log(600 / 1400), abs=0.01)
    assert told.weights[1] == pytest.approx(
        math.log(800 / 200) - math.log(600 / 1400), abs=0.02
    )


def test_a_flag_never_seen_without_the_event_has_a_weight_all_the_same() -> None:
    told = fit({frozenset(): (100, 50), frozenset({0}): (30, 30)}, 1)

    assert 2 < told.weights[0] < 6
    assert told.lows[0] > 0


def test_what_was_put_in_comes_out() -> None:
    dice = random.Random(3)  # noqa: S311
    true, base = (1.2, 0.0, 0.5, -0.8), -1.0
    counts: dict[Pattern, tuple[int, int]] = {}
    for _ in range(60_000):
        pattern = frozenset(j for j in range(FLAGS) if dice.random() < 0.3)
        odds = base + sum(true[j] for j in pattern)
        event = dice.random() < 1 / (1 + math.exp(-odds))
        n, events = counts.get(pattern, (0, 0))
        counts[pattern] = (n + 1, events + event)

    told = fit(counts, FLAGS)

    for weight, low, high in zip(true[:3], told.lows, told.highs, strict=False):
        assert low - 0.1 <= weight <= high + 0.1
    assert told.weights[3] == 0


@pytest.mark.parametrize("events", [0, 10])
def test_one_outcome_alone_cannot_be_fitted(events: int) -> None:
    with pytest.raises(ValueError, match="both outcomes"):
        fit({frozenset(): (10, events)}, 1)


def test_the_order_of_patterns_changes_nothing() -> None:
    counts = {frozenset({j}): (50 + j, 10 * j + 5) for j in range(4)}

    assert fit(counts, 4) == fit(dict(reversed(counts.items())), 4)


@given(
    st.lists(
        st.lists(st.integers(-9, 9), min_size=3, max_size=3), min_size=3, max_size=3
    )
)
def test_the_inverse_is_numpys(rows: list[list[float]]) -> None:
    matrix = np.array(rows, dtype=float)
    if abs(np.linalg.det(matrix)) < 0.5:
        return

    assert np.allclose(inverted(rows), np.linalg.inv(matrix))


def test_what_has_no_inverse_is_said() -> None:
    with pytest.raises(ValueError, match="inverse"):
        inverted([[0.0, 0.0], [0.0, 0.0]])
