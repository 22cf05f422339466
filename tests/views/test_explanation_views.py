"""What a reader sees of an explanation, with the curve behind the repeat rate."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from rich.cells import cell_len

from cxmap.desk.explaining import Explanation
from cxmap.desk.returning import DAYS, Curve, Point
from cxmap.periods import Period
from cxmap.scorecard import Scorecard
from cxmap.views.explanation import render_explanation

Golden = Callable[[str, str], None]


def curve(group: str | None, *shares: float | None, bend: int | None) -> Curve:
    points = tuple(
        Point(
            day=day,
            share=share,
            low=None if share is None else share - 0.01,
            high=None if share is None else share + 0.0123,
            at_risk=0 if share is None else 9000 - 100 * day,
        )
        for day, share in zip(DAYS, shares, strict=True)
    )
    window = None if group == "voice" else timedelta(days=7)
    return Curve(group, 9000, 1200, window, points, bend)


@pytest.fixture
def told(scorecard: Scorecard) -> Explanation:
    score = next(s for s in scorecard.scores if s.kpi == "repeat_contact_rate")
    return Explanation(
        name="repeat_contact_rate",
        kind="KPI",
        doc="Contacts that repeat an earlier one.\n\nLooks back.",
        options={},
        period=Period(
            datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC), "May"
        ),
        score=score,
        rows=pl.DataFrame({"contact_id": ["a:1"]}),
        settings={"repeat.within": "7d"},
        curves=(
            curve(None, 0.0512, 0.1, 0.15, 0.1601, None, bend=6),
            curve("voice", 0.05, 0.1, 0.15, 0.16, 0.17, bend=None),
        ),
    )


@pytest.mark.parametrize(
    ("name", "form", "given"),
    [
        ("explanation.txt", "table", {}),
        ("explanation-40-ascii.txt", "table", {"width": 40, "ascii": True}),
        ("explanation.md", "md", {}),
        ("explanation.json", "json", {}),
    ],
)
def test_a_view_is_what_its_file_says(
    name: str, form: str, given: dict[str, Any], told: Explanation, golden: Golden
) -> None:
    golden(name, render_explanation(told, form, **given))


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int, told: Explanation) -> None:
    shown = render_explanation(told, "table", width=width)

    assert max(cell_len(line) for line in shown.splitlines()) <= width
    assert "…" not in shown
    assert "day 30" in shown


@pytest.mark.parametrize("form", ["table", "md"])
def test_nothing_is_said_of_a_curve_where_there_is_none(
    form: str, told: Explanation
) -> None:
    shown = render_explanation(replace(told, curves=()), form)

    assert "come back" not in shown
    assert "Knee" not in shown


def test_a_curve_that_does_not_bend_says_so(told: Explanation) -> None:
    straight = (replace(told.curves[0], knee=None),)
    shown = render_explanation(replace(told, curves=straight), "table")

    assert "Knee: none." in shown
    assert "After " not in shown


def test_programs_get_each_point_with_how_many_were_still_watched(
    told: Explanation,
) -> None:
    printed = json.loads(render_explanation(told, "json"))["curves"]

    assert [one["channel_group"] for one in printed] == [None, "voice"]
    assert [one["window_seconds"] for one in printed] == [7 * 86_400, None]
    assert [one["knee_day"] for one in printed] == [6, None]
    assert printed[0]["points"][0] == {
        "day": 1,
        "share": 0.0512,
        "low": pytest.approx(0.0412),
        "high": pytest.approx(0.0635),
        "at_risk": 8900,
    }
    assert printed[0]["points"][-1] == {
        "day": 30,
        "share": None,
        "low": None,
        "high": None,
        "at_risk": 0,
    }
