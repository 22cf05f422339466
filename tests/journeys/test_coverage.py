"""From when to when sources are held, which of them lag, and the horizon."""

import math
import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.journeys.coverage import coverage, horizon, with_coverage
from cxmap.options import Coverage
from cxmap.tables import WHEN

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def starts(**days: list[float]) -> pl.DataFrame:
    rows = [
        (source, START + DAY * day) for source, listed in days.items() for day in listed
    ]
    return pl.DataFrame(
        rows, schema={"source": pl.String(), "started_at": WHEN}, orient="row"
    )


def daily(until: int) -> list[float]:
    return [float(day) for day in range(until + 1)]


def test_a_source_is_held_from_its_first_to_its_last_start_up_to_now() -> None:
    held = coverage(starts(a=[0, 5, 900]), {}, now=NOW)

    assert held.rows() == [("a", START, START + 5 * DAY, 2, False, False)]


def test_a_source_lags_when_it_ends_more_than_three_days_before_the_latest() -> None:
    held = coverage(starts(a=daily(30), b=daily(27), c=daily(26)), {}, now=NOW)

    assert held["lags"].to_list() == [False, False, True]
    assert horizon(held, now=NOW) == START + 27 * DAY


def test_a_quiet_source_may_be_silent_for_three_of_its_gaps() -> None:
    weekly = [0.0, 7.0, 14.0]

    for latest, lags in ((35, False), (36, True)):
        held = coverage(starts(a=daily(latest), b=weekly), {}, now=NOW)
        assert held["lags"].to_list() == [False, lags]


def test_a_complete_source_never_binds_and_a_declared_one_holds_its_word() -> None:
    declared = {
        "a": Coverage(complete=True),
        "b": Coverage(since=START - DAY, until=START + 29 * DAY),
    }
    held = coverage(starts(a=daily(28), b=daily(27), c=daily(30)), declared, now=NOW)

    assert held["since_at"].to_list() == [START, START - DAY, START]
    assert horizon(held, now=NOW) == START + 29 * DAY
    assert horizon(held, now=NOW, sources=["c"]) == START + 30 * DAY
    assert horizon(held, now=NOW, sources=["a"]) == START + 28 * DAY


def test_where_all_lag_or_are_complete_the_latest_end_holds() -> None:
    declared = {"a": Coverage(complete=True)}
    held = coverage(starts(a=daily(30), b=daily(20)), declared, now=NOW)

    assert held["lags"].to_list() == [False, True]
    assert horizon(held, now=NOW) == START + 30 * DAY


def test_the_horizon_is_never_later_than_now_and_none_of_nothing() -> None:
    ahead = {"a": Coverage(until=NOW + DAY)}

    assert horizon(coverage(starts(a=[0]), ahead, now=NOW), now=NOW) == NOW
    assert horizon(coverage(starts(), {}, now=NOW), now=NOW) is None
    assert horizon(coverage(starts(a=[900]), {}, now=NOW), now=NOW) is None


def test_contacts_learn_from_when_their_source_is_held() -> None:
    said = starts(b=[3], a=[1, 2])
    held = coverage(said, {"b": Coverage(since=START)}, now=NOW)

    since = with_coverage(said, held, now=NOW)["source_since_at"].to_list()

    assert since == [START, START + DAY, START + DAY]


def test_contacts_learn_up_to_when_their_own_source_is_held() -> None:
    said = starts(c=[0], b=[3], a=[1, 2])
    declared = {"b": Coverage(until=NOW + DAY), "c": Coverage(complete=True)}
    held = coverage(said, declared, now=NOW)

    until = with_coverage(said, held, now=NOW)["source_horizon_at"].to_list()

    assert until == [START, NOW, START + 2 * DAY, START + 2 * DAY]


@settings(max_examples=40, deadline=None)
@given(
    mine=st.lists(st.integers(0, 80), min_size=1, max_size=8),
    theirs=st.lists(st.integers(0, 80), max_size=8),
    others=st.lists(st.integers(0, 80), max_size=8),
)
def test_another_source_never_moves_the_end_of_ones_own(
    mine: list[int], theirs: list[int], others: list[int]
) -> None:
    ends = []
    for also in (theirs, others):
        said = starts(a=[float(day) for day in mine], b=[float(day) for day in also])
        told = with_coverage(said, coverage(said, {}, now=NOW), now=NOW)
        ends.append(told.filter(source="a")["source_horizon_at"].to_list())
    known = [day for day in mine if START + day * DAY <= NOW]
    expected = START + max(known) * DAY if known else None

    assert ends[0] == ends[1] == [expected] * len(mine)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_lagging_is_three_nearest_rank_95th_percentile_gaps(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    days = sorted(dice.randrange(0, 40 * 24) / 24 for _ in range(dice.randrange(1, 60)))
    latest = 55.0
    ordered = sorted(b - a for a, b in pairwise(days))
    rank = math.ceil(len(ordered) * 95 / 100)
    allowed = max(3.0, 3 * ordered[rank - 1]) if ordered else 3.0

    held = coverage(starts(a=days, b=[latest]), {}, now=NOW)

    assert held["lags"].to_list() == [latest - days[-1] > allowed + 1e-9, False]
