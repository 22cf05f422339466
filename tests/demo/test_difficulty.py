"""The levels are what the documentation says, and harder hides more."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest

from cxmap.demo.dice import Dice
from cxmap.demo.difficulty import LEVELS
from cxmap.demo.people import draw_people
from cxmap.demo.plots import PLOTS
from cxmap.demo.verdicts import judge

PAGE = Path(__file__).parents[2] / "docs" / "demo-world.md"
TELLING = {"authenticated", "linked", "logged_in", "carded"}
"""Probabilities that show the truth; all the others hide it."""


def test_the_page_prints_the_levels_as_they_are() -> None:
    rows = re.findall(r"^\| `(\w+)`: [^|]+\|(.+)\|$", PAGE.read_text("utf-8"), re.M)
    printed = {name: tuple(map(float, cells.split("|"))) for name, cells in rows}
    levels = [asdict(level) for level in LEVELS.values()]

    assert printed == {name: tuple(lv[name] for lv in levels) for name in levels[0]}


@pytest.mark.parametrize("name", asdict(LEVELS["easy"]))
def test_every_step_up_hides_more(name: str) -> None:
    values = [asdict(level)[name] for level in LEVELS.values()]

    assert values == sorted(values, reverse=name in TELLING)


@pytest.mark.parametrize("level", LEVELS)
def test_as_many_share_a_line_as_the_level_says(level: str) -> None:
    people = draw_people(1, 4000, LEVELS[level])
    housed = sum(person.landline is not None for person in people)

    assert housed / 4000 == pytest.approx(LEVELS[level].shared_landline, abs=0.03)


@pytest.mark.parametrize("level", LEVELS)
def test_as_many_couples_share_a_device_as_the_level_says(level: str) -> None:
    people = draw_people(1, 4000, LEVELS[level])
    couples = len({person.landline for person in people} - {None})
    shared = len(people) - len({person.device for person in people})

    assert shared / couples == pytest.approx(LEVELS[level].shared_device, abs=0.06)


def test_people_who_share_nothing_have_identifiers_of_their_own() -> None:
    people = draw_people(1, 3000, LEVELS["easy"])

    assert len({person.mobile for person in people}) == 3000
    assert len({person.card for person in people}) == 3000
    assert len({email for p in people for email in p.emails}) == sum(
        len(person.emails) for person in people
    )


def test_the_page_explains_every_friction_of_the_truth() -> None:
    rules = PAGE.read_text("utf-8").split("### Rules of the truth")[1]
    code = Path(judge.__code__.co_filename).read_text("utf-8")
    names = set(re.findall(r'"([a-z]+(?:_[a-z]+)+|transfer|reopen|abandon)"', code))
    hops = {"same_case", "same_agent"}

    assert names
    for name in names - hops:
        assert f"`{name}`" in rules


def test_every_plot_begins_at_once_and_weighs_something() -> None:
    for plot in PLOTS.values():
        assert plot.weight > 0
        assert plot.beats[0].after == (0, 0)
        assert all(low <= high for low, high in (beat.after for beat in plot.beats))


def test_dice_fall_the_same_way_for_the_same_words() -> None:
    assert [Dice("a", 1).whole(0, 999) for _ in range(2)] == [
        Dice("a", 1).whole(0, 999)
    ] * 2
    assert Dice("a", 1).whole(0, 10**9) != Dice("a", 2).whole(0, 10**9)


def test_dice_fall_the_same_way_on_every_machine() -> None:
    assert Dice("anchor", 7).whole(0, 10**9) == 998_227_143


def test_dice_stay_within_their_bounds() -> None:
    dice = Dice("bounds")
    drawn = [dice.along((10, 20, 90)) for _ in range(2000)]

    assert min(drawn) >= 10
    assert max(drawn) < 90
    assert sum(value < 20 for value in drawn) == pytest.approx(1000, abs=100)


def test_weighted_dice_never_show_a_face_of_no_weight() -> None:
    dice = Dice("weights")
    drawn = {dice.weighted({"a": 1.0, "b": 0.0, "c": 3.0}) for _ in range(500)}

    assert drawn == {"a", "c"}
