"""Who answers: every class against all others, by statsmodels and by plain counting."""

from collections import defaultdict
from statistics import mean

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

from cxmap.insights.responding import (
    FRICTION,
    STRATA,
    Response,
    asked,
    responses,
)

KINDS = {
    "first_channel_group": ("voice", "chat", None),
    "contacts": (1, 2, 5),
    "frictions": (0, 1, 4, None),
}


def table(*rows: tuple[str | None, str | None, int, int | None, int | None]):
    """Return `asked` of rows: customer, channel group, contacts, frictions, answer."""
    names = ("customer_id", "first_channel_group", "contacts", "frictions", "value")
    types = (pl.String(), pl.String(), pl.Int64(), pl.Int64(), pl.Int64())
    frame = pl.DataFrame(
        rows, schema=dict(zip(names, types, strict=True)), orient="row"
    ).with_columns(journey_id=pl.format("j{}", pl.int_range(pl.len())))
    answers = frame.select("journey_id", "value").drop_nulls()

    return asked(frame.drop("value"), answers)


def many(group: str, journeys: int, answered: int, start: int = 0):
    return [
        (f"{group}{start + n}", group, 1, 0, 1 if n < answered else None)
        for n in range(journeys)
    ]


def of(told: tuple[Response, ...], by: str, kind: str) -> Response:
    return next(one for one in told if (one.by, one.kind) == (by, kind))


def test_journeys_are_sorted_into_classes_and_keep_their_answer() -> None:
    rows = table(
        ("a", "voice", 4, 3, 1),
        ("b", "voice", 9, 5, None),
        ("c", None, 3, 2, 0),
        (None, "chat", 1, None, None),
    ).select("who", *STRATA, "value")
    assert rows.rows() == [
        ("a", "voice", "4+", "3+", 1),
        ("b", "voice", "4+", "3+", None),
        ("c", "unknown", "3", "2", 0),
        ("j3", "chat", "unknown", "0", None),
    ]


def test_classes_stand_in_their_order_and_frictions_by_name() -> None:
    rows = table(("a", "voice", 5, 0, 1), ("b", "chat", 2, 3, None))
    met = {"stall": pl.Series(["j1"]), "abandon": pl.Series(["j0", "j1"])}
    told = [(one.by, one.kind) for one in responses(rows, met)]
    assert told == [
        ("channel_group", "chat"),
        ("channel_group", "voice"),
        ("contacts", "2"),
        ("contacts", "4+"),
        ("frictions", "0"),
        ("frictions", "3+"),
        (FRICTION, "abandon"),
        (FRICTION, "stall"),
    ]


def test_a_friction_that_no_journey_here_met_is_no_class() -> None:
    told = responses(table(*many("voice", 3, 1)), {"stall": pl.Series(["elsewhere"])})
    assert FRICTION not in {one.by for one in told}


def test_a_class_that_is_all_there_is_has_nobody_to_differ_from() -> None:
    one = of(responses(table(*many("voice", 30, 10)), {}), "channel_group", "voice")
    assert (one.difference, one.difference_low, one.believed) == (None, None, False)
    assert (one.of_journeys, one.of_answers) == (1, 1)


def test_without_an_answer_shares_of_answers_and_values_are_not_known() -> None:
    one = of(responses(table(*many("voice", 12, 0)), {}), "channel_group", "voice")
    assert (one.response, one.of_answers, one.value) == (0, None, None)


def test_nobody_at_all_has_no_classes() -> None:
    assert responses(table(), {}) == ()


@settings(max_examples=30)
@given(
    st.integers(20, 90),
    st.integers(20, 90),
    st.floats(0.3, 0.7),
    st.floats(0.3, 0.7),
)
def test_one_journey_a_customer_is_the_textbook_z_test(
    n: int, m: int, here: float, there: float
) -> None:
    x, y = round(n * here), round(m * there)
    told = responses(table(*many("voice", n, x), *many("chat", m, y)), {})
    one = of(told, "channel_group", "voice")
    _, chance = proportions_ztest([x, y], [n, m])
    low, high = proportion_confint(x, n, method="wilson")
    assert (one.low, one.high) == (pytest.approx(low), pytest.approx(high))
    assert one.believed == (chance <= 0.05)
    assert one.difference == pytest.approx(x / n - y / m)
    assert one.difference_low is not None
    assert one.difference_high is not None
    assert one.difference_low <= one.difference <= one.difference_high


def test_journeys_of_few_customers_prove_less_than_as_many_of_many() -> None:
    """The same shares; first each journey somebody's own, then ten a customer."""
    alone = table(*many("voice", 100, 60), *many("chat", 100, 40))
    crowd = table(
        *((f"v{n // 10}", "voice", 1, 0, 1 if n < 60 else None) for n in range(100)),
        *((f"c{n // 10}", "chat", 1, 0, 1 if n < 40 else None) for n in range(100)),
    )
    assert of(responses(alone, {}), "channel_group", "voice").believed
    assert not of(responses(crowd, {}), "channel_group", "voice").believed


def test_where_five_answers_cannot_be_expected_nothing_is_tested() -> None:
    """Twelve journeys, none answered, beside a fifth of all others: no proof."""
    rows = [*many("voice", 12, 0), *many("chat", 300, 60)]
    one = of(responses(table(*rows), {}), "channel_group", "voice")
    assert (one.response, one.believed) == (0, False)
    more = [*many("voice", 60, 0), *many("chat", 300, 60)]
    assert of(responses(table(*more), {}), "channel_group", "voice").believed


row = st.tuples(
    st.sampled_from(["a", "b", "c", "d", None]),
    *(st.sampled_from(values) for values in KINDS.values()),
    st.one_of(st.none(), st.integers(100, 500)),
)


@settings(max_examples=30)
@given(st.lists(row, min_size=1, max_size=40))
def test_each_class_is_counted_as_plain_python_counts_it(rows: list) -> None:
    frame = table(*rows)
    told = responses(frame, {"stall": pl.Series(["j0", "j3"])}, scale=100)
    kept = frame.to_dicts()
    by_hand = defaultdict(list)
    for one in kept:
        for by in STRATA:
            by_hand[by, one[by]].append(one)
        if one["journey_id"] in ("j0", "j3"):
            by_hand[FRICTION, "stall"].append(one)
    answers = sum(one["value"] is not None for one in kept)

    assert {(one.by, one.kind) for one in told} == by_hand.keys()
    for one in told:
        mine = by_hand[one.by, one.kind]
        values = [each["value"] for each in mine if each["value"] is not None]
        assert (one.journeys, one.answered) == (len(mine), len(values))
        assert one.customers == len({each["who"] for each in mine})
        assert one.of_journeys == pytest.approx(len(mine) / len(kept))
        assert one.of_answers == (
            pytest.approx(len(values) / answers) if answers else None
        )
        assert one.value == (pytest.approx(mean(values) / 100) if values else None)
