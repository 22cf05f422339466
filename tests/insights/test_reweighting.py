"""Whether re-weighting takes away what the classes carry, and nothing else."""

import random
from collections import Counter
from math import sqrt

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from cxmap.insights.responding import STRATA
from cxmap.insights.reweighting import Form, Reweighted, reweighted

Cell = tuple[str, str, str]


def rows(*cells: tuple[Cell, int, list[int]]) -> pl.DataFrame:
    """Return journeys of the cells: (its classes, how many, their answers)."""
    told = [
        (*classes, answers[n] if n < len(answers) else None)
        for classes, many, answers in cells
        for n in range(many)
    ]
    schema = {**dict.fromkeys(STRATA, pl.String()), "value": pl.Int64()}
    frame = pl.DataFrame(told, schema=schema, orient="row")

    return frame.with_columns(who=pl.format("c{}", pl.int_range(pl.len())))


def told(frame: pl.DataFrame, form: Form = "share", scale: float = 1) -> Reweighted:
    found = reweighted(frame, form, scale=scale)
    assert found is not None
    return found


CALM, MET = ("voice", "1", "0"), ("voice", "1", "1")


def test_classes_count_by_their_journeys_not_by_their_answers() -> None:
    """Half the journeys met a friction; of the answers a fifth did."""
    one = told(
        rows((CALM, 50, [1] * 36 + [0] * 4), (MET, 50, [1] * 4 + [0] * 6)),
    )
    assert one.raw == pytest.approx(0.8)
    assert one.value == pytest.approx((0.9 + 0.4) / 2)
    assert one.effective == pytest.approx(1 / (0.25 / 40 + 0.25 / 10))
    assert (one.answers, one.covered, one.by) == (50, 1, STRATA)


def test_its_interval_is_wilsons_at_what_the_weighted_answers_are_worth() -> None:
    one = told(
        rows((CALM, 50, [1] * 36 + [0] * 4), (MET, 50, [1] * 4 + [0] * 6)),
    )
    pulls = 36 * (0.5 / 40 * 0.35) ** 2 + 4 * (0.5 / 40 * 0.65) ** 2
    pulls += 4 * (0.5 / 10 * 0.35) ** 2 + 6 * (0.5 / 10 * 0.65) ** 2
    worth = 0.65 * 0.35 / pulls
    low, high = proportion_confint(0.65 * worth, worth, method="wilson")
    assert (one.low, one.high) == (pytest.approx(low), pytest.approx(high))


def test_all_answers_alike_are_as_sure_as_their_number_not_certain() -> None:
    one = told(rows((CALM, 60, [1] * 20), (MET, 60, [1] * 20)))
    low, _ = proportion_confint(40, 40, method="wilson")
    assert (one.value, one.low, one.high) == (1, pytest.approx(low), 1)


def test_a_mean_and_a_balance_are_told_in_their_own_unit() -> None:
    frame = rows((CALM, 50, [500] * 20 + [400] * 20), (MET, 50, [100] * 9 + [200]))
    one = told(frame, "mean", 100)
    assert one.value == pytest.approx((4.5 + 1.1) / 2)
    assert one.low is not None
    assert one.low < one.value
    votes = rows((CALM, 40, [1] * 20), (MET, 10, [-1] * 3 + [1] * 7))
    net = told(votes, "balance", 0.01)
    assert net.value == pytest.approx(100 * (0.8 + 0.2 * 0.4))
    assert net.high is not None
    assert net.value < net.high <= 100


def test_nobody_speaks_for_channels_of_which_hardly_anybody_answered() -> None:
    one = told(
        rows(
            (CALM, 75, [1] * 12),
            (("chat", "1", "0"), 20, []),
            (("written", "1", "0"), 5, [0, 0]),
        )
    )
    assert one.covered == 0.75
    assert (one.raw, one.value, one.answers) == (1, 1, 12)


def test_thin_channels_that_answered_enough_together_are_taken_as_one() -> None:
    one = told(
        rows(
            (CALM, 50, [1] * 20),
            (("chat", "1", "0"), 25, [0] * 6),
            (("written", "1", "0"), 25, [0] * 6),
        )
    )
    assert one.covered == 1
    assert one.value == pytest.approx(0.5)


def test_a_thin_class_joins_its_neighbour_and_no_other() -> None:
    """Three frictions and two are one class of ten answers; none stays itself."""
    one = told(
        rows(
            (CALM, 40, [1] * 20),
            (("voice", "1", "2"), 30, [0] * 9),
            (("voice", "1", "3+"), 30, [1]),
        )
    )
    assert one.value == pytest.approx(0.4 + 0.6 * 0.1)


