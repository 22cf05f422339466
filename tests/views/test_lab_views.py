"""The lab and a KPI by period in every form, and their published shapes."""

import csv
import io
import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import jsonschema
import polars as pl
import pytest

from cxmap.definitions import collect
from cxmap.desk.differing import Difference, Reason
from cxmap.desk.families import families
from cxmap.desk.lab import Lab, Tried
from cxmap.desk.trend import Place, Trend
from cxmap.desk.verdicts import CAME_BACK, KINDS
from cxmap.errors import UsageError
from cxmap.periods import Period
from cxmap.scorecard import Score
from cxmap.views.data import scorecard_schema
from cxmap.views.explanation import REASONS
from cxmap.views.forms import FORMS
from cxmap.views.lab import WHY, lab_schema, reason_in_words, render_lab
from cxmap.views.trend import render_trend, trend_schema

NOW = datetime(2026, 4, 1, tzinfo=UTC)
MARCH = Period(
    datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC), "2026-03"
)


def score(**given: Any) -> Score:
    facts: dict[str, Any] = {
        "kpi": "first_contact_resolution",
        "by": {},
        "value": 0.75,
        "numerator": 30,
        "n": 40,
        "low": 0.6,
        "high": 0.9,
        "pending": 3,
        "excluded": {"unidentified": 2, "not_served": 5},
        "confirmed": 10,
        "presumed": 20,
        "unit": "share",
        "better": "higher",
        "target": 0.8,
        "status": "close",
        "previous": None,
        "change": None,
        "change_low": None,
        "change_high": None,
        "marked": False,
        "definition": "What it means.",
        "variant": "default",
        "interval": "clustered",
        "customers": 38,
    }
    return Score(**{**facts, **given})


def tried(label: str, difference: Difference | None, **given: Any) -> Tried:
    return Tried(
        label=label,
        score=score(**given),
        over="journeys",
        options={},
        settings={},
        doc="What it means.",
        difference=difference,
    )


APART = Difference(
    units="contacts",
    alike=20,
    differ=23,
    gained=20,
    lost=3,
    median_change=None,
    reasons=(
        Reason("no", "yes", "came_back_other_channel", None, 20),
        Reason("yes", "left_out", None, "zero_touch", 3),
    ),
)
LAB = Lab(
    family="fcr",
    period=MARCH,
    tried=(
        tried("as configured", None),
        tried("=one touch", APART, kpi="fcr_zendesk_one_touch", value=0.9),
        tried(
            "blind",
            None,
            value=None,
            n=0,
            numerator=None,
            low=None,
            high=None,
            missing_inputs=("agents",),
        ),
    ),
    rows=pl.DataFrame(),
    now=NOW,
    horizon=NOW,
    zone="UTC",
    notes=("business hours assumed",),
)
SMALL = {"value": 0.5, "n": 4, "customers": 4, "suppressed": True}
TREND = Trend(
    kpi=collect("kpis")["first_contact_resolution"],
    places=(
        Place(
            MARCH,
            "pending",
            (score(by={}), score(by={"topic": "=bill"}, **SMALL)),
        ),
    ),
    options={},
    by=("topic",),
    now=NOW,
    horizon=NOW,
    zone="UTC",
    notes=(),
)


def render(form: str, **look: Any) -> str:
    return render_lab(LAB, form, **look)


def test_people_read_every_definition_and_why_it_differs() -> None:
    table = render("table")

    assert "30 of 40" in table
    assert "needs agents" in table
    assert "failed there, met here: came back on another channel" in table
    assert "met there, left out here: closed without an answer" in table
    assert "23 contacts" in table


@pytest.mark.parametrize(
    ("given", "over", "said"),
    [
        ({"missing_inputs": ("agents",)}, "contacts", "needs agents"),
        ({}, "surveys", "no such answers"),
        ({}, "contacts", "nobody to count"),
        ({"pending": 3}, "surveys", "all pending"),
        ({"excluded": {"not_served": 5}}, "contacts", "all left out"),
        ({"suppressed": True}, "contacts", "<10"),
        ({"n": 4}, "contacts", "–"),
    ],
)
def test_a_definition_without_a_value_says_why(
    given: dict[str, Any], over: str, said: str
) -> None:
    bare = {"value": None, "numerator": None, "low": None, "high": None}
    nobody = {**bare, "n": 0, "pending": 0, "excluded": {}, **given}
    one = replace(tried("odd", None, **nobody), over=over)

    (row,) = (
        line
        for line in render_lab(
            replace(LAB, tried=(LAB.tried[0], one)), "table"
        ).splitlines()
        if line.startswith("odd ")
    )
    assert said in row


@pytest.mark.parametrize(
    ("there", "here", "better", "words"),
    [
        (("yes", None), ("pending", None), "higher", "met there, pending here"),
        (("no", None), ("yes", None), "lower", "did not happen there, happened here"),
        (
            ("outside", "channel_group_in_person"),
            ("yes", None),
            "higher",
            "not looked at there, met here: no in person contacts are counted",
        ),
        (
            ("yes", None),
            ("outside", "status_missing"),
            "higher",
            "met there, not looked at here: the export tells no status of it",
        ),
        (("counted", None), ("counted", "more"), "lower", "more here than there"),
    ],
)
def test_a_reason_reads_as_a_sentence(
    there: tuple[str, str | None],
    here: tuple[str, str | None],
    better: str,
    words: str,
) -> None:
    reason = Reason(there[0], here[0], there[1], here[1], 3)

    assert reason_in_words(reason, better, better) == words


