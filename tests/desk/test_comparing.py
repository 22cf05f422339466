"""Two months of the demo company: every change adds up, each cell is what it says."""

from typing import Any

import pytest

from cxmap.comparison import Comparison
from cxmap.definitions import collect
from cxmap.desk.calendar import Grid
from cxmap.desk.comparing import NOBODY, ONCE, WHY_NOT, compare
from cxmap.desk.siding import Asked
from cxmap.desk.trend import Asked as Periods
from cxmap.desk.trend import by_period

MONTHS = ("2026-04", "2026-05")


@pytest.fixture(scope="session")
def compared(world: Any) -> Comparison:
    asked = Asked(*MONTHS, by=("channel",))
    return compare(world.tables, world.config, asked, now=world.now, zone=world.zone)


def form(kpi: str) -> str:
    return str(collect("kpis")[kpi].bind({}).form)


def test_mix_and_rate_are_the_change_whatever_the_number(compared: Comparison) -> None:
    split = [one for one in compared.movements if one.mix is not None]
    assert {form(one.kpi) for one in split} >= {
        "share",
        "mean",
        "ratio",
        "quantile",
        "survival",
    }
    for one in split:
        assert one.rate is not None
        assert one.mix is not None
        assert one.mix + one.rate == pytest.approx(one.change, abs=1e-9)
        assert one.unsplit is None


def test_what_is_not_split_says_the_true_reason(compared: Comparison) -> None:
    for one in compared.movements:
        if one.mix is not None or one.missing_inputs:
            continue
        measure = collect("kpis")[one.kpi].bind({})
        if measure.once:
            assert one.unsplit == ONCE
        elif measure.form in ("count", "gap") and one.a.n and one.b.n:
            assert one.unsplit == WHY_NOT[measure.form]
        else:
            assert one.unsplit == NOBODY
            assert not (one.a.n and one.b.n)


@pytest.mark.parametrize("kpi", ["first_response_time", "backlog_age_p90"])
def test_cells_of_times_are_the_percentiles_of_their_own(
    world: Any, compared: Comparison, kpi: str
) -> None:
    asked = Periods(*MONTHS, Grid("month"), ("channel",))
    told = by_period(
        world.tables, world.config, kpi, asked, now=world.now, zone=world.zone
    )
    alone = [
        {
            score.by["channel"]: (score.value, score.n)
            for score in place.scores
            if score.by
        }
        for place in told.places
    ]
    parts = {one.by["channel"]: one for one in compared.parts if one.kpi == kpi}
    assert parts.keys() == {name for place in alone for name in place}
    for name, one in parts.items():
        for place, value, n in ((0, one.value_a, one.n_a), (1, one.value_b, one.n_b)):
            assert (value, n) == alone[place].get(name, (None, 0))
        assert (one.mix, one.rate, one.contribution, one.share) == (None,) * 4
    assert sum(one.weight_a for one in parts.values()) == pytest.approx(1)


def test_cells_of_rates_carry_the_whole_change(compared: Comparison) -> None:
    for one in compared.movements:
        parts = [p for p in compared.parts if p.kpi == one.kpi]
        if one.mix is None or form(one.kpi) in ("quantile", "survival"):
            continue
        carried = sum(part.contribution or 0 for part in parts)
        assert carried == pytest.approx(one.change, abs=1e-9)
