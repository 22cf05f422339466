"""The friction score of journeys: the weights of what showed in them."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap.tables import conform, empty
from cxmap.weighing import heaviest, scored

WEIGHTS = {"abandon": 0.5, "restart": 1.25, "transfer": 0.0, "reopen": 0.25}


def journeys(names: list[str]) -> pl.DataFrame:
    return conform(pl.DataFrame({"journey_id": names}), "journeys")


def points(pairs: list[tuple[str, str]]) -> pl.DataFrame:
    if not pairs:
        return empty("points")
    frame = pl.DataFrame(pairs, schema=["journey_id", "friction"], orient="row")
    return conform(frame, "points")


def test_a_friction_counts_once_a_journey() -> None:
    told = scored(
        journeys(["b", "a", "c"]),
        points([("a", "abandon"), ("a", "abandon"), ("a", "restart"), ("b", "other")]),
        WEIGHTS,
    )

    assert told.select("journey_id", "friction_score").rows() == [
        ("b", 0.0),
        ("a", 1.75),
        ("c", 0.0),
    ]


def test_the_three_that_add_most_are_named() -> None:
    every = [("a", name) for name in ("reopen", "abandon", "transfer", "restart")]

    told = heaviest(points([*every, ("b", "transfer")]), {**WEIGHTS, "low": 9})

    assert told.rows() == [("a", "restart 1.25, abandon 0.5, reopen 0.25")]


def test_equal_weights_stand_in_a_fixed_order_and_no_more_than_three() -> None:
    names = ("a", "b", "c", "d")
    found = [("j", name) for name in names]

    told = heaviest(points(list(reversed(found))), dict.fromkeys(names, 1.0))

    assert told["top_frictions"].to_list()[0].count(",") == 2
    assert told.equals(heaviest(points(found), dict.fromkeys(names, 1.0)))


@pytest.mark.parametrize("found", [[], [("a", "unknown")]])
def test_nothing_that_weighs_scores_nothing(found: list[tuple[str, str]]) -> None:
    told = scored(journeys(["a"]), points(found), WEIGHTS)

    assert told["friction_score"].to_list() == [0.0]
    assert heaviest(points(found), WEIGHTS).is_empty()


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(sorted(WEIGHTS))), max_size=20
    )
)
def test_a_score_is_what_plain_python_adds(found: list[Any]) -> None:
    told = scored(journeys(["a", "b", "c"]), points(found), WEIGHTS)

    for name, score in told.select("journey_id", "friction_score").iter_rows():
        met = {friction for journey, friction in found if journey == name}
        assert score == pytest.approx(sum(WEIGHTS[one] for one in met))
