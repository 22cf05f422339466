"""One file's trouble is its own: it is refused, told once, and the others load."""

import gzip
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxmap.config import Config, load_config
from cxmap.importreport import ImportReport, Lost
from cxmap.intake.choosing import choose
from cxmap.intake.loading import Intake, ingest
from cxmap.keys import Key
from cxmap.store import Store

NOW = datetime(2026, 4, 1, tzinfo=UTC)
HEAD = "source_contact_id,channel,started_at,disposition,resolved\n"
KEY = Key(bytes(32))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.csv"
    rows = [f"{n},voice,2026-03-{n:02}T10:00:00Z,handled,yes\n" for n in range(1, 6)]
    path.write_text(HEAD + "".join(rows))
    return path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "store", key_id=KEY.key_id)


@pytest.fixture
def config() -> Config:
    return load_config(None)


def taken(store: Store, config: Config, paths: Sequence[Path]) -> ImportReport:
    chosen, _ = choose(config, [str(path) for path in paths])
    return ingest(store, KEY, config, Intake(tuple(chosen)), now=NOW).report


BAD = {
    "empty.csv": b"",
    "blank.csv": b"\n\n\n",
    "wide.csv": (",".join(f"c{n}" for n in range(600)) + "\n").encode(),
    "deep.json": b"[" * 100_000,
    "nested.json": b'{"a":' * 100_000,
    "book.xlsx": b"PK\x03\x04rest",
    "packed.csv.gz": b"\x1f\x8b\x08\x00broken",
    "cut.csv.gz": gzip.compress(HEAD.encode() * 99)[:-9],
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_and_the_others_load(
    store: Store, config: Config, good: Path, name: str
) -> None:
    bad = good.with_name(name)
    bad.write_bytes(BAD[name])
    files = taken(store, config, [bad, good]).files

    assert [one.state for one in files] == ["refused", "loaded"]
    assert [load.file for load in store.snapshot().loads] == [good.name]
    assert files[0].notes
    assert not any(name in note for note in files[0].notes)


def test_the_gzip_of_a_file_that_is_held_is_held(
    store: Store, config: Config, good: Path
) -> None:
    packed = good.with_name("packed.csv.gz")
    packed.write_bytes(gzip.compress(good.read_bytes()))
    first = taken(store, config, [packed]).files
    again = taken(store, config, [good, packed]).files

    assert [one.state for one in (*first, *again)] == ["loaded", "known", "known"]
    assert len(store.snapshot().loads) == 1


def rejected(good: Path, bad: int, sound: int) -> Path:
    rows = [f"a{n},voice,never,handled,yes\n" for n in range(bad)]
    rows += [f"b{n},voice,2026-03-01T10:00:00Z,handled,yes\n" for n in range(sound)]
    path = good.with_name("rejected.csv")
    path.write_text(HEAD + "".join(rows))
    return path


def test_of_a_refused_file_nothing_is_kept_and_every_row_is_told(
    store: Store, config: Config, good: Path
) -> None:
    (file,) = taken(store, config, [rejected(good, 34, 366)]).files

    assert (file.state, file.kept) == ("refused", 0)
    assert (file.records, file.rejected, file.refused) == (400, 34, 366)
    assert file.balanced
    assert file.lost == (Lost("started_at", "bad_time", 34, 0),)


def test_a_file_of_rejects_alone_is_loaded_in_vain(
    store: Store, config: Config, good: Path
) -> None:
    (file,) = taken(store, config, [rejected(good, 7, 0)]).files

    assert file.state == "loaded"
    assert file.in_vain


def test_rows_and_cells_are_told_apart_by_column(
    store: Store, config: Config, good: Path
) -> None:
    text = good.read_text().replace("yes", "perhaps", 2)
    good.write_text(text.replace("2026-03-05T10:00:00Z", "never"))
    (file,) = taken(store, config, [good]).files

    assert file.lost == (
        Lost("resolved", "bad_flag", 0, 2),
        Lost("started_at", "bad_time", 1, 0),
    )
    assert (file.rejected, file.cell_rejects, file.in_vain) == (1, 2, False)


def test_what_the_days_bear_is_said_of_all_that_is_held(
    store: Store, config: Config, good: Path
) -> None:
    first = taken(store, config, [good])
    again = taken(store, config, [good])

    assert first.can_bear[0].startswith("4 days held: ")
    assert again.can_bear == first.can_bear
    assert again.sources == first.sources


def test_where_nothing_is_held_nothing_is_said_of_it(
    store: Store, config: Config, good: Path
) -> None:
    good.write_text("")
    report = taken(store, config, [good])

    assert (report.sources, report.can_bear, report.lacking) == ((), (), ())
