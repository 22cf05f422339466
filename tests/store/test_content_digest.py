"""Equal content has an equal digest, in whatever files and order it came."""

import tempfile
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxmap import tables
from cxmap.store import Store, Writer

ROWS = st.tuples(
    st.sampled_from(["1", "2", "3"]),
    st.none() | st.integers(0, 2),
    st.sampled_from(["a", "b"]),
)


def records(exports: ModuleType, rows: list[tuple[str, int | None, str]]) -> Any:
    contacts = pl.DataFrame(
        {
            "source": ["desk"] * len(rows),
            "part": ["tickets"] * len(rows),
            "record_key": [key for key, _, _ in rows],
            "version_at": [
                None if at is None else exports.NOON + timedelta(hours=at)
                for _, at, _ in rows
            ],
            "content": [content for _, _, content in rows],
            "row": range(len(rows)),
        },
        schema_overrides={"version_at": tables.WHEN},
    )
    return {"contact_records": tables.conform(contacts, "contact_records")}


def put(writer: Writer, exports: ModuleType, number: int, rows: Any) -> None:
    writer.add(
        records(exports, rows),
        source="desk",
        profile="p",
        file=f"{number}.csv",
        sha256=str(number),
        mapping="m",
        resolved={},
        loaded_at=exports.NOON,
        rows={},
    )


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(ROWS, min_size=1, max_size=8),
    st.lists(st.integers(0, 2), min_size=8, max_size=8),
    st.permutations([0, 1, 2]),
)
def test_the_digest_of_the_content_knows_no_files_overlaps_or_order(
    exports: ModuleType,
    rows: list[tuple[str, int | None, str]],
    cut: list[int],
    order: list[int],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole = Store.create(Path(folder) / "whole", key_id="key")
        with whole.write() as writer:
            put(writer, exports, 0, rows)
            writer.commit()
        pieces = Store.create(Path(folder) / "pieces", key_id="key")
        for number in order:
            taken = [row for row, at in zip(rows, cut, strict=False) if at == number]
            overlap = rows[: len(rows) // 2] if number == 1 else []
            with pieces.write() as writer:
                put(writer, exports, number + 1, [*overlap, *taken])
                writer.commit()
        more = [("4", 1, "a")]
        with pieces.write() as writer:
            equal = pieces.snapshot().content_digest()
            put(writer, exports, 9, more)
            writer.commit()

        assert whole.snapshot().content_digest() == equal
        assert pieces.snapshot().content_digest() != equal


def test_the_digest_changes_with_the_latest_version_only(
    store: Store, exports: ModuleType
) -> None:
    with store.write() as writer:
        put(writer, exports, 1, [("1", 1, "a")])
        first = writer.commit().content_digest()
        put(writer, exports, 2, [("1", 0, "z")])
        older_too = writer.commit().content_digest()
        put(writer, exports, 3, [("1", 2, "b")])
        newer_too = writer.commit().content_digest()

    assert first == older_too
    assert newer_too != first


def test_a_null_and_an_empty_text_are_not_the_same_content(
    store: Store, exports: ModuleType
) -> None:
    digests = set()
    for number, at in enumerate([None, 0]):
        with store.write() as writer:
            put(writer, exports, number, [("1", at, "a")])
            digests.add(writer.pending().content_digest())

    assert len(digests) == 2


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2)])
def test_the_order_of_ingest_leaves_no_trace_in_the_rows(
    tmp_path: Path, exports: ModuleType, order: tuple[int, ...]
) -> None:
    stores = []
    for name, numbers in (("sorted", (1, 2, 3)), ("other", order)):
        made = Store.create(tmp_path / name, key_id="key")
        for number in numbers:
            with made.write() as writer:
                exports.add(writer, number)
                writer.commit()
        stores.append(made.snapshot().records("contact_records").collect())

    assert stores[0].equals(stores[1])
