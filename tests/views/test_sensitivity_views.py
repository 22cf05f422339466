"""What a reader sees of a scorecard under other settings, in every form."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from rich.cells import cell_len

from cxmap.scorecard import Scorecard, Variation
from cxmap.views.data import FACTS, TRIED, scorecard_schema
from cxmap.views.render import FORMS, render
from cxmap.views.sensitivity import SETTINGS

Golden = Callable[[str, str], None]

VALUES: dict[str, tuple[float | None, ...]] = {
    "first_contact_resolution": (0.702, 0.616, 0.611, 0.618, 0.598),
    "repeat_contact_rate": (None, 0.156, 0.156, 0.156, 0.16),
    "resolution_time": (172_900.0, 25_200.0, 25_200.0, 25_200.0, 25_900.0),
    "nps": (31.2, 32.4, 32.4, 32.4, 32.4),
    "backlog": (1312.0, 1312.0, 1312.0, 1312.0, 1312.0),
}
"""By KPI: under SETTINGS, in their order."""


@pytest.fixture
def varied(scorecard: Scorecard) -> Scorecard:
    scores = {score.kpi: score for score in scorecard.scores if not score.by}
    variations = tuple(
        Variation(
            kpi=kpi,
            setting=setting,
            value=value,
            n=scores[kpi].n if value is not None else 0,
            low=None,
            high=None,
            pending=0,
            change=None,
            moved=(kpi, setting)
            in {("first_contact_resolution", "strict"), ("resolution_time", "strict")},
            suppressed=(kpi, setting) == ("nps", "strict"),
        )
        for kpi, values in VALUES.items()
        for setting, value in zip(SETTINGS, values, strict=True)
    )

    return replace(scorecard, sensitivity=variations)


@pytest.mark.parametrize(
    ("name", "form", "given"),
    [
        ("sensitivity.txt", "table", {}),
        ("sensitivity-80-ascii.txt", "table", {"width": 80, "ascii": True}),
        ("sensitivity.md", "md", {}),
    ],
)
def test_a_view_is_what_its_file_says(
    name: str, form: str, given: dict[str, Any], varied: Scorecard, golden: Golden
) -> None:
    golden(name, render(varied, form, **given))


@pytest.mark.parametrize("width", [60, 80, 100, 110, 140])
def test_every_setting_is_shown_on_a_terminal_of_any_width(
    width: int, varied: Scorecard
) -> None:
    shown = render(varied, "table", width=width)

    assert max(cell_len(line) for line in shown.splitlines()) <= width
    assert "70.2 % *" in " ".join(shown.split())
    for name in (*SETTINGS, "spread"):
        assert name in shown.lower()


@pytest.mark.parametrize("form", ["table", "md"])
def test_nothing_is_said_of_settings_that_were_not_tried(
    form: str, scorecard: Scorecard
) -> None:
    assert "ensitivity" not in render(scorecard, form)


def test_kpis_that_no_setting_moves_share_one_line(varied: Scorecard) -> None:
    shown = render(varied, "table")
    table = shown.split("Sensitivity", 1)[1]

    assert "The same under every setting: Backlog." in table
    assert not any(line.startswith("Backlog ") for line in table.splitlines())


def test_a_kpi_without_a_value_somewhere_has_no_spread(varied: Scorecard) -> None:
    table = render(varied, "table").split("Sensitivity", 1)[1]
    row = next(x for x in table.splitlines() if x.startswith("Repeat contact rate"))

    assert row.split()[-1] == "–"


def test_json_holds_each_kpi_under_each_setting(varied: Scorecard) -> None:
    printed = json.loads(render(varied, "json"))
    jsonschema.validate(printed, scorecard_schema())
    schema = scorecard_schema()["$defs"]["variation"]

    assert {(v["kpi"], v["setting"]): v["value"] for v in printed["sensitivity"]} == {
        (kpi, setting): value
        for kpi, values in VALUES.items()
        for setting, value in zip(SETTINGS, values, strict=True)
    }
    for one in printed["sensitivity"]:
        assert set(one) == set(schema["properties"]) == set(schema["required"])


@pytest.mark.parametrize("wrong", [{"setting": "lenient"}, {"n": -1}, {"moved": "yes"}])
def test_the_schema_refuses_what_is_no_variation(
    wrong: dict[str, object], varied: Scorecard
) -> None:
    printed = json.loads(render(varied, "json"))
    printed["sensitivity"][0] |= wrong

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(printed, scorecard_schema())


def test_json_lines_hold_them_beside_their_score(varied: Scorecard) -> None:
    whole = json.loads(render(varied, "json"))
    lines = [json.loads(line) for line in render(varied, "jsonl").splitlines()]
    beside = [one for line in lines for one in line["sensitivity"]]

    assert len(lines) == len(varied.scores)
    assert sorted(map(repr, beside)) == sorted(map(repr, whole["sensitivity"]))
    for line in lines:
        assert not line["by"] or line["sensitivity"] == []


def test_csv_has_a_column_a_setting(varied: Scorecard) -> None:
    rows = list(csv.DictReader(io.StringIO(render(varied, "csv"), newline="")))
    fcr = rows[0]

    assert list(fcr)[4:] == [*FACTS, *TRIED]
    assert [float(fcr[name]) for name in SETTINGS] == [
        0.702,
        0.616,
        0.611,
        0.618,
        0.598,
    ]
    assert float(fcr["spread"]) == pytest.approx(0.702 - 0.598)
    assert fcr["moved"] == "strict"
    assert {row["strict"] for row in rows if row["topic"]} == {""}


@pytest.mark.parametrize("form", FORMS)
def test_shared_forms_hide_what_rests_on_too_few_customers(
    form: str, varied: Scorecard
) -> None:
    """Neither its value nor one from which it could be reckoned."""
    shown = render(varied, form, share=True)
    seen = {"table": "+31", "md": "+31"}.get(form, "31.2")

    assert seen not in shown
    if form in ("table", "md"):
        assert "<10" in shown or "&lt;10" in shown
    if form not in ("md",):
        assert seen in render(varied, form)
