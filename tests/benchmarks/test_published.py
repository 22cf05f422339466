"""Published figures: each has its source, fits its KPI, and never is a verdict."""

import dataclasses

import pytest

from cxmap.benchmarks import published
from cxmap.benchmarks.published import Figure
from cxmap.definitions import collect
from cxmap.scorecard import Benchmark
from cxmap.views.benchmarks import benchmarks_markdown, benchmarks_on
from cxmap.views.benchmarks import published as worded
from cxmap.views.paper import Paper

KPIS = collect("kpis")
EVERY = published(KPIS)


def test_only_those_asked_for_are_told() -> None:
    assert {one.kpi for one in published({"csat", "nothing"})} == {"csat"}
    assert published(()) == ()


@pytest.mark.parametrize("one", EVERY, ids=lambda one: f"{one.kpi}-{one.industry}")
def test_each_is_of_a_kpi_in_its_unit_with_a_source(one: Benchmark) -> None:
    assert KPIS[one.kpi].unit == one.unit
    assert one.low <= one.high
    assert one.unit != "share" or 0 <= one.low <= one.high <= 1
    assert one.source
    assert one.url.startswith("http")
    assert one.method
    assert one.mismatch
    assert one.year is None or 1990 < one.year < 2027


def test_it_has_no_status() -> None:
    names = {field.name for field in dataclasses.fields(Benchmark)}

    assert names.isdisjoint({"status", "target", "better"})


@pytest.mark.parametrize("said", [{}, {"value": 0.5, "range": [0.1, 0.2]}])
def test_a_figure_is_a_value_or_a_range(said: dict[str, object]) -> None:
    usual = {
        "kpi": "csat",
        "unit": "share",
        "industry": "any",
        "source": "a page",
        "url": "https://example.test",
        "year": None,
        "method": "asked",
        "mismatch": "all",
    }
    with pytest.raises(ValueError, match="a value or a range"):
        Figure.model_validate({**usual, **said})


def test_durations_are_seconds_and_ranges_read_as_such() -> None:
    [one] = published({"first_response_time"})
    longer = dataclasses.replace(one, low=66_000, high=90_000)

    assert (one.low, one.high) == (96, 96)
    assert worded(longer) == "18.3 h – 25.0 h"


def test_views_name_source_year_and_difference_of_every_one() -> None:
    paper = Paper(width=60, color=True, ascii_only=False)
    benchmarks_on(paper, EVERY)
    shown = paper.text()
    markdown = "\n".join(benchmarks_markdown(EVERY))

    for one in EVERY:
        assert one.source in shown
        assert one.source in markdown
        assert one.mismatch in markdown
    assert "year not said" in shown
    assert not {"\x1b[32m", "\x1b[33m", "\x1b[31m"} & {*shown.split()}
    assert benchmarks_markdown(()) == []


def test_nothing_is_written_where_nothing_was_asked() -> None:
    paper = Paper(width=60, color=False, ascii_only=False)
    before = paper.text()
    benchmarks_on(paper, ())

    assert paper.text() == before
