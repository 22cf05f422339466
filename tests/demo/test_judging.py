"""The arithmetic of agreement, against its definition taken word by word."""

from collections.abc import Hashable, Mapping
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judging import Agreement, bcubed, chosen, pairwise

Groups = dict[str, Hashable]

TRUE: Groups = {"a": 1, "b": 1, "c": 1, "d": 2, "e": 2, "f": 3}
clusterings = st.integers(1, 12).flatmap(
    lambda size: st.tuples(
        *(
            st.lists(st.integers(0, 4), min_size=size, max_size=size).map(
                lambda groups: {f"i{n}": group for n, group in enumerate(groups)}
            )
            for _ in range(2)
        )
    )
)


def all_pairs(found: Mapping[str, Hashable], true: Mapping[str, Hashable]) -> Agreement:
    pairs = list(combinations(true, 2))
    put = {pair for pair in pairs if found[pair[0]] == found[pair[1]]}
    belonging = {pair for pair in pairs if true[pair[0]] == true[pair[1]]}
    right = len(put & belonging)

    return Agreement(
        right / len(put) if put else None,
        right / len(belonging) if belonging else None,
    )


def item_by_item(
    found: Mapping[str, Hashable], true: Mapping[str, Hashable]
) -> tuple[Fraction, Fraction]:
    precisions, recalls = [], []
    for item in true:
        beside = {other for other in true if found[other] == found[item]}
        belonging = {other for other in true if true[other] == true[item]}
        both = len(beside & belonging)
        precisions.append(Fraction(both, len(beside)))
        recalls.append(Fraction(both, len(belonging)))

    return sum(precisions) / Fraction(len(true)), sum(recalls) / Fraction(len(true))


@settings(max_examples=100)
@given(clusterings)
def test_pairs_are_counted_as_if_each_were_looked_at(
    drawn: tuple[Groups, Groups],
) -> None:
    assert pairwise(*drawn) == all_pairs(*drawn)


@settings(max_examples=100)
@given(clusterings)
def test_items_are_judged_as_if_each_were_looked_at(
    drawn: tuple[Groups, Groups],
) -> None:
    precision, recall = item_by_item(*drawn)
    agreement = bcubed(*drawn)

    assert agreement.precision == pytest.approx(float(precision))
    assert agreement.recall == pytest.approx(float(recall))


@settings(max_examples=50)
@given(clusterings)
def test_whoever_swaps_found_and_true_swaps_precision_and_recall(
    drawn: tuple[Groups, Groups],
) -> None:
    found, true = drawn
    for compare in (pairwise, bcubed):
        there, back = compare(found, true), compare(true, found)
        assert (there.precision, there.recall) == (back.recall, back.precision)


@pytest.mark.parametrize("compare", [pairwise, bcubed])
def test_names_of_groups_do_not_matter(compare: object) -> None:
    assert callable(compare)
    renamed = {item: f"group {group}" for item, group in TRUE.items()}

    assert compare(renamed, TRUE) == Agreement(1.0, 1.0)


def test_everything_in_one_group_recalls_all_and_is_hardly_precise() -> None:
    one = dict.fromkeys(TRUE, "x")

    assert pairwise(one, TRUE) == Agreement(4 / 15, 1.0)
    assert bcubed(one, TRUE).recall == 1
    assert bcubed(one, TRUE).precision == pytest.approx((9 + 4 + 1) / 36)


def test_everybody_alone_puts_no_pair_together() -> None:
    alone = {item: item for item in TRUE}

    assert pairwise(alone, TRUE) == Agreement(None, 0.0)
    assert pairwise(alone, TRUE).f1 is None
    assert bcubed(alone, TRUE) == Agreement(1.0, 0.5)


def test_items_the_truth_does_not_hold_are_not_counted() -> None:
    found = {**TRUE, "stranger": 1}

    assert pairwise(found, TRUE) == Agreement(1.0, 1.0)
    assert bcubed(found, TRUE) == Agreement(1.0, 1.0)


def test_an_item_that_was_not_found_is_no_matter_of_taste() -> None:
    with pytest.raises(KeyError):
        pairwise({}, TRUE)


def test_nobody_to_count_gives_no_figure() -> None:
    assert pairwise({}, {}) == bcubed({}, {}) == Agreement(None, None)
    assert chosen(set(), set()) == Agreement(None, None)


def test_a_choice_is_judged_by_what_it_shares() -> None:
    assert chosen({"a", "b"}, {"b", "c", "d"}) == Agreement(1 / 2, 1 / 3)
    assert chosen(set(), {"a"}) == Agreement(None, 0.0)
    assert chosen({"a"}, set()) == Agreement(0.0, None)


def test_the_mean_of_nothing_right_is_nothing() -> None:
    assert chosen({"a"}, {"b"}).f1 == 0
    assert Agreement(0.5, 1.0).f1 == pytest.approx(2 / 3)