def test_what_is_meant_to_be_passed_on_hides_small_cells() -> None:
    whole, passed_on = render("table"), render("md")
    shared = json.loads(render("json", share=True))

    assert "closed without an answer" in whole
    assert "closed without an answer" not in passed_on
    assert "came back on another channel" in passed_on
    [reason] = shared["ways"][1]["difference"]["reasons"]
    assert reason["rows"] == 20


@pytest.mark.parametrize("family", families())
def test_every_reason_of_every_family_has_words(family: str) -> None:
    """What a definition calls a reason is never shown as its code."""
    for one in families()[family].ways:
        measure = collect("kpis")[one.kpi].bind(one.options)
        for why in {*measure.excluded, *measure.failing} - {CAME_BACK}:
            assert why in {*WHY, *REASONS}, why
    assert {f"{CAME_BACK}_same_channel", f"{CAME_BACK}_other_channel"} <= set(WHY)


def test_differences_on_a_few_are_not_passed_on() -> None:
    apart = replace(APART, differ=3, gained=0, reasons=APART.reasons[1:])
    told = replace(LAB, tried=(LAB.tried[0], replace(LAB.tried[1], difference=apart)))

    assert "3 contacts" in render_lab(told, "table")
    assert "3 contacts" not in render_lab(told, "md")
    assert "differences on fewer than 10 are not shown" in render_lab(told, "md")


def test_nothing_of_a_definition_of_few_customers_is_passed_on() -> None:
    few = replace(LAB.tried[1], score=replace(LAB.tried[1].score, **SMALL))
    told = replace(LAB, tried=(LAB.tried[0], few))

    assert "&lt;10" in render_lab(told, "md")
    assert "came back" not in render_lab(told, "md")
    assert json.loads(render_lab(told, "json"))["ways"][1]["value"] == 0.5


def test_the_lab_is_what_its_published_schema_says() -> None:
    schema, printed = lab_schema(), json.loads(render("json"))

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(printed, schema)
    assert set(printed) == set(schema["properties"])
    own = {
        *schema["$defs"]["way"]["properties"],
        *schema["$defs"]["score"]["properties"],
    }
    assert {key for one in printed["ways"] for key in one} == own
    assert schema["$defs"]["verdict"]["enum"] == list(KINDS)


@pytest.mark.parametrize(
    ("key", "wrong"), [("schema", "cxmap.lab/2"), ("ways", []), ("now", "2026-04-01")]
)
def test_the_schema_refuses_what_is_no_lab(key: str, wrong: object) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**json.loads(render("json")), key: wrong}, lab_schema())


def test_lines_of_json_hold_the_same_definitions() -> None:
    lines = [json.loads(line) for line in render("jsonl").splitlines()]
    ways = json.loads(render("json"))["ways"]

    assert [{k: line[k] for k in ways[0]} for line in lines] == ways
    assert {line["family"] for line in lines} == {"fcr"}


def test_csv_has_a_row_a_definition_and_runs_in_no_spreadsheet() -> None:
    rows = list(csv.DictReader(io.StringIO(render("csv"))))

    assert [row["label"] for row in rows] == ["as configured", "'=one touch", "blind"]
    assert [row["differ"] for row in rows] == ["", "23", ""]
    assert json.loads(rows[1]["reasons"])[0]["rows"] == 20


@pytest.mark.parametrize("form", FORMS)
def test_a_stream_without_unicode_gets_none(form: str) -> None:
    assert render(form, ascii=True).isascii()
    assert render_trend(TREND, form, ascii=True).isascii()


def test_a_form_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="-f xml: write one of table"):
        render("xml")
    with pytest.raises(UsageError, match="-f xml: write one of table"):
        render_trend(TREND, "xml")


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    told = render_trend(TREND, "table", width=width) + render("table", width=width)

    assert max(map(len, told.splitlines())) <= width


class TestByPeriod:
    def test_it_is_what_its_published_schema_says(self) -> None:
        schema, printed = trend_schema(), json.loads(render_trend(TREND, "json"))

        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(printed, schema)
        assert set(printed) == set(schema["properties"])
        period = schema["$defs"]["period"]["properties"]
        assert set(printed["periods"][0]) == set(period)

    @pytest.mark.parametrize("schema", [trend_schema, lab_schema])
    def test_a_score_is_the_same_everywhere(self, schema: Any) -> None:
        assert schema()["$defs"]["score"] == scorecard_schema()["$defs"]["score"]

    def test_people_read_the_segments_and_what_is_pending(self) -> None:
        table = render_trend(TREND, "table")

        assert "≈ close" in table
        assert "pending: some of the period cannot be judged yet." in table
        assert "50.0 %" in table

    def test_small_cells_are_hidden_where_it_is_passed_on(self) -> None:
        assert "50.0 %" not in render_trend(TREND, "md")
        assert "&lt;10" in render_trend(TREND, "md")
        hidden = json.loads(render_trend(TREND, "json", share=True))
        assert hidden["periods"][0]["scores"][1]["value"] is None

    def test_csv_and_lines_hold_a_row_a_segment(self) -> None:
        rows = list(csv.DictReader(io.StringIO(render_trend(TREND, "csv"))))
        lines = [json.loads(x) for x in render_trend(TREND, "jsonl").splitlines()]

        assert [row["topic"] for row in rows] == ["", "'=bill"]
        assert [line["value"] for line in lines] == [0.75, 0.5]
        assert lines[0]["since"] == "2026-03-01T00:00:00Z"
        assert (
            asdict(TREND.places[0].scores[0]).items()
            <= {
                **lines[0],
                "missing_inputs": (),
            }.items()
        )

    def test_without_targets_no_empty_columns_are_shown(self) -> None:
        bare = replace(TREND.places[0], scores=(score(target=None, status="–"),))

        told = render_trend(replace(TREND, places=(bare,), by=()), "table")

        assert "Target" not in told
        assert "Segment" not in told
