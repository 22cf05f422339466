"""A store that was never used can be taken away; no other."""

from datetime import UTC, datetime
from types import ModuleType

import pytest

from cxmap.errors import BusyError
from cxmap.store import Store


def test_a_store_without_loads_goes(store: Store) -> None:
    with store.write() as writer:
        writer.put_derived("config", {})
        writer.commit()

    assert store.discard_unused()
    assert not store.path.exists()


def test_a_store_with_a_load_stays(store: Store, exports: ModuleType) -> None:
    with store.write() as writer:
        exports.add(writer, 1)
        writer.commit()
    before = store.snapshot()

    assert not store.discard_unused()
    assert store.snapshot() == before


def test_a_store_that_forgot_somebody_stays(store: Store) -> None:
    with store.write() as writer:
        writer.bury(["somebody"], datetime(2026, 1, 1, tzinfo=UTC))
        writer.commit()

    assert not store.discard_unused()
    assert Store.exists(store.path)


def test_a_store_that_another_run_holds_stays(store: Store) -> None:
    with store.write(), pytest.raises(BusyError):
        store.discard_unused()

    assert Store.exists(store.path)
