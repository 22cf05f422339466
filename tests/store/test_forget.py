"""Who was forgotten is gone from every file, and no old export brings them back."""

from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxmap import tables
from cxmap.errors import BusyError
from cxmap.store import Store

LATER = timedelta(days=30)


def bring(
    store: Store, frames: dict[str, Any], number: int, at: Any, **rows: int
) -> Any:
    with store.write() as writer:
        load = writer.add(
            frames,
            source="desk",
            profile="p",
            file=f"{number}.csv",
            sha256=str(number),
            mapping="m",
            resolved={},
            loaded_at=at,
            rows=rows,
        )
        writer.commit()
    return load


def bury(store: Store, pseudonyms: list[str], at: Any) -> int:
    with store.write() as writer:
        removed = writer.bury(pseudonyms, at)
        writer.commit()
    return removed


def scan(path: Path, word: str) -> list[str]:
    """Files in which a word can be read, inside Parquet and in plain bytes."""
    found = []
    for file in path.rglob("*"):
        if file.suffix == ".parquet" and not file.name.startswith("people-"):
            texts = pl.read_parquet(file).select(pl.col(pl.String))
            if any(word in (cell or "") for row in texts.rows() for cell in row):
                found.append(file.name)
        if file.is_file() and file.suffix != ".parquet":
            found += [file.name] * (word.encode() in file.read_bytes())
    return found


def test_nothing_of_a_forgotten_person_is_left_in_any_file(
    store: Store, exports: ModuleType
) -> None:
    for number in (1, 2):
        bring(store, exports.frames(number, 3), number, exports.NOON, kept=3)
    with store.write() as writer:
        contacts = pl.DataFrame({"contact_id": ["digest 1-0"]})
        writer.put_derived("config", {"contacts": contacts})
        writer.commit()
    assert scan(store.path, "digest 1-0")

    assert bury(store, ["person 1-0"], exports.NOON + LATER) == 1
    assert scan(store.path, "digest 1-0") == []
    assert scan(store.path, "person 1-0") == []
    assert len(list(store.path.glob("manifest-*"))) == 1
    assert store.check(read_data=True) == []
    assert {load.file: load.rows for load in store.snapshot().loads} == {
        "1.csv": {"kept": 2, "forgotten": 1},
        "2.csv": {"kept": 3, "forgotten": 0},
    }


def test_an_old_export_does_not_bring_them_back(
    store: Store, exports: ModuleType
) -> None:
    bury(store, ["person 1-0", "person 1-2"], exports.NOON + LATER)
    for number in range(3):
        load = bring(
            store, exports.frames(1, 3), number, exports.NOON, records=3, kept=3
        )
        assert load.rows == {"records": 3, "kept": 1, "forgotten": 2}
    assert scan(store.path, "digest 1-0") == []
    assert scan(store.path, "digest 1-2") == []
    assert scan(store.path, "digest 1-1")


def test_a_file_that_was_loaded_stays_known_after_forgetting(
    store: Store, exports: ModuleType
) -> None:
    bring(store, exports.frames(1, 1), 1, exports.NOON)
    bury(store, ["person 1-0"], exports.NOON + LATER)
    with store.write() as writer:
        assert writer.known("1", "desk", "m")

    assert store.snapshot().records("contact_records").collect().is_empty()


@pytest.mark.parametrize(("hours", "stays"), [(-1, False), (0, False), (1, True)])
def test_what_happens_after_forgetting_is_a_new_acquaintance(
    store: Store, exports: ModuleType, hours: int, stays: bool
) -> None:
    seen = exports.NOON + timedelta(hours=1)
    bury(store, ["person 1-0"], seen - timedelta(hours=hours))
    bring(store, exports.frames(1, 1), 1, exports.NOON)

    held = store.snapshot().records("contact_records").collect()
    assert held.height == stays


def test_a_record_that_tells_no_time_is_taken_as_old(
    store: Store, exports: ModuleType
) -> None:
    frames = exports.frames(1, 1)
    untimed = pl.lit(None, tables.WHEN).alias("seen_at")
    frames["identifier_records"] = frames["identifier_records"].with_columns(untimed)
    bury(store, ["person 1-0"], exports.NOON)
    bring(store, frames, 1, exports.NOON)

    assert store.snapshot().records("contact_records").collect().is_empty()


def test_the_later_of_two_times_of_forgetting_holds(
    store: Store, exports: ModuleType
) -> None:
    bury(store, ["person 1-0"], exports.NOON + LATER)
    bury(store, ["person 1-0", "person 1-1"], exports.NOON)
    bring(store, exports.frames(1, 2), 1, exports.NOON)
    held = store.snapshot().records("contact_records").collect()

    assert held["record_key"].to_list() == ["1-1"]
    assert store.snapshot().tombstones().height == 2


