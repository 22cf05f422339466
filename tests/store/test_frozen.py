"""Published cards: kept whole, once, and whatever becomes of the records."""

from pathlib import Path

import pytest

from cxmap.errors import BusyError, StoreError
from cxmap.store import Store
from cxmap.store.frozen import FROZEN

CARD = {"figure": 0.616, "name": "請求"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "store", key_id="k")


def test_a_card_comes_back_as_it_was_kept(store: Store) -> None:
    assert store.frozen() == {}
    assert store.freeze("2026-05_person", CARD, again=False)
    assert Store.open(store.path).frozen() == {"2026-05_person": CARD}
    assert store.check(read_data=True) == []


def test_a_card_is_replaced_only_where_that_is_asked_for(store: Store) -> None:
    store.freeze("a", CARD, again=False)

    assert not store.freeze("a", {"figure": 1}, again=False)
    assert store.frozen()["a"] == CARD
    assert store.freeze("a", {"figure": 1}, again=True)
    assert store.frozen()["a"] == {"figure": 1}


def test_writers_and_sweeps_leave_cards_alone(store: Store) -> None:
    store.freeze("a", CARD, again=False)
    for _ in range(5):
        with store.write() as writer:
            writer.sweep()

    assert store.frozen() == {"a": CARD}


def test_a_store_with_a_card_is_not_unused(store: Store) -> None:
    store.freeze("a", CARD, again=False)

    assert not store.discard_unused()
    assert store.frozen() == {"a": CARD}


def test_nobody_freezes_while_another_run_writes(store: Store) -> None:
    with store.write(), pytest.raises(BusyError):
        store.freeze("a", CARD, again=False)
    assert store.frozen() == {}


@pytest.mark.parametrize("place", [0, 40, 90, -1])
def test_a_single_changed_byte_is_found(place: int, store: Store) -> None:
    store.freeze("a", CARD, again=False)
    path = store.path / FROZEN / "a.json"
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)

    assert [one.file for one in store.check(read_data=False)] == ["frozen/a.json"]
    with pytest.raises(StoreError, match="damaged card"):
        store.frozen()


@pytest.mark.parametrize("content", [b"", b"{}", b'{"digest":"'])
def test_a_torn_card_is_found(content: bytes, store: Store) -> None:
    store.freeze("a", CARD, again=False)
    (store.path / FROZEN / "a.json").write_bytes(content)

    assert [one.problem for one in store.check(read_data=False)] == ["damaged card"]


def test_a_card_open_to_others_is_found(store: Store) -> None:
    store.freeze("a", CARD, again=False)
    (store.path / FROZEN / "a.json").chmod(0o644)

    assert [one.file for one in store.check(read_data=False)] == ["frozen/a.json"]


def test_what_a_crash_left_is_no_card_and_goes_with_the_next(store: Store) -> None:
    store.freeze("a", CARD, again=False)
    left = store.path / FROZEN / "0123.tmp"
    left.write_bytes(b"half")
    left.chmod(0o600)

    assert store.check(read_data=True) == []
    assert store.frozen() == {"a": CARD}
    store.freeze("b", CARD, again=False)
    assert not left.exists()
