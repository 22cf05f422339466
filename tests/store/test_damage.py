"""What is damaged is found and named, and nothing older is taken for it."""

import random
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

from cxmap import tables
from cxmap.errors import StoreError, VersionError
from cxmap.store import Store
from cxmap.store.manifest import Manifest, _sealed, write_manifest

SEED = 7


@pytest.fixture
def filled(store: Store, exports: ModuleType) -> Store:
    with store.write() as writer:
        exports.add(writer, 1)
        writer.commit()
    with store.write() as writer:
        exports.add(writer, 2)
        writer.alias(pl.DataFrame({"kind": ["journey"], "old_id": ["a"]}))
        writer.put_derived("config", {"points": tables.empty("points")})
        writer.commit()
    return store


def files(store: Store) -> list[Path]:
    return sorted(path for path in store.path.rglob("*") if path.stat().st_size)


def plant(store: Store, name: str, text: bytes) -> None:
    (store.path / name).write_bytes(text)
    (store.path / name).chmod(0o600)


def found_by_check(store: Store) -> list[str]:
    return [finding.file for finding in Store(store.path).check(read_data=True)]


def test_a_sound_store_has_no_findings(filled: Store) -> None:
    assert filled.check(read_data=False) == []
    assert filled.check(read_data=True) == []


def test_one_flipped_bit_in_any_file_is_found_and_named(filled: Store) -> None:
    chance = random.Random(SEED)  # noqa: S311
    paths = [path for path in files(filled) if path.is_file()]
    assert len(paths) > 6
    for path in paths:
        whole = path.read_bytes()
        for _ in range(12):
            place, bit = chance.randrange(len(whole)), chance.randrange(8)
            torn = bytearray(whole)
            torn[place] ^= 1 << bit
            path.write_bytes(torn)
            name = path.relative_to(filled.path).as_posix()
            assert found_by_check(filled) == [name], f"byte {place} bit {bit}"
        path.write_bytes(whole)
    assert found_by_check(filled) == []


def test_a_flipped_bit_is_not_seen_without_reading_but_a_lost_byte_is(
    filled: Store,
) -> None:
    part = next(path for path in files(filled) if path.suffix == ".parquet")
    whole = part.read_bytes()
    part.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
    assert filled.check(read_data=False) == []
    part.write_bytes(whole[:-1])
    assert len(filled.check(read_data=False)) == 1


def test_a_missing_part_is_found_and_told_when_read(filled: Store) -> None:
    for part in (filled.path / "parts").glob("*contact_records*"):
        part.unlink()

    assert len(filled.check(read_data=False)) == 2
    with pytest.raises(StoreError, match="2 of its files are missing"):
        filled.snapshot().records("contact_records")


def test_a_damaged_part_is_told_without_a_word_of_its_data(filled: Store) -> None:
    for part in (filled.path / "parts").glob("*contact_records*"):
        part.write_bytes(b"ana@example.test")
    snapshot = filled.snapshot()

    with pytest.raises(StoreError, match="check the store") as refusal:
        snapshot.collect(snapshot.records("contact_records"))
    assert "ana" not in str(refusal.value)


@pytest.mark.parametrize("cut", [0, 1, 50, -1])
def test_a_damaged_newest_manifest_is_refused_by_all_and_named(
    filled: Store, exports: ModuleType, cut: int
) -> None:
    path = filled.path / "manifest-0000000002.json"
    path.write_bytes(path.read_bytes()[:cut])
    before = files(filled)

    for attempt in (
        lambda: Store.open(filled.path),
        filled.snapshot,
        filled.info,
        lambda: filled.write().__enter__(),
        lambda: Store.create(filled.path, key_id="key"),
    ):
        with pytest.raises(StoreError, match=rf"{path.name}: damaged.*store check"):
            attempt()
    assert files(filled) == before
    assert found_by_check(filled) == [path.name]


def test_removing_a_damaged_manifest_goes_back_one_generation(
    filled: Store, exports: ModuleType
) -> None:
    path = filled.path / "manifest-0000000002.json"
    path.write_bytes(b"{")
    with pytest.raises(StoreError, match="back to generation 1, which holds 1 load"):
        filled.snapshot()
    path.unlink()

    assert filled.snapshot().generation == 1
    with filled.write() as writer:
        exports.add(writer, 3)
        assert writer.commit().generation == 2
    assert len(filled.snapshot().loads) == 2
    assert found_by_check(filled) == []


def test_the_way_back_is_the_newest_sound_generation(filled: Store) -> None:
    for generation in (1, 2):
        (filled.path / f"manifest-000000000{generation}.json").write_bytes(b"")

    with pytest.raises(StoreError, match="back to generation 0, which holds 0 load"):
        filled.snapshot()