def test_the_other_rows_of_a_forgotten_contact_go_with_it(
    store: Store, exports: ModuleType
) -> None:
    """Events and a second load tell of the contact without naming the person."""
    frames = exports.frames(1, 2)
    shared = {"source": ["desk"] * 2, "part": ["log"] * 2, "content": ["x", "y"]}
    events = pl.DataFrame(
        {
            **shared,
            "record_key": ["e0", "e1"],
            "source_contact_id": ["1-0", "1-1"],
            "event_type": ["queued", "queued"],
        }
    )
    references = pl.DataFrame(
        {
            **shared,
            "record_key": ["r0", "r1"],
            "source_contact_id": ["1-0", "1-1"],
            "kind": ["chain", "chain"],
        }
    )
    other = {
        "event_records": tables.conform(events, "event_records"),
        "reference_records": tables.conform(references, "reference_records"),
    }
    bring(store, frames, 1, exports.NOON)
    bring(store, other, 2, exports.NOON)

    assert bury(store, ["person 1-0"], exports.NOON + LATER) == 3
    snapshot = store.snapshot()
    for table in other:
        held = snapshot.records(table).collect()
        assert held["source_contact_id"].to_list() == ["1-1"]


def test_merged_identities_of_a_forgotten_person_go_too(
    store: Store, exports: ModuleType
) -> None:
    links = pl.DataFrame(
        {
            "source": ["desk"] * 3,
            "part": ["users"] * 3,
            "record_key": ["1", "2", "3"],
            "content": ["a", "b", "c"],
            "pseudonym": ["old", "other", "x"],
            "to_pseudonym": ["new", "old", "y"],
            "seen_at": [exports.NOON] * 3,
        }
    )
    frames = {"identity_link_records": tables.conform(links, "identity_link_records")}
    bring(store, frames, 1, exports.NOON)
    bury(store, ["old"], exports.NOON + LATER)
    held = store.snapshot().records("identity_link_records").collect()

    assert held["record_key"].to_list() == ["3"]


def test_a_reader_of_before_is_told_to_run_again(
    store: Store, exports: ModuleType
) -> None:
    bring(store, exports.frames(1, 2), 1, exports.NOON)
    before = store.snapshot()
    bury(store, ["person 1-0"], exports.NOON + LATER)

    with pytest.raises(BusyError, match="run again"):
        before.records("contact_records")


def test_forgetting_someone_unknown_removes_nothing_but_is_remembered(
    store: Store, exports: ModuleType
) -> None:
    bring(store, exports.frames(1, 2), 1, exports.NOON)
    digest = store.snapshot().content_digest()

    assert bury(store, ["person 9-9"], exports.NOON + LATER) == 0
    assert store.snapshot().content_digest() == digest
    assert store.snapshot().tombstones()["pseudonym"].to_list() == ["person 9-9"]


PEOPLE = ["ana", "bo", "cy"]


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(st.sampled_from(PEOPLE), st.integers(0, 4)), min_size=1, max_size=8
    ),
    st.dictionaries(st.sampled_from(PEOPLE), st.integers(0, 4)),
)
def test_forgetting_before_or_after_ingest_leaves_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    exports: ModuleType,
    seen: list[tuple[str, int]],
    forgotten: dict[str, int],
) -> None:
    frames = people(exports, seen)
    expected = sorted(
        str(row)
        for row, (person, hour) in enumerate(seen)
        if hour > forgotten.get(person, -1)
    )
    for forget_first in (True, False):
        store = Store.create(tmp_path_factory.mktemp("s") / "store", key_id="key")
        if not forget_first:
            bring(store, frames, 1, exports.NOON)
        for person, hour in forgotten.items():
            bury(store, [person], exports.NOON + timedelta(hours=hour))
        if forget_first:
            bring(store, frames, 1, exports.NOON)
        held = store.snapshot().records("contact_records").collect()
        assert sorted(held["record_key"]) == expected


def people(exports: ModuleType, seen: list[tuple[str, int]]) -> dict[str, Any]:
    keys = [str(row) for row in range(len(seen))]
    times = [exports.NOON + timedelta(hours=hour) for _, hour in seen]
    shared = {
        "source": ["desk"] * len(seen),
        "part": ["tickets"] * len(seen),
        "record_key": keys,
        "content": keys,
    }
    contacts = pl.DataFrame({**shared, "source_contact_id": keys, "started_at": times})
    identifiers = pl.DataFrame(
        {
            **shared,
            "owner": ["contact"] * len(seen),
            "owner_id": keys,
            "pseudonym": [person for person, _ in seen],
            "seen_at": times,
        }
    )
    return {
        "contact_records": tables.conform(contacts, "contact_records"),
        "identifier_records": tables.conform(identifiers, "identifier_records"),
    }
