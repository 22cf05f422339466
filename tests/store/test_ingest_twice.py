"""The same content counts once, and in whatever order it comes."""

from datetime import timedelta
from types import ModuleType
from typing import Any

import polars as pl
import pytest

from cxmap import tables
from cxmap.errors import StoreError
from cxmap.store import Load, Store


def bring(store: Store, exports: ModuleType, *numbers: int, **how: Any) -> None:
    with store.write() as writer:
        for number in numbers:
            exports.add(writer, number, **how)
        writer.commit()


def keys_held(store: Store) -> list[str]:
    snapshot = store.snapshot()
    return sorted(snapshot.records("contact_records").collect()["record_key"])


def test_what_was_added_is_read_back(store: Store, exports: ModuleType) -> None:
    bring(store, exports, 1)
    snapshot = store.snapshot()
    expected = exports.frames(1, 5)["contact_records"]
    held = snapshot.records("contact_records").collect()

    assert held.schema == tables.schema("contact_records")
    assert held.drop("load_id").equals(expected.drop("load_id"))
    assert held["load_id"].unique().to_list() == [snapshot.loads[0].load_id]


def test_tables_without_rows_are_read_as_empty(
    store: Store, exports: ModuleType
) -> None:
    bring(store, exports, 1)
    snapshot = store.snapshot()

    for table in tables.RECORD_TABLES:
        assert snapshot.records(table).collect_schema() == tables.schema(table)
    assert snapshot.records("survey_records").collect().is_empty()
    assert snapshot.tombstones().equals(tables.empty("tombstones"))
    assert snapshot.aliases().equals(tables.empty("aliases"))


def test_a_load_tells_what_it_was(store: Store, exports: ModuleType) -> None:
    bring(store, exports, 3)
    (load,) = store.snapshot().loads

    assert (load.source, load.file, load.sha256) == ("desk", "day-3.csv", f"{3:064}")
    assert load.rows == {"records": 5, "kept": 5, "forgotten": 0}
    assert load.since == load.until == exports.NOON + timedelta(hours=3)
    assert load.parts["contact_records"].rows == 5
    assert store.snapshot().mappings == {
        "m": {"profile": "generic_contacts", "version": "m"}
    }


def test_the_same_export_again_is_no_new_generation(
    store: Store, exports: ModuleType
) -> None:
    bring(store, exports, 1, 2)
    before, files = store.snapshot(), set(store.path.rglob("*"))
    bring(store, exports, 2, 1)

    assert store.snapshot() == before
    assert set(store.path.rglob("*")) == files


def test_a_known_load_is_told_and_another_is_not(
    store: Store, exports: ModuleType
) -> None:
    bring(store, exports, 1)
    with store.write() as writer:
        assert isinstance(writer.known(f"{1:064}", "desk", "m"), Load)
        assert writer.known(f"{2:064}", "desk", "m") is None
        assert writer.known(f"{1:064}", "calls", "m") is None
        assert writer.known(f"{1:064}", "desk", "other") is None


def test_a_corrected_mapping_replaces_the_records_of_its_file_alone(
    store: Store, exports: ModuleType
) -> None:
    bring(store, exports, 1, 2)
    with store.write() as writer:
        assert [one.mapping for one in writer.replaced(f"{1:064}", "desk")] == ["m"]
        assert writer.replaced(f"{1:064}", "calls") == []
        exports.add(writer, 1, 3, mapping="better")
        writer.commit()

    assert keys_held(store) == sorted(
        [f"1-{row}" for row in range(3)] + [f"2-{row}" for row in range(5)]
    )
    assert set(store.snapshot().mappings) == {"m", "better"}


def test_what_is_not_committed_is_not_there(store: Store, exports: ModuleType) -> None:
    with store.write() as writer:
        exports.add(writer, 1)

    assert keys_held(store) == []
    assert list((store.path / "parts").iterdir()) == []


def test_an_error_in_the_block_leaves_the_store_as_it_was(
    store: Store, exports: ModuleType
) -> None:
    bring(store, exports, 1)
    with pytest.raises(RuntimeError), store.write() as writer:
        exports.add(writer, 2)
        raise RuntimeError

    assert keys_held(store) == [f"1-{row}" for row in range(5)]
    assert store.check(read_data=True) == []


def test_only_record_tables_are_loads(store: Store, exports: ModuleType) -> None:
    with store.write() as writer, pytest.raises(StoreError, match="no table"):
        writer.add(
            {"contacts": tables.empty("contacts")},
            source="desk",
            profile="p",
            file="f",
            sha256="0",
            mapping="m",
            resolved={},
            loaded_at=exports.NOON,
            rows={},
        )


