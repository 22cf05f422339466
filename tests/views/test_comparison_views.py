"""What a reader sees of a comparison and of findings, in every form."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema
import pytest
from rich.cells import cell_len

from cxmap.comparison import Compared, Comparison, Figure, Movement, Part
from cxmap.scorecard import Finding, Scorecard
from cxmap.views.comparison import comparison_page, comparison_schema
from cxmap.views.data import scorecard_schema
from cxmap.views.discreet import shareable, unhidden
from cxmap.views.plain import json_text
from cxmap.views.render import render
from cxmap.views.sheets import render_sheets

Golden = Callable[[str, str], None]

FOUND = Finding(
    kpi="first_contact_resolution",
    by={"channel": "bot", "topic": "billing|<b>"},
    contribution=-0.026,
    low=-0.034,
    high=-0.018,
    share=0.61,
    mix=-0.006,
    rate=-0.02,
    weight_before=0.102,
    weight=0.151,
    value_before=0.401,
    value=0.22,
    unit="share",
    better="higher",
    whole_before=0.66,
    whole=0.618,
    change=-0.042,
)
NEW = replace(
    FOUND,
    kpi="nps",
    by={"channel": None},
    contribution=7.0,
    share=1.2,
    weight_before=0.0,
    value_before=None,
    value=40.0,
    unit="points",
    whole_before=-4.0,
    whole=1.8,
    change=5.8,
)


ENDS = ("_low", "_high")


def movement(kpi: str, a: float | None, b: float | None, **given: Any) -> Movement:
    facts: dict[str, Any] = {
        "unit": "share",
        "better": "higher",
        "definition": "What it means.",
        "a": Figure(a, 7100, None, None, 0),
        "b": Figure(b, 6900, None, None, 12),
        "change": None if a is None or b is None else b - a,
        "marked": False,
        "coverage_changed": None,
        "unsplit": None,
        "simpson": None,
    }
    ends = dict.fromkeys(
        f"{name}{end}" for name in ("change", "mix", "rate") for end in ("", *ENDS)
    )
    return Movement(kpi=kpi, **{**ends, **facts, **given})


def part(kpi: str, channel: str | None, **given: Any) -> Part:
    facts: dict[str, Any] = {
        "unit": "share",
        "n_a": 720,
        "n_b": 1040,
        "weight_a": 0.102,
        "weight_b": 0.151,
        "value_a": 0.401,
        "value_b": 0.22,
        "mix": -0.006,
        "rate": -0.02,
        "contribution": -0.026,
        "low": -0.034,
        "high": -0.018,
        "share": 0.61,
    }
    return Part(kpi=kpi, by={"channel": channel}, **{**facts, **given})


@pytest.fixture
def comparison() -> Comparison:
    fcr = "first_contact_resolution"
    return Comparison(
        kind="periods",
        a=Compared(
            "A",
            datetime(2026, 3, 31, 22, tzinfo=UTC),
            datetime(2026, 4, 30, 22, tzinfo=UTC),
            "April 2026",
            {},
        ),
        b=Compared(
            "B",
            datetime(2026, 4, 30, 22, tzinfo=UTC),
            datetime(2026, 5, 31, 22, tzinfo=UTC),
            "May 2026",
            {},
        ),
        by=("channel",),
        now=datetime(2026, 8, 1, tzinfo=UTC),
        zone="Europe/Berlin",
        horizon=datetime(2026, 7, 29, 12, tzinfo=UTC),
        movements=(
            movement(
                fcr,
                0.66,
                0.618,
                change_low=-0.058,
                change_high=-0.026,
                marked=True,
                mix=-0.062,
                mix_low=-0.07,
                mix_high=-0.05,
                rate=0.02,
                rate_low=0.01,
                rate_high=0.03,
                simpson="every",
            ),
            movement("nps", -4.0, 1.8, unit="points", mix=5.8, rate=0.0),
            movement(
                "resolution_time",
                86_400.0,
                129_600.0,
                unit="seconds",
                unsplit="the median is not reached on one side or in a mixture of both",
            ),
            movement(
                "backlog", 1290.0, 1312.0, unit="count", unsplit="a count is no rate"
            ),
            movement("csat", 0.5, 0.3125, suppressed=True, mix=0.0, rate=-0.1875),
            movement("ces", None, None, missing_inputs=("score",)),
        ),
        parts=(
            part(fcr, "bot"),
            part(fcr, "fax", n_a=3, value_a=0.8125, suppressed=True),
            part(fcr, None, share=-0.2),
            part("csat", "bot"),
        ),
        findings=(FOUND, NEW),
        notes=("annotated 2026-05-04: new bot (in B)",),
    )


def drawn(told: Comparison, form: str, **given: Any) -> str:
    if form == "json":
        return json_text(told.as_json()) + "\n"
    page, sheets = comparison_page(
        told, every=False, min_cell=10, ascii=given.get("ascii", False)
    )
    part_of = given.pop("part", None)
    wanted = [s for s in sheets if part_of in (None, s.name)]
    return render_sheets(page, wanted, form, zone=ZoneInfo(told.zone), **given)


@pytest.mark.parametrize(
    ("name", "form", "given"),
    [
        ("comparison.txt", "table", {}),
        ("comparison-80-ascii.txt", "table", {"width": 80, "ascii": True}),
        ("comparison.md", "md", {}),
    ],
)
def test_a_view_is_what_its_file_says(
    name: str, form: str, given: dict[str, Any], comparison: Comparison, golden: Golden
) -> None:
    told = shareable(comparison) if form == "md" else unhidden(comparison)
    golden(name, drawn(told, form, **given))


def test_json_is_what_its_published_schema_says(comparison: Comparison) -> None:
    schema = comparison_schema()
    printed = json.loads(drawn(comparison, "json"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(
        printed, schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )

    assert set(printed) == set(schema["properties"])
    for name, definition in (
        ("kpis", "movement"),
        ("cells", "cell"),
        ("findings", "finding"),
    ):
        for one in printed[name]:
            assert set(one) == set(schema["$defs"][definition]["properties"])
    jsonschema.validate(json.loads(drawn(shareable(comparison), "json")), schema)


def test_what_a_ratio_of_times_counts_reads_as_a_time(comparison: Comparison) -> None:
    timed = movement("after_contact_work_ratio", 0.1, 0.2, counted="seconds")
    told = replace(comparison, movements=(timed,))
    plain = replace(comparison, movements=(replace(timed, counted="rows"),))

    assert "2.0 h" in drawn(told, "table")
    assert "7,100" not in drawn(told, "table")
    assert "7,100" in drawn(plain, "table")


@pytest.mark.parametrize("form", ["table", "md", "json"])
def test_that_a_side_holds_nobody_is_said_in_the_notes(
    form: str, comparison: Comparison
) -> None:
    told = replace(comparison, nobody=("nobody is in B: no contact began in May",))

    assert "nobody is in B: no contact began in May" in drawn(told, form)
    assert "nobody is in B" not in drawn(comparison, form)


@pytest.mark.parametrize(
    ("where", "wrong"),
    [("kpis", {"mix": "0"}), ("kpis", {"simpson": "some"}), ("cells", {"n_a": -1})],
)
def test_the_schema_refuses_what_is_no_comparison(
    where: str, wrong: dict[str, object], comparison: Comparison
) -> None:
    printed = json.loads(drawn(comparison, "json"))
    printed[where][0] |= wrong

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(printed, comparison_schema())


@pytest.mark.parametrize("form", ["table", "md", "json", "jsonl"])
def test_shared_forms_hide_what_rests_on_too_few_customers(
    form: str, comparison: Comparison
) -> None:
    """Neither a KPI of few customers, nor a cell, nor the cells of such a KPI."""
    shown, open_ = drawn(shareable(comparison), form), drawn(unhidden(comparison), form)
    seen = {"table": ("31.2 %", "81.2 %"), "md": ("31.2 %", "81.2 %")}
    for figure in seen.get(form, ("0.3125", "0.8125")):
        assert figure not in shown
        assert figure in open_


def test_csv_holds_one_of_the_tables(comparison: Comparison) -> None:
    rows = list(csv.DictReader(io.StringIO(drawn(comparison, "csv", part="kpis"))))

    assert [row["kpi"] for row in rows] == [m.kpi for m in comparison.movements]
    assert float(rows[0]["b_value"]) == 0.618
    assert rows[5]["missing_inputs"] == "score"


@pytest.mark.parametrize("part_of", ["findings", "kpis", "cells"])
def test_an_empty_table_is_its_header(part_of: str, comparison: Comparison) -> None:
    nothing = replace(comparison, findings=(), movements=(), parts=())
    empty = drawn(nothing, "csv", part=part_of)

    assert (
        empty.splitlines()[0] == drawn(comparison, "csv", part=part_of).splitlines()[0]
    )


@pytest.mark.parametrize("width", [60, 80, 120])
def test_nothing_is_wider_than_the_terminal(width: int, comparison: Comparison) -> None:
    shown = drawn(comparison, "table", width=width)

    assert max(cell_len(line) for line in shown.splitlines()) <= width
    assert "61 % of the fall" in " ".join(shown.split())


def test_segments_are_told_as_a_difference_not_as_a_fall(
    comparison: Comparison,
) -> None:
    shown = drawn(replace(comparison, kind="segments"), "table")

    assert "of B lies 4.2 pp below A" in " ".join(shown.split())
    assert "fell" not in shown


def test_findings_open_the_scorecard(scorecard: Scorecard) -> None:
    card = replace(scorecard, findings=(FOUND, NEW))
    for form in ("table", "md"):
        shown = " ".join(render(card, form).split())
        opening = shown.index("What changed")
        assert opening < shown.index("Resolution")
        assert "61 % of the fall is bot × billing" in shown
        assert "NPS rose by 6 points (−4 → 2): 120 % of the rise is (unknown)" in shown
    assert "<b>" not in render(card, "md")
    assert len(render(card, "md").splitlines()) <= 60


@pytest.mark.parametrize("form", ["table", "md"])
def test_nothing_opens_a_scorecard_without_findings(
    form: str, scorecard: Scorecard
) -> None:
    assert "What changed" not in render(scorecard, form)


def test_findings_are_in_the_json_as_its_schema_says(scorecard: Scorecard) -> None:
    printed = json.loads(render(replace(scorecard, findings=(FOUND, NEW)), "json"))
    schema = scorecard_schema()
    jsonschema.validate(printed, schema)

    assert set(printed["findings"][0]) == set(schema["$defs"]["finding"]["required"])
    printed["findings"][0]["share"] = "61 %"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(printed, schema)