def test_parts_of_a_damaged_manifest_are_kept_while_it_may_be_restored(
    filled: Store, exports: ModuleType
) -> None:
    path = filled.path / "manifest-0000000001.json"
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    parts = set((filled.path / "parts").iterdir())
    parts.add(filled.path / "parts" / "of-the-damaged-one.parquet")
    plant(filled, "parts/of-the-damaged-one.parquet", b"perhaps its only trace")
    with filled.write():
        pass
    with filled.write() as writer:
        exports.add(writer, 3)
        writer.commit()

    assert parts < set((filled.path / "parts").iterdir())
    for number in (4, 5, 6):
        with filled.write() as writer:
            exports.add(writer, number)
            writer.commit()
    assert found_by_check(filled) == []
    assert not parts <= set((filled.path / "parts").iterdir())


def test_a_store_without_a_sound_manifest_is_damaged_not_empty(filled: Store) -> None:
    for path in filled.path.glob("manifest-*"):
        path.write_bytes(path.read_bytes()[:-3])

    assert Store.exists(filled.path)
    with pytest.raises(StoreError, match="no other generation is sound"):
        Store.open(filled.path)
    with pytest.raises(StoreError, match="no other generation is sound"):
        Store.create(filled.path, key_id="key")


def test_a_store_that_lost_its_manifests_is_not_made_anew(filled: Store) -> None:
    for path in filled.path.glob("manifest-*"):
        path.unlink()

    with pytest.raises(StoreError, match="holds no store"):
        Store.open(filled.path)
    with pytest.raises(StoreError, match="holds parts"):
        Store.create(filled.path, key_id="key")


def test_a_manifest_under_another_number_does_not_count(filled: Store) -> None:
    sound = filled.path / "manifest-0000000001.json"
    plant(filled, "manifest-0000000009.json", sound.read_bytes())

    with pytest.raises(StoreError, match=r"manifest-0000000009\.json: damaged"):
        filled.snapshot()
    assert found_by_check(filled) == ["manifest-0000000009.json"]


@pytest.mark.parametrize(
    "text",
    [
        b"null",
        b"[]",
        b"{}",
        b'{"manifest":null}',
        b'{"manifest":{"format":"x"}}',
        b"[" * 100_000,
        b"\xff\xfe",
        _sealed(b"{}"),
        _sealed(b'{"format":"x"}'),
        _sealed(b"[" * 100_000),
        _sealed(b'{"format":2,"generation":3}'),
    ],
)
def test_no_text_is_taken_for_a_manifest(filled: Store, text: bytes) -> None:
    plant(filled, "manifest-0000000003.json", text)

    with pytest.raises(StoreError, match=r"manifest-0000000003\.json: damaged"):
        filled.snapshot()
    assert found_by_check(filled) == ["manifest-0000000003.json"]


def test_a_newer_format_that_looks_quite_different_is_still_told(
    filled: Store,
) -> None:
    plant(filled, "manifest-0000000003.json", _sealed(b'{"format":3,"new":[]}'))

    with pytest.raises(VersionError, match="format 3"):
        Store.open(filled.path)


def test_a_store_of_a_newer_format_is_refused_for_reading_and_writing(
    filled: Store,
) -> None:
    write_manifest(filled.path, Manifest(generation=7, key_id="key", format=3))
    before = files(filled)

    for attempt in (
        lambda: Store.open(filled.path),
        filled.snapshot,
        filled.info,
        lambda: Store.create(filled.path, key_id="key"),
        lambda: filled.write().__enter__(),
    ):
        with pytest.raises(VersionError, match="format 3, this cxmap reads 2"):
            attempt()
    assert files(filled) == before


def test_a_store_of_an_older_format_is_refused_for_reading_and_writing(
    filled: Store,
) -> None:
    write_manifest(filled.path, Manifest(generation=7, key_id="key", format=1))
    before = files(filled)

    for attempt in (
        lambda: Store.open(filled.path),
        filled.snapshot,
        lambda: Store.create(filled.path, key_id="key"),
        lambda: filled.write().__enter__(),
    ):
        with pytest.raises(VersionError, match=r"format 1, .* the exports again"):
            attempt()
    assert files(filled) == before


def test_rows_of_parts_from_before_a_column_existed_are_read_with_nulls(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = filled.snapshot()
    columns = dict(tables.RECORD_TABLES["contact_records"])
    columns.pop("priority")
    columns["mood"] = (tables.TEXT, "A column of tomorrow.")
    monkeypatch.setattr(tables, "TABLES", {**tables.TABLES, "contact_records": columns})
    monkeypatch.setattr(tables, "schema", tables.schema.__wrapped__)
    rows = older.records("contact_records").collect()

    assert rows.height == 10
    assert rows["mood"].null_count() == 10
    assert "priority" not in rows.columns
    assert rows["record_key"].null_count() == 0
