"""Survey bias of the demo company, counted a second time in plain Python."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import jsonschema
import polars as pl
import pytest

from cxmap.desk.bias import PERCEIVED, Bias, survey_bias
from cxmap.errors import UsageError
from cxmap.views.bias import bias_schema, render_bias

SPRING = (
    datetime(2026, 2, 28, 23, tzinfo=UTC),
    datetime(2026, 5, 31, 22, tzinfo=UTC),
)
"""March to May in Berlin."""

TOLD_BY_ANSWERS = {"low_score", "bot_dead_end"}
"""Frictions that only who answers can have."""

HIGHEST = {"csat": 1, "csat_mean": 5, "nps": 100, "ces": 7}


def bias(world: Any, name: str, tables: Mapping[str, pl.DataFrame] | None = None):
    return survey_bias(
        tables or world.tables,
        world.config,
        name,
        since="2026-03",
        until="2026-05",
        now=world.now,
        zone=world.zone,
    )


@pytest.fixture(scope="session")
def csat(world: Any) -> Bias:
    return bias(world, "csat")


def answers_by_hand(world: Any, journeys: set[str]) -> dict[str, bool]:
    """Return whether the last CSAT answer of each journey is in the top two boxes."""
    told = {}
    surveys = world.tables["surveys"].to_dicts()
    for one in sorted(surveys, key=lambda one: one["responded_at"] or SPRING[0]):
        if one["survey_type"] != "csat" or one["score"] is None:
            continue
        if one["journey_id"] not in journeys or one["scale_max"] is None:
            continue
        boxes = 1 if one["scale_max"] - one["scale_min"] >= 3 else 0
        told[one["journey_id"]] = one["score"] >= one["scale_max"] - boxes
    return told


def test_every_class_is_counted_as_plain_python_counts_it(
    world: Any, csat: Bias
) -> None:
    journeys = {
        one["journey_id"]: one
        for one in world.tables["journeys"].to_dicts()
        if SPRING[0] <= one["started_at"] < SPRING[1]
    }
    answers = answers_by_hand(world, set(journeys))
    counted: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, one in journeys.items():
        known = one["customer_id"] is not None
        many = str(one["contacts"]) if one["contacts"] < 4 else "4+"
        counted["channel_group", one["first_channel_group"]].append(name)
        counted["contacts", many if known else "unknown"].append(name)
    met = {
        (one["journey_id"], one["friction"])
        for one in world.tables["points"].to_dicts()
        if one["journey_id"] in journeys and one["friction"] not in TOLD_BY_ANSWERS
    }
    for name, friction in met:
        counted["friction", friction].append(name)
    for name in journeys:
        many = sum(journey == name for journey, _ in met)
        counted["frictions", str(many) if many < 3 else "3+"].append(name)

    assert csat.journeys == len(journeys)
    assert csat.answered == len(answers) > 10
    assert {(one.by, one.kind) for one in csat.classes} == counted.keys()
    for one in csat.classes:
        mine = counted[one.by, one.kind]
        told = [answers[name] for name in mine if name in answers]
        assert (one.journeys, one.answered) == (len(mine), len(told))
        assert one.value == (pytest.approx(sum(told) / len(told)) if told else None)


def test_each_journey_is_listed_with_its_answer(csat: Bias) -> None:
    rows = csat.rows
    assert rows.height == rows["journey_id"].n_unique() == csat.journeys
    assert rows["value"].count() == csat.answered
    for one in csat.classes:
        inside = (
            pl.col("met").str.split(" ").list.contains(one.kind)
            if one.by == "friction"
            else pl.col(one.by) == one.kind
        )
        assert rows.filter(inside)["value"].len() == one.journeys
        assert rows.filter(inside)["value"].count() == one.answered


def test_classes_of_one_kind_add_up_to_all_journeys(csat: Bias) -> None:
    for by in ("channel_group", "contacts", "frictions"):
        alike = [one for one in csat.classes if one.by == by]
        assert sum(one.journeys for one in alike) == csat.journeys
        assert sum(one.answered for one in alike) == csat.answered
        assert sum(one.of_answers or 0 for one in alike) == pytest.approx(1)


@pytest.mark.parametrize("name", PERCEIVED)
def test_it_is_what_its_published_schema_says(world: Any, name: str) -> None:
    told = bias(world, name)
    printed = json.loads(render_bias(told, "json"))
    schema = bias_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(printed, schema)
    assert set(printed) == set(schema["properties"])
    assert {key for one in printed["classes"] for key in one} == set(
        schema["$defs"]["class"]["properties"]
    )
    if told.whole is not None:
        assert (
            asdict(told.whole).keys()
            == schema["$defs"]["reweighted"]["properties"].keys()
        )
        assert abs(told.whole.value) <= HIGHEST[name]


def test_the_order_of_rows_does_not_matter(world: Any, csat: Bias) -> None:
    mixed = {
        name: frame.sample(fraction=1, shuffle=True, seed=3)
        for name, frame in world.tables.items()
        if name != "steps"
    }
    assert bias(world, "csat", mixed).classes == csat.classes


@pytest.mark.parametrize("name", ["repeat_contact_rate", "survey_response_rate"])
def test_what_no_survey_says_has_no_bias_of_one(world: Any, name: str) -> None:
    with pytest.raises(UsageError, match="is not what a survey says; KPIs: csat, "):
        bias(world, name)


def test_a_period_without_journeys_has_nobody_who_answers(world: Any) -> None:
    told = survey_bias(
        world.tables,
        world.config,
        "csat",
        since="2020-01",
        until=None,
        now=world.now,
        zone=world.zone,
    )
    assert (told.journeys, told.answered, told.whole, told.classes) == (0, 0, None, ())
    assert "No journey has an answer." in render_bias(told, "table")
