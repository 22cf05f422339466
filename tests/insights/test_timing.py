"""A percentile's mix and rate: exact by a plain walk, and as sure as they say."""

import random
from collections.abc import Sequence
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap import tables
from cxmap.insights.crossing import celled
from cxmap.insights.timing import (
    DRAWS,
    TimeSplit,
    merge_timings,
    split_times,
    timings,
)
from cxmap.measures import median, survival

Row = tuple[str, int, int, bool]
"""Its cell, draw and time, and whether that ended."""

MEDIAN = (1, 2)

ROWS = st.lists(
    st.tuples(
        st.sampled_from("vcb"),
        st.integers(0, DRAWS - 1),
        st.integers(0, 40),
        st.sampled_from([True, True, True, False]),
    ),
    min_size=1,
    max_size=25,
)


def side(rows: Sequence[Row]) -> pl.DataFrame:
    frame = pl.DataFrame(
        rows,
        schema={
            "cell": pl.String(),
            "draw": pl.Int64(),
            "value": pl.Int64(),
            "ended": pl.Boolean(),
        },
        orient="row",
    )
    counted = frame.group_by(pl.all()).agg(rows=pl.len().cast(pl.Int64))
    named = counted.with_columns(kpi=pl.lit("k"), period=pl.lit("p"))

    return tables.conform(named, "timings")


def percentile(
    weights: Sequence[Row], times: Sequence[Row], part: tuple[int, int]
) -> int | None:
    """Return the product-limit percentile of times mixed by weights, in fractions."""
    mixed: list[tuple[int, bool, Fraction]] = []
    for cell in {row[0] for row in weights}:
        own = [row for row in times if row[0] == cell]
        own = own or [row for row in weights if row[0] == cell]
        share = Fraction(sum(row[0] == cell for row in weights), len(weights))
        mixed += [(row[2], row[3], share / len(own)) for row in own]
    alive = Fraction(1)
    for value in sorted({one[0] for one in mixed}):
        at_risk = sum(one[2] for one in mixed if one[0] >= value)
        ended = sum(one[2] for one in mixed if one[0] == value and one[1])
        alive *= 1 - ended / at_risk
        if alive <= 1 - Fraction(*part):
            return value
    return None


def by_hand(
    before: Sequence[Row], after: Sequence[Row], part: tuple[int, int]
) -> tuple[Fraction, Fraction] | None:
    sides = (before, after)
    q = {(w, f): percentile(sides[w], sides[f], part) for w in (0, 1) for f in (0, 1)}
    if None in q.values():
        return None
    mix = Fraction(q[1, 0] - q[0, 0] + q[1, 1] - q[0, 1], 2)  # type: ignore[operator]
    rate = Fraction(q[0, 1] - q[0, 0] + q[1, 1] - q[1, 0], 2)  # type: ignore[operator]
    return mix, rate


def halves(told: TimeSplit) -> tuple[float, float] | None:
    return told.halves and (told.halves.mix.value, told.halves.rate.value)


@given(ROWS, ROWS, st.sampled_from([MEDIAN, (9, 10)]))
def test_it_is_what_a_plain_walk_over_every_time_gives(
    before: list[Row], after: list[Row], part: tuple[int, int]
) -> None:
    told = split_times(side(before), side(after), part)
    assert halves(told) == by_hand(before, after, part)
    for cell, (a, b) in told.cells.items():
        for rows, value in ((before, a), (after, b)):
            own = [row for row in rows if row[0] == cell]
            assert value == (percentile(own, own, part) if own else None)


@settings(max_examples=20)
@given(ROWS, ROWS)
def test_together_they_are_the_change_and_neither_side_counts_more(
    before: list[Row], after: list[Row]
) -> None:
    there = split_times(side(before), side(after), MEDIAN).halves
    back = split_times(side(after), side(before), MEDIAN).halves
    if there is None or back is None:
        assert there == back
        return
    a, b = (percentile(rows, rows, MEDIAN) for rows in (before, after))
    assert a is not None
    assert b is not None
    assert there.mix.value + there.rate.value == b - a
    assert (back.mix.value, back.rate.value) == (-there.mix.value, -there.rate.value)


def cell(name: str, times: Sequence[int], start: int = 0) -> list[Row]:
    return [(name, (start + n) % DRAWS, time, True) for n, time in enumerate(times)]


def test_a_slow_channel_that_grows_is_mix_alone() -> None:
    quick, slow = [10, 20, 30] * 20, [100, 200, 300] * 20
    before = cell("voice", quick) + cell("email", slow[:6])
    after = cell("voice", quick[:6]) + cell("email", slow)
    mix, rate = halves(split_times(side(before), side(after), MEDIAN)) or (0, 0)
    assert rate == 0
    assert mix > 50


