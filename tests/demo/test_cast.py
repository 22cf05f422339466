"""What was counted by hand holds in the drawn truth, under every seed and level."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from cxmap.demo.cast import cast
from cxmap.demo.casting import Member
from cxmap.demo.difficulty import LEVELS
from cxmap.demo.world import SINCE, World, write_world

MEMBERS = {member.person.name: member for member in cast(SINCE)}

by_name = pytest.mark.parametrize("member", MEMBERS.values(), ids=list(MEMBERS))


@by_name
def test_the_frictions_counted_by_hand_are_in_the_truth(
    member: Member, truth: dict[str, list[dict[str, str]]]
) -> None:
    mine = {need.need_id for need in member.needs}
    found = Counter(
        row["friction"] for row in truth["frictions"] if row["need_id"] in mine
    )

    assert found == member.frictions


@by_name
def test_the_rungs_counted_by_hand_are_in_the_truth(
    member: Member, truth: dict[str, list[dict[str, str]]]
) -> None:
    rungs = {row["need_id"]: row["ladder"] for row in truth["needs"]}

    assert tuple(rungs[need.need_id] for need in member.needs) == member.ladder


@by_name
def test_the_readme_shows_every_contact_of_the_cast(
    member: Member, world: World
) -> None:
    page = (world.folder / "README.md").read_text("utf-8")
    portrait = page.split(f"### {member.person.name}\n")[1].split("\n### ")[0]

    for need in member.needs:
        for contact in need.contacts:
            assert f"{contact.source}:{contact.number} |" in portrait


@pytest.mark.parametrize("level", LEVELS)
def test_seed_and_level_leave_the_cast_as_it_is(level: str, tmp_path: Path) -> None:
    reality = write_world(tmp_path, seed=99, people=5, difficulty=level).reality
    played = {need.need_id: need for need in reality.needs}

    for member in MEMBERS.values():
        for need in member.needs:
            drawn = [contact.number for contact in played[need.need_id].contacts]
            assert drawn == [contact.number for contact in need.contacts]


def test_a_story_that_would_outlast_the_world_is_not_told(tmp_path: Path) -> None:
    reality = write_world(tmp_path, people=1, months=3).reality
    names = {person.name for person in reality.people}

    assert "Ana Brandt" in names
    assert "Nico Voss" not in names


def test_the_cast_shares_nothing_but_the_line_of_the_couple() -> None:
    lines = Counter(member.person.landline for member in MEMBERS.values())
    cards = Counter(member.person.card for member in MEMBERS.values())

    assert lines[MEMBERS["Ben Adler"].person.landline] == 2
    assert set(cards.values()) == {1}


def test_no_number_of_the_cast_is_given_to_anybody_else(
    truth: dict[str, list[dict[str, str]]],
) -> None:
    numbers = Counter(
        (row["source"], row["source_contact_id"]) for row in truth["contacts"]
    )

    assert set(numbers.values()) == {1}


def test_the_days_of_the_cast_count_from_the_first_day() -> None:
    moved = {member.person.name: member for member in cast(date(2026, 2, 1))}
    ana = moved["Ana Brandt"].needs[0].contacts[0]
    before = MEMBERS["Ana Brandt"].needs[0].contacts[0]

    assert (ana.started_at.date() - before.started_at.date()).days == 31
