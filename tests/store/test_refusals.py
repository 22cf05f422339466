"""What the store refuses: other keys, other users, other people's folders."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cxmap.errors import Exit, KeyMismatchError, StoreError
from cxmap.store import Store

NOBODY = 65534


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that every user can reach, as pytest's own cannot be."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def modes(path: Path) -> set[tuple[bool, int]]:
    return {
        (each.is_dir(), stat.S_IMODE(each.stat().st_mode))
        for each in (path, *path.rglob("*"))
    }


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_nobody_else_can_read_the_store_whatever_the_umask(
    tmp_path: Path, exports: ModuleType, umask: int
) -> None:
    previous = os.umask(umask)
    try:
        (tmp_path / "store").mkdir()
        store = Store.create(tmp_path / "store", key_id="key")
        with store.write() as writer:
            exports.add(writer, 1)
            writer.put_derived("config", {})
            writer.commit()
    finally:
        os.umask(previous)

    assert modes(store.path) == {(True, 0o700), (False, 0o600)}


def test_a_file_that_was_opened_to_others_is_found(
    store: Store, exports: ModuleType
) -> None:
    with store.write() as writer:
        exports.add(writer, 1)
        writer.commit()
    part = next((store.path / "parts").iterdir())
    part.chmod(0o644)
    store.path.chmod(0o750)

    assert [finding.file for finding in store.check(read_data=False)] == [
        ".",
        f"parts/{part.name}",
    ]


def test_another_key_is_refused_and_its_own_is_not(store: Store) -> None:
    store.require_key("key")
    with pytest.raises(KeyMismatchError, match="name a new store"):
        store.require_key("other")
    with pytest.raises(KeyMismatchError, match="made with key key, not with other"):
        Store.create(store.path, key_id="other")


def test_creating_a_store_that_is_there_changes_nothing(
    store: Store, exports: ModuleType
) -> None:
    with store.write() as writer:
        exports.add(writer, 1)
        snapshot = writer.commit()

    assert Store.create(store.path, key_id="key").snapshot() == snapshot


def test_there_is_no_store_where_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    assert not Store.exists(tmp_path)
    assert not Store.exists(tmp_path / "none")
    assert not Store.exists(tmp_path / "file")
    with pytest.raises(StoreError, match="holds no store"):
        Store.open(tmp_path)
    with pytest.raises(StoreError, match="No such file"):
        Store.open(tmp_path / "none")


def test_a_folder_with_other_things_in_it_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_text("picture")
    with pytest.raises(StoreError, match="holds other files"):
        Store.create(tmp_path, key_id="key")
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("text")
    with pytest.raises(StoreError, match="File exists"):
        Store.create(tmp_path / "store", key_id="key")


def test_the_name_of_the_store_is_shown_and_never_obeyed(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as refusal:
        Store.open(tmp_path / "\x1b[2Jnone")
    assert "\x1b" not in str(refusal.value)


def test_a_folder_name_with_signs_of_a_pattern_is_only_a_name(
    tmp_path: Path, exports: ModuleType
) -> None:
    store = Store.create(tmp_path / "a[b]*?{c}", key_id="key")
    with store.write() as writer:
        exports.add(writer, 1)
        writer.commit()

    assert store.snapshot().records("contact_records").collect().height == 5


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_store_that_cannot_be_written_is_read_and_nothing_is_left_in_it(
    shared_folder: Path, exports: ModuleType, forks: Any
) -> None:
    store = Store.create(shared_folder / "store", key_id="key")
    with store.write() as writer:
        exports.add(writer, 1)
        writer.commit()
    for path in (store.path, *store.path.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
        path.chmod(0o500 if path.is_dir() else 0o400)
    before = {path: path.stat().st_mtime_ns for path in store.path.rglob("*")}
    read = forks.run("read", store.path, user=NOBODY)
    written = forks.run("load", store.path, loads=[2], user=NOBODY)

    assert (read.code, read.said) == (Exit.OK, [5])
    assert written.code == Exit.IO
    assert "Permission denied" in written.said[0]["message"]
    assert "right to write" in written.said[0]["message"]
    assert before == {path: path.stat().st_mtime_ns for path in store.path.rglob("*")}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("locked", ["store", "parts", "manifests"])
def test_a_folder_without_rights_is_an_error_not_a_loss(
    shared_folder: Path, exports: ModuleType, forks: Any, locked: str
) -> None:
    store = Store.create(shared_folder / "store", key_id="key")
    with store.write() as writer:
        exports.add(writer, 1)
        writer.commit()
    for path in (store.path, *store.path.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    closed = {
        "store": [store.path],
        "parts": [store.path / "parts"],
        "manifests": list(store.path.glob("manifest-*")),
    }
    for path in closed[locked]:
        path.chmod(0o500 if path.is_dir() else 0o000)
    ended = forks.run("load", store.path, loads=[2], user=NOBODY)

    assert ended.code == Exit.IO
    assert ended.said[0]["error"] == "StoreError"
    assert store.check(read_data=True) == []
    assert len(store.snapshot().loads) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_store_of_another_user_is_told_as_such(
    shared_folder: Path, forks: Any
) -> None:
    store = Store.create(shared_folder / "store", key_id="key")
    ended = forks.run("read", store.path, user=NOBODY)

    assert ended.code == Exit.IO
    assert "Permission denied" in ended.said[0]["message"]