def test_a_channel_that_takes_longer_is_rate_alone() -> None:
    before = cell("voice", [10, 20, 30] * 9) + cell("email", [100, 200, 300])
    after = cell("voice", [40, 50, 60] * 9) + cell("email", [100, 200, 300])
    assert halves(split_times(side(before), side(after), MEDIAN)) == (0, 30)


def test_a_channel_that_comes_is_mix_alone() -> None:
    before = cell("voice", [10, 20, 30] * 9)
    after = before + cell("bot", [1] * 40)
    assert halves(split_times(side(before), side(after), MEDIAN)) == (-19, 0)


def test_cells_that_all_move_against_the_whole_are_counted() -> None:
    before = cell("voice", [10] * 30) + cell("email", [100] * 10)
    after = cell("voice", [5] * 10) + cell("email", [90] * 30)
    told = split_times(side(before), side(after), MEDIAN).halves
    assert told is not None
    assert (told.against, told.along) == (2, 0)


def test_a_median_that_is_not_reached_is_not_split() -> None:
    before = cell("voice", [10] * 20)
    after = [("voice", n, 50, False) for n in range(20)]
    told = split_times(side(before), side(after), MEDIAN)
    assert told.halves is None
    assert told.cells == {"voice": (10, None)}


def test_nobody_on_a_side_cannot_be_split() -> None:
    assert split_times(side([]), side(cell("v", [1])), MEDIAN).halves is None
    assert split_times(side([]), side([]), MEDIAN) == TimeSplit(None, {})


@pytest.mark.parametrize(("rows", "sure"), [(9, False), (10, True)])
def test_below_ten_rows_there_is_no_interval(rows: int, sure: bool) -> None:
    few = cell("voice", range(rows))
    told = split_times(side(few), side(cell("voice", range(40))), MEDIAN).halves
    assert told is not None
    assert (told.rate.low is not None) == sure


def test_customers_of_fewer_than_ten_draws_show_no_interval() -> None:
    rows = [("voice", n % 9, n, True) for n in range(60)]
    told = split_times(side(rows), side(rows), MEDIAN).halves
    assert told is not None
    assert told.rate.low is None


def drawn(dice: random.Random, many: int, calls: float, mail: int) -> list[Row]:
    return [
        (
            "voice" if called else "email",
            dice.randrange(DRAWS),
            int(dice.expovariate(1 / (3_600 if called else mail))),
            True,
        )
        for called in (dice.random() < calls for _ in range(many))
    ]


def test_the_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """The truth: the same two services, seen sixty thousand times."""
    dice = random.Random(11)  # noqa: S311
    plans = ((0.6, 36_000), (0.4, 50_000))
    whole = [side(drawn(dice, 60_000, *plan)) for plan in plans]
    truth = split_times(whole[0], whole[1], MEDIAN).halves
    assert truth is not None
    held = [0, 0]
    for _ in range(60):
        here = [side(drawn(dice, 300, *plan)) for plan in plans]
        told = split_times(here[0], here[1], MEDIAN).halves
        assert told is not None
        for place, (one, true) in enumerate(
            ((told.mix, truth.mix), (told.rate, truth.rate))
        ):
            assert one.low is not None
            assert one.high is not None
            held[place] += one.low <= true.value <= one.high
    assert all(52 <= many <= 60 for many in held)


def placed(names: Sequence[str]) -> pl.DataFrame:
    many = len(names)
    return pl.DataFrame(
        {
            "customer_id": names,
            "channel": ["voice" if n % 3 else "chat" for n in range(many)],
            "draw": [sum(map(ord, name)) % DRAWS for name in names],
            "seconds": [n * n % 37 for n in range(many)],
            "over": [n % 4 != 1 for n in range(many)],
        }
    )


def test_any_partition_of_customers_counts_the_same() -> None:
    rows = placed([f"c{n % 17}" for n in range(60)])
    measure = survival(pl.col("seconds"), ended=pl.col("over"))

    def counted(part: pl.DataFrame) -> pl.DataFrame:
        return timings(celled(part, [("channel",)]), measure, kpi="k", period="p")

    whole = merge_timings([counted(rows)])
    third = pl.col("draw") % 3
    parts = [counted(rows.filter(third == n)) for n in range(3)]
    assert merge_timings(parts).equals(whole)
    assert whole["rows"].sum() == 60


def test_rows_that_do_not_count_have_no_time() -> None:
    rows = placed(["a", "b", "c"]).with_columns(
        seconds=pl.Series([5, None, 7]), over=pl.Series([True, True, False])
    )
    measure = median(pl.col("seconds"), among=pl.col("over"))
    told = timings(celled(rows, [("channel",)]), measure, kpi="k", period="p")
    assert told.select("cell", "value", "rows").rows() == [('{"channel":"chat"}', 5, 1)]
