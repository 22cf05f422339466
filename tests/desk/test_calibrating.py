"""Weights fitted to labels: which journeys, which frictions, and when not at all."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import polars as pl
import pytest

from cxmap.config.reading import Config, read_config
from cxmap.desk.calibrating import Calibration, askable, calibrate
from cxmap.desk.labelling import labels
from cxmap.errors import Exit, LabelsError
from cxmap.periods import Period
from cxmap.tables import conform, empty
from cxmap.views.calibration import calibration_schema, render_calibration

Row = dict[str, Any]
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
HELD = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def config() -> Config:
    return read_config("", Path("cxmap.yaml"))


def table(name: str, rows: list[Row]) -> pl.DataFrame:
    if not rows:
        return empty(name)
    return conform(pl.DataFrame(rows, infer_schema_length=None), name)


def person(number: int) -> str:
    return f"c_{number:08x}"


def world(kinds: list[tuple[int, int, tuple[str, ...]]], **answer: Any) -> Any:
    """So many journeys, so many of them bad, all with these frictions."""
    journeys, points, surveys = [], [], []
    for n, bad, frictions in kinds:
        for place in range(n):
            number = len(journeys)
            name = f"j{number:05}"
            journeys.append(
                {
                    "journey_id": name,
                    "customer_id": person(number),
                    "started_at": AT,
                    "trigger_id": f"{name}c",
                    "trigger_started_at": AT,
                    "trigger_touch_at": AT,
                    "trigger_window_seconds": 86_400,
                    "trigger_repeated": place < bad,
                    "horizon_at": HELD,
                }
            )
            points += [
                {"friction": one, "journey_id": name, "contact_id": "c", "at": AT}
                for one in frictions
            ]
            surveys.append(
                {
                    "survey_id": f"s{number}",
                    "journey_id": name,
                    "survey_type": "csat",
                    "score": 1.0 if place < bad else 5.0,
                    "scale_min": 1.0,
                    "scale_max": 5.0,
                    "last_answer": True,
                    "responded_at": AT + HOUR,
                    **answer,
                }
            )
    frames = {"journeys": journeys, "points": points, "surveys": surveys}
    return {name: table(name, rows) for name, rows in frames.items()}


USUAL: list[tuple[int, int, tuple[str, ...]]] = [
    (300, 60, ()),
    (100, 60, ("abandon",)),
    (100, 20, ("long_wait",)),
]


def test_what_comes_before_bad_answers_weighs(config: Config) -> None:
    told = calibrate(world(USUAL), config, on="csat")

    weights = {one.friction: one for one in told.weights}
    assert (told.labels, told.bad) == (500, 140)
    assert list(weights) == ["abandon", "long_wait"]
    # odds 60:40 against 20:80, pulled a little toward nought
    assert weights["abandon"].weight == pytest.approx(1.79, abs=0.05)
    assert weights["long_wait"].weight == pytest.approx(0, abs=0.05)
    assert (weights["abandon"].journeys, weights["abandon"].bad) == (100, 60)
    assert weights["abandon"].low > 1
    assert told.area is not None
    # of 140 bad and 360 good, 60 and 40 have the friction that weighs
    assert told.area.value == pytest.approx(0.5 + (60 / 140 - 40 / 360) / 2, abs=0.02)
    assert 0.58 < told.area.low < told.area.value < told.area.high < 0.75


def test_a_score_that_tells_nothing_says_so(config: Config) -> None:
    told = calibrate(
        world([(300, 100, ()), (150, 50, ("abandon",))]), config, on="csat"
    )

    assert told.area is not None
    assert told.area.low <= 0.5
    for form in ("table", "yaml", "md"):
        view = render_calibration(told, form, now=HELD)
        assert "no better than chance" in view


def test_a_friction_after_the_answer_is_no_cause_of_it(config: Config) -> None:
    held = world(USUAL)
    showed = (
        pl.when(pl.col("friction") == "abandon")
        .then(pl.lit(AT + 2 * HOUR))
        .otherwise("at")
    )
    late = held["points"].with_columns(at=showed)

    told = calibrate({**held, "points": late}, config, on="csat")

    assert [one.friction for one in told.weights] == ["long_wait"]
    assert "abandon" in told.too_rare


def test_an_answer_without_a_time_takes_all_points(config: Config) -> None:
    told = calibrate(world(USUAL, responded_at=None), config, on="csat")

    assert len(told.weights) == 2


def test_the_last_answer_counts_and_no_other(config: Config) -> None:
    held = world(USUAL)
    earlier = held["surveys"].with_columns(last_answer=pl.lit(value=False), score=1.0)
    both = {**held, "surveys": pl.concat([earlier, held["surveys"]])}

    assert calibrate(both, config, on="csat") == calibrate(held, config, on="csat")


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ([(100, 49, ("abandon",))], "50 of either kind"),
        ([(100, 51, ("abandon",))], "50 of either kind"),
        ([], "50 of either kind"),
        ([(120, 60, ())], "no friction shows"),
        ([(111, 55, ()), (9, 5, ("abandon",))], "no friction shows"),
    ],
)
def test_too_few_labels_are_refused_with_what_is_needed(
    config: Config, kinds: list[tuple[int, int, tuple[str, ...]]], said: str
) -> None:
    with pytest.raises(LabelsError, match=said) as refused:
        calibrate(world(kinds), config, on="csat")

    assert refused.value.code is Exit.DATA


def test_every_weight_needs_ten_of_either_kind(config: Config) -> None:
    names, _ = askable(config, "csat")
    asked = tuple(names[:6])

    with pytest.raises(LabelsError, match="60 of either kind"):
        calibrate(world([(100, 50, ()), (18, 9, asked)]), config, on="csat")
    calibrate(world([(100, 50, ()), (20, 10, asked)]), config, on="csat")


def test_fifty_of_either_kind_are_enough(config: Config) -> None:
    told = calibrate(world([(80, 30, ()), (20, 20, ("abandon",))]), config, on="csat")

    assert (told.labels, told.bad) == (100, 50)


def test_what_is_read_off_the_labels_is_not_asked(config: Config) -> None:
    on_csat, circular = askable(config, "csat")
    on_repeat, also = askable(config, "repeat")

    assert {"low_score", "bot_dead_end"} <= set(circular)
    assert "repeat_contact" in on_csat
    assert {"repeat_contact", "restart", "channel_switch", "low_score"} <= set(also)
    assert {"abandon", "long_wait", "transfer", "unanswered"} <= set(on_repeat)


def test_a_friction_that_is_off_is_not_weighed() -> None:
    off = read_config("frictions: {abandon: off}", Path("cxmap.yaml"))

    told = calibrate(world(USUAL), off, on="csat")

    assert [one.friction for one in told.weights] == ["long_wait"]


class TestRepeats:
    def test_they_are_judged_where_silence_can_be_believed(self) -> None:
        held = world([(4, 2, ())])
        spoilt = held["journeys"].with_columns(
            customer_id=pl.Series([None, *held["journeys"]["customer_id"][1:]]),
            trigger_id=pl.Series(["a", None, "c", "d"]),
            trigger_touch_at=pl.Series([AT, AT, HELD - HOUR, AT]),
        )

        told = labels({**held, "journeys": spoilt}, "repeat")

        assert told.select("journey_id", "bad").rows() == [("j00003", False)]

    def test_what_showed_later_than_the_first_contact_does_not_count(
        self, config: Config
    ) -> None:
        held = world(USUAL)
        late = held["points"].with_columns(at=pl.lit(AT + HOUR))

        with pytest.raises(LabelsError, match="no friction shows"):
            calibrate({**held, "points": late}, config, on="repeat")
        assert len(calibrate(held, config, on="repeat").weights) == 2


class TestWithoutAName:
    def test_the_survey_of_most_answers_is_taken(self, config: Config) -> None:
        assert calibrate(world(USUAL), config, on=None).on == "csat"

    def test_a_score_of_ease_below_five_is_bad(self, config: Config) -> None:
        scale = {"survey_type": "ces", "scale_max": 7.0}
        held = world(USUAL, **scale)
        eased = held["surveys"].with_columns(
            score=pl.when(pl.col("score") > 1).then(5.0).otherwise(4.9)
        )

        told = calibrate({**held, "surveys": eased}, config, on=None)

        assert (told.on, told.bad) == ("ces", 140)

    def test_repeats_are_taken_where_no_survey_has_enough(self, config: Config) -> None:
        held = world(USUAL)

        told = calibrate({**held, "surveys": held["surveys"].clear()}, config, on=None)

        assert told.on == "repeat"

    def test_where_nothing_is_enough_both_are_told(self, config: Config) -> None:
        with pytest.raises(LabelsError, match=r"(?s)csat: .*\nrepeat: "):
            calibrate(world([(9, 3, ("abandon",))]), config, on=None)


def test_no_journey_is_ranked_by_weights_that_it_was_fitted_on(config: Config) -> None:
    """A friction that shows in one fold alone, and foretells all that is bad there."""
    held = world([(300, 100, ())])
    of_fold = labels(held, "csat").filter(pl.col("fold") == 0, "bad")
    points = of_fold.select(
        "journey_id", friction=pl.lit("abandon"), contact_id=pl.lit("c"), at=pl.lit(AT)
    )

    told = calibrate({**held, "points": conform(points, "points")}, config, on="csat")

    assert of_fold.height >= 10
    assert told.weights[0].weight > 2
    assert told.area is not None
    assert told.area.value == 0.5


def test_a_period_takes_the_journeys_that_began_in_it(config: Config) -> None:
    held = world(USUAL)
    later = held["journeys"].with_columns(
        started_at=pl.when(pl.int_range(pl.len()) < 350)
        .then("started_at")
        .otherwise(pl.lit(AT + 40 * 24 * HOUR))
    )
    march = Period(AT, AT + HOUR, "an hour")

    told = labels({**held, "journeys": later}, "csat", march)

    assert told.height == 350


def test_a_customer_is_always_in_one_fold_whatever_the_rows(config: Config) -> None:
    held = world(USUAL)
    same = held["journeys"].with_columns(customer_id=pl.lit(person(7)))

    assert labels({**held, "journeys": same}, "csat")["fold"].n_unique() == 1
    assert labels(held, "csat")["fold"].unique().sort().to_list() == [0, 1, 2, 3, 4]


def test_the_order_of_rows_changes_nothing(config: Config) -> None:
    held = world(USUAL)
    mixed = {name: rows.reverse() for name, rows in held.items()}

    assert calibrate(mixed, config, on="csat") == calibrate(held, config, on="csat")


@pytest.fixture(scope="module")
def told(config: Config) -> Calibration:
    return calibrate(world(USUAL), config, on="csat")


def test_the_yaml_is_a_config_that_gives_the_weights(told: Calibration) -> None:
    again = read_config(render_calibration(told, "yaml", now=HELD), Path("cxmap.yaml"))

    expected = {
        one.friction: round(one.weight, 2)
        for one in told.weights
        if round(one.weight, 2) > 0
    }
    assert again.frictions.weights == expected


def test_where_nothing_weighs_the_yaml_is_a_config_all_the_same(
    told: Calibration,
) -> None:
    none = replace(told, weights=tuple(replace(w, weight=0.0) for w in told.weights))

    again = read_config(render_calibration(none, "yaml", now=HELD), Path("cxmap.yaml"))

    assert again.frictions.weights == {}


@pytest.mark.parametrize("form", ["table", "md", "json", "yaml"])
def test_every_form_says_how_many_labels_and_how_well_it_ranks(
    told: Calibration, form: str
) -> None:
    view = render_calibration(told, form, now=HELD)

    assert "500" in view
    assert "140" in view
    assert told.area is not None
    value = told.area.value
    assert (str(value) if form == "json" else f"{value:.2f}") in view


def test_as_data_it_is_what_its_published_schema_says(told: Calibration) -> None:
    schema = calibration_schema()
    printed = json.loads(render_calibration(told, "json", now=HELD))

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(printed, schema)
    assert set(printed) == set(schema["properties"])
    assert set(printed["area"]) == set(schema["$defs"]["area"]["properties"])
    for name, definition in (("weights", "weight"), ("steps", "step")):
        for one in printed[name]:
            assert set(one) == set(schema["$defs"][definition]["properties"])


def test_a_ranking_that_cannot_be_told_is_null(told: Calibration) -> None:
    printed = json.loads(render_calibration(replace(told, area=None), "json", now=HELD))

    assert printed["area"] is None
    jsonschema.validate(printed, calibration_schema())


@pytest.mark.parametrize(
    ("key", "wrong"),
    [("schema", "cxmap.calibration/2"), ("on", "nps"), ("labels", 0), ("weights", [1])],
)
def test_the_schema_refuses_what_is_no_calibration(
    key: str, wrong: object, told: Calibration
) -> None:
    printed = json.loads(render_calibration(told, "json", now=HELD))

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**printed, key: wrong}, calibration_schema())
