"""What can be believed of many findings, against scipy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cxmap.measures.discovery import adjusted, believed

chances = st.lists(st.floats(0, 1), max_size=40)


@given(chances.filter(bool))
def test_adjusted_chances_are_scipys(several: list[float]) -> None:
    oracle = stats.false_discovery_control(several, method="bh")

    assert adjusted(several) == pytest.approx(list(oracle))


@given(
    st.lists(st.floats(0, 0.2), min_size=1, max_size=40), st.sampled_from([0.01, 0.2])
)
def test_what_is_believed_has_an_adjusted_chance_within_the_share(
    several: list[float], false: float
) -> None:
    ranked = sorted(several)
    fits = [p for i, p in enumerate(ranked, 1) if p <= false * i / len(several) - 1e-9]
    doubt = [p for i, p in enumerate(ranked, 1) if p <= false * i / len(several) + 1e-9]
    told = sum(believed(several, false=false))

    assert sum(p <= max(fits, default=-1) for p in several) <= told
    assert told <= sum(p <= max(doubt, default=-1) for p in several)


@given(chances, st.randoms(use_true_random=False))
def test_the_order_of_findings_says_nothing(several: list[float], dice: object) -> None:
    shuffled = list(several)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]

    assert sorted(zip(several, believed(several), strict=True)) == sorted(
        zip(shuffled, believed(shuffled), strict=True)
    )


def test_what_five_of_a_hundred_show_by_chance_is_not_believed() -> None:
    assert not any(believed([place / 100 for place in range(1, 101)]))


def test_one_finding_alone_is_believed_as_it_stands() -> None:
    assert believed([0.05]) == [True]
    assert believed([0.051]) == [False]


def test_the_same_finding_is_not_believed_beside_many_that_are_none() -> None:
    assert believed([0.01, *[0.9] * 3]) == [True, False, False, False]
    assert not any(believed([0.01, *[0.9] * 9]))


def test_nothing_found_is_nothing_believed() -> None:
    assert believed([]) == []


@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_what_is_no_chance_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        believed([0.5, wrong])
