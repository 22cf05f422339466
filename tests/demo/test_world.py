"""A world is the same for the same words, and refuses words that make none."""

import gzip
from datetime import date
from pathlib import Path

import pytest

from cxmap.demo.world import World, write_world
from cxmap.errors import StoreError, UsageError

SAMPLE = Path(__file__).parents[2] / "sample_data"


def content(path: Path) -> bytes:
    """What the file says; compressors differ between machines, content does not."""
    packed = path.read_bytes()

    return gzip.decompress(packed) if path.suffix == ".gz" else packed


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): content(path)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_sample_data_are_the_default_world(world: World) -> None:
    assert contents(SAMPLE) == contents(world.folder)


def test_the_same_words_give_the_same_bytes(tmp_path: Path) -> None:
    write_world(tmp_path / "one", seed=3, people=30, months=2)
    write_world(tmp_path / "two", seed=3, people=30, months=2)

    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_another_seed_gives_another_world(tmp_path: Path) -> None:
    one = write_world(tmp_path / "one", seed=3, people=30)
    two = write_world(tmp_path / "two", seed=4, people=30)

    assert one.reality.people != two.reality.people


def test_one_more_person_changes_nobody_else(tmp_path: Path) -> None:
    few = write_world(tmp_path / "few", people=20, difficulty="easy").reality
    more = write_world(tmp_path / "more", people=21, difficulty="easy").reality
    before = {need.need_id: need.plot for need in few.needs}
    after = {need.need_id: need.plot for need in more.needs}

    assert before.items() <= after.items()


def test_it_writes_every_file_it_names_and_no_other(world: World) -> None:
    there = {path for path in world.folder.rglob("*") if path.is_file()}

    assert there == set(world.files)
    assert world.config in there


def test_it_leaves_other_files_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    write_world(tmp_path, people=1, months=1)

    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_the_sample_data_stay_small(world: World) -> None:
    assert sum(path.stat().st_size for path in world.files) < 8_000_000


def test_its_now_is_the_local_midnight_after_the_last_day(tmp_path: Path) -> None:
    world = write_world(tmp_path, people=1, since=date(2025, 11, 1), months=3)

    assert world.now.isoformat() == "2026-01-31T23:00:00+00:00"


@pytest.mark.parametrize("level", ["", "Middle", "impossible"])
def test_an_unknown_difficulty_is_refused(tmp_path: Path, level: str) -> None:
    with pytest.raises(UsageError, match="one of easy, middle, hard"):
        write_world(tmp_path, difficulty=level)

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [{"people": 0}, {"months": 0}, {"people": -1}])
def test_a_world_of_nobody_or_no_time_is_refused(
    tmp_path: Path, words: dict[str, int]
) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        write_world(tmp_path, **words)


def test_a_folder_that_is_a_file_is_a_disk_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    with pytest.raises(StoreError, match="cannot be written"):
        write_world(tmp_path / "taken", people=1)