def test_the_folder_of_a_file_is_not_kept(store: Store, exports: ModuleType) -> None:
    with store.write() as writer:
        load = writer.add(
            exports.frames(1, 1),
            source="desk",
            profile="p",
            file="/home/ana/private/day.csv",
            sha256="0",
            mapping="m",
            resolved={},
            loaded_at=exports.NOON,
            rows={},
        )

    assert load.file == "day.csv"


def test_tables_can_be_derived_from_what_is_about_to_be_committed(
    store: Store, exports: ModuleType
) -> None:
    with store.write() as writer:
        exports.add(writer, 1)
        records = writer.pending().records("contact_records").collect()
        contacts = records.select(contact_id="record_key")
        writer.put_derived("config", {"contacts": contacts})
        committed = writer.commit()
    derived = store.snapshot().derived("contacts", "config")

    assert committed == store.snapshot()
    assert derived is not None
    assert derived.schema == tables.schema("contacts")
    assert sorted(derived["contact_id"]) == sorted(records["record_key"])


def test_derived_tables_are_told_apart_by_config_and_empty_is_not_absent(
    store: Store, exports: ModuleType
) -> None:
    bring(store, exports, 1)
    with store.write() as writer:
        writer.put_derived("config", {"points": tables.empty("points")})
        writer.commit()
    snapshot = store.snapshot()
    points = snapshot.derived("points", "config")

    assert points is not None
    assert points.is_empty()
    assert snapshot.derived("points", "another") is None
    assert snapshot.derived("journeys", "config") is None


def test_a_change_of_records_ends_what_was_derived_from_them(
    store: Store, exports: ModuleType
) -> None:
    with store.write() as writer:
        exports.add(writer, 1)
        writer.put_derived("config", {"points": tables.empty("points")})
        writer.commit()
        exports.add(writer, 2)
        writer.commit()

    assert store.snapshot().derived("points", "config") is None
    assert store.snapshot().manifest.derived == ()


def test_a_damaged_derived_table_is_computed_again(
    store: Store, exports: ModuleType
) -> None:
    with store.write() as writer:
        exports.add(writer, 1)
        writer.put_derived("config", {"points": tables.empty("points")})
        writer.commit()
    (part,) = (store.path / "derived").iterdir()
    part.write_bytes(b"PAR1 nonsense PAR1")

    assert store.snapshot().derived("points", "config") is None


def test_aliases_are_kept_once_with_the_generation_that_brought_them(
    store: Store,
) -> None:
    aliases = pl.DataFrame({"kind": ["customer"], "old_id": ["a"], "new_id": ["b"]})
    with store.write() as writer:
        writer.alias(aliases)
        first = writer.commit()
        writer.alias(aliases)
        second = writer.commit()

    assert second == first
    assert first.aliases().rows() == [("customer", "a", "b", first.generation)]


def test_old_generations_go_after_their_grace(
    store: Store, exports: ModuleType
) -> None:
    for number in range(6):
        bring(store, exports, number)
    manifests = sorted(path.name for path in store.path.glob("manifest-*"))

    assert manifests == [f"manifest-{number:010}.json" for number in (4, 5, 6)]
    assert list(store.path.rglob("*.tmp")) == []
    assert store.check(read_data=True) == []


def test_a_snapshot_stays_as_it_was_within_the_grace(
    store: Store, exports: ModuleType
) -> None:
    bring(store, exports, 1)
    before = store.snapshot()
    with store.write() as writer:
        exports.add(writer, 1, 2, mapping="better")
        writer.commit()
        exports.add(writer, 2)
        writer.commit()

    assert before.records("contact_records").collect().height == 5


def test_info_counts_what_is_held(store: Store, exports: ModuleType) -> None:
    assert store.info()["rows"] == {}
    assert store.info()["oldest"] is None
    bring(store, exports, 1, 2)
    info = store.info()

    assert info["rows"] == {"contact_records": 10, "identifier_records": 10}
    assert (info["loads"], info["generation"], info["key_id"]) == (2, 1, "key")
    assert info["oldest"] == exports.NOON + timedelta(hours=1)
    assert info["newest"] == exports.NOON + timedelta(hours=2)
    assert info["bytes"] == sum(
        path.stat().st_size for path in (store.path / "parts").iterdir()
    )


def test_a_snapshot_knows_its_loads_without_the_lock(
    store: Store, exports: ModuleType
) -> None:
    bring(store, exports, 1)
    with store.write():
        assert store.snapshot().known(f"{1:064}", "desk", "m")
        assert store.snapshot().known(f"{2:064}", "desk", "m") is None
