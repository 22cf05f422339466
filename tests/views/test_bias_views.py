"""Survey bias as people, files and programs read it."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import jsonschema
import polars as pl
import pytest

from cxmap.definitions import collect
from cxmap.desk.bias import Bias
from cxmap.errors import UsageError
from cxmap.insights.responding import Response
from cxmap.insights.reweighting import Reweighted
from cxmap.periods import Period
from cxmap.views.bias import bias_schema, render_bias
from cxmap.views.forms import FORMS

MAY = Period(
    datetime(2026, 4, 30, 22, tzinfo=UTC),
    datetime(2026, 5, 31, 22, tzinfo=UTC),
    "May 2026",
)


def response(by: str, kind: str, journeys: int, answered: int, **given: object):
    usual = {
        "customers": journeys,
        "response": answered / journeys,
        "low": 0.1,
        "high": 0.3,
        "difference": -0.1,
        "difference_low": -0.2,
        "difference_high": -0.01,
        "believed": False,
        "of_journeys": journeys / 300,
        "of_answers": answered / 60,
        "value": 0.5,
    }
    return Response(by, kind, journeys, answered, **{**usual, **given})  # type: ignore[arg-type]


CLASSES = (
    response("channel_group", "chat", 90, 12, believed=True),
    response("channel_group", "voice", 200, 44, difference=0.08, believed=True),
    response("channel_group", "unknown", 10, 4, low=None, high=None),
    response("contacts", "unknown", 40, 10),
    response("contacts", "1", 140, 25),
    response("contacts", "4+", 120, 25),
    response("frictions", "0", 200, 45, difference=None),
    response("frictions", "1", 100, 15, value=None),
    response("friction", "bot_dead_end", 60, 11),
    response("friction", "=stall", 297, 58),
)

BIAS = Bias(
    kpi=collect("kpis")["csat"],
    period=MAY,
    journeys=300,
    answered=60,
    customers=250,
    whole=Reweighted(
        0.7, 0.62, 0.5, 0.7312, 56, 41.7, 290 / 300, ("contacts", "frictions")
    ),
    classes=CLASSES,
    rows=pl.DataFrame(),
    now=datetime(2026, 8, 1, tzinfo=UTC),
    horizon=datetime(2026, 7, 30, 12, tzinfo=UTC),
    zone="Europe/Berlin",
)


def test_people_read_first_what_it_comes_to() -> None:
    table = render_bias(BIAS, "table", width=120)
    opening = [
        "Survey bias of CSAT: May 2026",
        "60 of 300 journeys have an answer (20.0 %).",
        "CSAT is 70.0 % of those who answered; had every class of journeys answered "
        "alike, 62.0 % (50.0 % – 73.1 %).",
        "The 56 answers are worth 42 of equal weight.",
        "3.3 % of journeys began in channels with too few answers to speak for them.",
        "Not all classes could be made alike at once; only contacts and frictions "
        "were.",
        "Fewest answer of those that began by chat: 13.3 %.",
        "Most answer of those that began by voice: 22.0 %.",
    ]
    flowing = " ".join(table.split())
    places = [flowing.index(line) for line in opening]
    assert places == sorted(places)


def test_classes_are_told_in_words() -> None:
    table = render_bias(BIAS, "table", width=200)
    for label in (
        "began by chat",
        "have no known channel",
        "have no known customer",
        "had 1 contact ",
        "had 4+ contacts",
        "had no frictions",
        "had 1 friction ",
        "met bot dead end",
    ):
        assert label in table
    assert "▼ −10.0 pp" in table
    assert "▲ +8.0 pp" in table


def test_nothing_is_claimed_of_a_class_by_chance() -> None:
    told = replace(BIAS, classes=CLASSES[3:])
    table = render_bias(told, "table")
    assert "No class of journeys answers more or less than the others" in table
    assert "▼" not in table


def test_few_answers_are_not_re_weighted_and_none_make_no_table() -> None:
    few = replace(BIAS, answered=4, whole=None)
    none = replace(BIAS, answered=0, whole=None)
    assert "Fewer than ten answers: nothing is re-weighted." in render_bias(
        few, "table"
    )
    assert "No journey has an answer." in render_bias(none, "table")
    assert "began by" not in render_bias(none, "table")


def test_what_rests_on_few_is_not_passed_on_nor_what_would_give_it_away() -> None:
    """The unknown channel has four answers; chat, the next smallest, goes with it.

    Of `stall` only three journeys are not.
    """
    for told in (render_bias(BIAS, "md"), render_bias(BIAS, "csv", share=True)):
        assert "voice" in told
        assert "chat" not in told
        assert "stall" not in told
    assert "classes of fewer than 10 customers or answers" in render_bias(BIAS, "md")
    assert "met =stall" in render_bias(BIAS, "table", width=200)


def test_a_survey_of_few_answers_tells_nothing_where_it_is_passed_on() -> None:
    few = replace(BIAS, answered=9, whole=None)
    told = json.loads(render_bias(few, "json", share=True))
    assert (told["answered"], told["journeys"], told["classes"]) == (0, 0, [])
    assert told["notes"] == ["fewer than 10: not shown"]


def test_programs_get_every_class_in_json_lines_and_csv() -> None:
    classes = json.loads(render_bias(BIAS, "json"))["classes"]
    lines = [json.loads(line) for line in render_bias(BIAS, "jsonl").splitlines()]
    table = list(csv.DictReader(io.StringIO(render_bias(BIAS, "csv"))))
    assert [{k: line[k] for k in classes[0]} for line in lines] == classes
    assert [row["answered"] for row in table] == [str(one.answered) for one in CLASSES]
    assert table[-1]["kind"] == "'=stall"


@pytest.mark.parametrize("key", ["schema", "period", "classes", "answered"])
def test_the_schema_refuses_what_is_no_bias(key: str) -> None:
    printed = json.loads(render_bias(BIAS, "json"))
    jsonschema.validate(printed, bias_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**printed, key: "?"}, bias_schema())


@pytest.mark.parametrize("form", FORMS)
def test_a_stream_without_unicode_gets_none(form: str) -> None:
    assert render_bias(BIAS, form, ascii=True).isascii()


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    told = render_bias(BIAS, "table", width=width)
    assert max(map(len, told.splitlines())) <= width


def test_a_form_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="-f xml: write one of table"):
        render_bias(BIAS, "xml")