def test_classes_that_cannot_all_be_made_alike_give_up_the_channel() -> None:
    """Who wrote had one contact wherever they answered, but not among all journeys."""
    one = told(
        rows(
            (("voice", "2", "0"), 10, [1] * 10),
            (("written", "1", "0"), 10, [0] * 10),
            (("written", "2", "0"), 60, []),
        )
    )
    assert one.by == ("contacts", "frictions")
    assert one.value == pytest.approx(7 / 8)


@pytest.mark.parametrize("answers", [0, 9])
def test_fewer_than_ten_answers_are_not_weighted(answers: int) -> None:
    assert reweighted(rows((CALM, 50, [1] * answers)), "share") is None


def test_no_journeys_give_no_figure() -> None:
    assert reweighted(rows(), "share") is None


def test_it_removes_the_bias_that_classes_carry_and_its_interval_covers() -> None:
    """The true share is 0.7; the answers alone say 0.82."""
    dice, held, off, naive = random.Random(7), 0, 0.0, 0.0  # noqa: S311
    plan = {CALM: (600, 0.4, 0.9), MET: (400, 0.1, 0.4)}
    for _ in range(120):
        cells = []
        for classes, (many, response, good) in plan.items():
            answered = sum(dice.random() < response for _ in range(many))
            answers = [int(dice.random() < good) for _ in range(answered)]
            cells.append((classes, many, answers))
        one = told(rows(*cells))
        assert one.low is not None
        assert one.high is not None
        held += one.low <= 0.7 <= one.high
        off += one.value - 0.7
        naive += one.raw - 0.7
    assert abs(off / 120) < 0.01
    assert naive / 120 > 0.1
    assert 0.91 <= held / 120 <= 0.99


GROUPS = [(c, k, f) for c in ("chat", "voice") for k in ("1", "2") for f in ("0", "1")]


@settings(max_examples=20)
@given(st.lists(st.integers(5, 9), min_size=8, max_size=8), st.integers(1, 4))
def test_response_alike_everywhere_changes_nothing(
    answered: list[int], times: int
) -> None:
    one = told(
        rows(
            *(
                (group, many * times, [1] * (many // 2) + [0] * (many - many // 2))
                for group, many in zip(GROUPS, answered, strict=True)
            )
        )
    )
    assert one.value == pytest.approx(one.raw)
    assert one.effective == pytest.approx(sum(answered))


def raked_by_hand(frame: pl.DataFrame) -> tuple[float, float]:
    """Return mean and standard error by plain iterative proportional fitting."""
    everybody = frame.to_dicts()
    answers = [one for one in everybody if one["value"] is not None]
    weights = [1.0] * len(answers)
    for _ in range(300):
        for by in STRATA:
            wanted = Counter(one[by] for one in everybody)
            have: Counter[str] = Counter()
            for one, weight in zip(answers, weights, strict=True):
                have[one[by]] += weight
            weights = [
                weight * wanted[one[by]] / have[one[by]]
                for one, weight in zip(answers, weights, strict=True)
            ]
    total = sum(weights)
    value = sum(w * a["value"] for w, a in zip(weights, answers, strict=True)) / total
    spread = sum(
        (w * (a["value"] - value)) ** 2 for w, a in zip(weights, answers, strict=True)
    )

    return value, sqrt(spread) / total


@settings(max_examples=20)
@given(
    st.lists(
        st.tuples(st.integers(5, 12), st.integers(0, 20), st.integers(1, 5)),
        min_size=8,
        max_size=8,
    )
)
def test_it_is_what_plain_proportional_fitting_gives(
    found: list[tuple[int, int, int]],
) -> None:
    frame = rows(
        *(
            (group, many + silent, [100 * good, 500] * (many // 2) + [300] * (many % 2))
            for group, (many, silent, good) in zip(GROUPS, found, strict=True)
        )
    )
    assume(frame["value"].n_unique() > 1)
    one = told(frame, "mean")
    value, error = raked_by_hand(frame)
    assert one.value == pytest.approx(value)
    assert one.low == pytest.approx(value - 1.959964 * error, rel=1e-5)


def test_journeys_of_one_customer_hang_together() -> None:
    """Each customer's answers agree: ten customers are worth ten, not a hundred."""
    frame = rows((CALM, 200, [1, 0] * 50))
    crowd = frame.with_columns(
        who=pl.when(pl.col("value") == 1)
        .then(pl.format("a{}", pl.int_range(pl.len()) % 10))
        .otherwise(pl.format("b{}", pl.int_range(pl.len()) % 10))
    )
    alone, together = told(frame), told(crowd)
    assert alone.low is not None
    assert together.low is not None
    assert together.value == alone.value
    assert together.low < alone.low
