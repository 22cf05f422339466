"""However the customers are cut into buckets, the numbers are the same."""

import random
from collections.abc import Callable
from datetime import UTC, datetime

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap import baselines as standing
from cxmap import scoring
from cxmap.definitions import collect, collect_baselines
from cxmap.measures import Partials, merge

PERIODS = {
    "current": (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)),
    "previous": (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)),
}
KPIS = {name: (kpi, kpi.bind({})) for name, kpi in collect("kpis").items()}
NEEDS = standing.needed([kpi for kpi, _ in KPIS.values()], collect_baselines())
TARGETS = dict.fromkeys(KPIS, 0.31)
Tables = dict[str, pl.DataFrame]


def bucketed(frame: pl.DataFrame, buckets: int, dice: random.Random) -> pl.DataFrame:
    """Put each customer, and each row without one, whole into some bucket."""
    home: dict[str, int] = {}
    rows = frame["customer_id"].to_list()
    chosen = [
        dice.randrange(buckets)
        if customer is None
        else home.setdefault(customer, dice.randrange(buckets))
        for customer in rows
    ]
    return frame.with_columns(bucket=pl.Series(chosen, dtype=pl.Int64))


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**32), buckets=st.integers(2, 5))
def test_any_partition_of_customers_gives_the_same_bytes(
    random_table: Callable[[int, str, int], pl.DataFrame], seed: int, buckets: int
) -> None:
    dice = random.Random(seed)  # noqa: S311
    whole: Tables = {
        over: bucketed(random_table(seed, over, 30), buckets, dice)
        for over in ("journeys", "steps", "contacts", "surveys", "demand")
    }

    pieces = [
        {over: frame.filter(bucket=one) for over, frame in whole.items()}
        for one in range(buckets)
    ]
    usual = standing.settle([standing.count(one, NEEDS) for one in pieces], NEEDS)
    of_whole = standing.settle([standing.count(whole, NEEDS)], NEEDS)
    assert repr(usual) == repr(of_whole)

    def count(some: Tables) -> Partials:
        return scoring.partials(
            some, KPIS, periods=PERIODS, by=("topic",), baselines=usual
        )

    parts = [count(piece) for piece in pieces]
    dice.shuffle(parts)
    together, added = count(whole), merge(parts)

    for table in ("sums", "values", "exclusions"):
        assert getattr(added, table).equals(getattr(together, table), null_equal=True)
    ours = scoring.scores(added, KPIS, targets=TARGETS, missing={})
    assert repr(ours) == repr(
        scoring.scores(together, KPIS, targets=TARGETS, missing={})
    )
