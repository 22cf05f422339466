"""What was published, what it is now, and why: as people and programs read it."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import jsonschema
import pytest

from cxmap.scorecard import Published, Restated, Scorecard
from cxmap.views.data import scorecard_schema
from cxmap.views.render import render

RESTATED = Restated(
    kpi="first_contact_resolution",
    by={},
    unit="share",
    published=0.643,
    published_n=7000,
    value=0.616,
    n=7132,
    because={"late_repeats": 190, "judged_since": 1},
    defined_anew=True,
    settings=("kpis.first_contact_resolution.within",),
)
SMALL = replace(RESTATED, by={"topic": "[red]=cmd()[/red] @team <b>"}, value=0.25, n=4)


@pytest.fixture
def told(scorecard: Scorecard) -> Scorecard:
    published = Published(
        frozen_at=datetime(2026, 10, 5, 6, tzinfo=UTC),
        version="0.1.0",
        restated=(RESTATED, SMALL),
        settings=("kpis.first_contact_resolution.within", "repeat.within"),
        notes=("1 export of then is no longer held",),
    )
    return replace(scorecard, published=published)


@pytest.mark.parametrize("form", ["table", "md"])
def test_people_read_both_figures_and_why(form: str, told: Scorecard) -> None:
    shown = " ".join(render(told, form).replace("\\", "").split())

    for said in (
        "Published as of 2026-10-05 08:00, and now",
        "64.3 % (n 7,000)",
        "61.6 % (n 7,132)",
        "190 late repeats; 1 row judged since; defined anew",
        "kpis.first_contact_resolution.within changed",
        "Settings changed since it was published: ",
        "1 export of then is no longer held.",
    ):
        assert said in shown


@pytest.mark.parametrize("form", ["table", "md"])
def test_a_card_that_holds_is_told_in_a_line(form: str, told: Scorecard) -> None:
    assert told.published is not None
    same = replace(told.published, restated=(), settings=(), notes=())
    shown = render(replace(told, published=same), form)

    assert "As published as of 2026-10-05 08:00: no figure has changed" in shown
    assert "and now" not in shown


@pytest.mark.parametrize("form", ["table", "md"])
def test_nothing_is_said_where_nothing_was_published(
    form: str, scorecard: Scorecard
) -> None:
    assert "ublished" not in render(scorecard, form)


def test_small_cells_are_hidden_here_too(told: Scorecard) -> None:
    assert "25.0 % (n 4)" in render(told, "table")
    for form in ("table", "md", "json"):
        shown = render(told, form, share=True)
        assert "(n 4)" not in shown
        assert '"value": 0.25' not in shown


def test_json_is_what_its_published_schema_says(told: Scorecard) -> None:
    printed = json.loads(render(told, "json"))
    schema = scorecard_schema()
    jsonschema.validate(printed, schema)

    assert set(printed["published"]["restated"][0]) == set(
        schema["$defs"]["restated"]["required"]
    )
    printed["published"]["restated"][0]["because"] = {"late_repeats": "190"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(printed, schema)
