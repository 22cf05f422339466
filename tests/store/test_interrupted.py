"""Whenever a writer dies or the disk fails it, every load is whole or absent."""

import errno
import os
import random
import resource
import shutil
import signal
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cxmap.errors import Exit, StoreError
from cxmap.store import Store

KILLED = -signal.SIGKILL
SEED = 20261121
THROUGH = "1 calls short of the fault"
"""What a process says that did all its calls but never met the fault."""


def loads_held(path: Path) -> dict[int, int]:
    """Each load's number and its rows, once everything is proved sound."""
    store = Store.open(path)
    assert store.check(read_data=True) == []
    snapshot = store.snapshot()
    records = snapshot.records("contact_records").collect()
    numbers = records["record_key"].str.split("-").list.first().cast(int)
    counted = dict(numbers.value_counts().rows())
    assert len(counted) == len(snapshot.loads)
    assert records["load_id"].n_unique() == len(snapshot.loads)
    assert {load.file for load in snapshot.loads} == {
        f"day-{number}.csv" for number in counted
    }
    return counted


def finish(path: Path, exports: ModuleType, numbers: list[int]) -> None:
    """What the next run does: bring what is not held yet."""
    for number in numbers:
        with Store.open(path).write() as writer:
            exports.add(writer, number)
            writer.commit()
    assert loads_held(path) == dict.fromkeys(numbers, 5)
    assert list(path.rglob("*.tmp")) == []
    named = {name for name, _ in Store.open(path).snapshot().manifest.files()}
    recent = {part.relative_to(path).as_posix() for part in (path / "parts").iterdir()}
    assert named <= recent


def test_a_kill_at_any_moment_loses_doubles_and_tears_nothing(
    tmp_path: Path, exports: ModuleType, forks: Any
) -> None:
    """
    Forty-five writers, each killed at a random moment while it commits load after load
    into the same store; what they acknowledged must be there, and nothing in part.
    """
    chance = random.Random(SEED)  # noqa: S311
    path = tmp_path / "store"
    Store.create(path, key_id="key")
    acknowledged: set[int] = set()
    killed = 0
    for turn in range(45):
        numbers = list(range(1000 * turn, 1000 * turn + 200))
        fork = forks.start("load", path, loads=numbers)
        for _ in range(chance.randrange(4)):
            fork.hear()
        time.sleep(chance.uniform(0, 0.03))
        os.kill(fork.pid, signal.SIGKILL)
        ended = fork.wait()
        killed += ended.code == KILLED
        acknowledged.update(ended.said)
        held = loads_held(path) if turn % 9 == 8 else None
        if held is not None:
            assert set(held.values()) <= {5}, f"seed {SEED}"
            assert acknowledged <= set(held), f"seed {SEED}"
            # At most the one in flight was committed without being acknowledged.
            assert len(set(held) - acknowledged) <= turn + 1

    assert killed == 45
    assert len(acknowledged) > 45
    last = max(acknowledged)
    finish(path, exports, sorted({*loads_held(path), last}))


@pytest.mark.parametrize(
    "fault",
    [
        "kill",
        f"{errno.ENOSPC}",
        f"after {errno.EIO}",
    ],
    ids=["killed before", "disk full", "error after it was done"],
)
def test_a_fault_at_every_call_of_a_commit_leaves_a_sound_store(
    tmp_path: Path, exports: ModuleType, forks: Any, fault: str
) -> None:
    """The N-th call fails, for N = 1, 2, … until the writer gets through."""
    ends = set()
    # Three loads are acknowledged before, so that old generations are removed too.
    before = Store.create(tmp_path / "before", key_id="key")
    for number in (1, 2, 3):
        finish(before.path, exports, list(range(1, number + 1)))
    for call in range(1, 100):
        path = shutil.copytree(before.path, tmp_path / f"store-{call}")
        ended = forks.run("load", path, loads=[4], fail_at=call, fault=fault)
        held = loads_held(path)
        ends.add(ended.code)

        assert set(held) in ({1, 2, 3}, {1, 2, 3, 4}), f"call {call}"
        assert set(held.values()) == {5}
        assert 4 in held or 4 not in ended.said, f"call {call}"
        finish(path, exports, [1, 2, 3, 4])
        if THROUGH in ended.said:
            break

    assert call > 15
    assert ended.said == [4, THROUGH]

    failed = {KILLED} if fault == "kill" else {int(Exit.IO)}
    assert ends == {int(Exit.OK), *failed}


@pytest.mark.parametrize("order", ["create", "load", "bury"])
def test_everything_is_on_the_disk_when_it_is_acknowledged(
    tmp_path: Path, forks: Any, order: str
) -> None:
    """Each file and folder changed was synced since; only the lock may be lost."""
    path = tmp_path / "store"
    if order != "create":
        Store.create(path, key_id="key")
        assert forks.run("load", path, loads=[1]).said == [1]
    ended = forks.run(order, path, loads=[2], pseudonyms=["person 1-0"], audit=True)

    assert ended.code == Exit.OK
    assert set(ended.said[0]) <= {str(path / "lock")}


def test_a_death_at_every_call_of_a_creation_leaves_a_store_or_none(
    tmp_path: Path, exports: ModuleType, forks: Any
) -> None:
    for call in range(1, 40):
        path = tmp_path / f"store-{call}"
        ended = forks.run("create", path, fail_at=call, fault="kill")
        Store.create(path, key_id="key")
        finish(path, exports, [1])
        if ended.code != KILLED:
            break

    assert call > 8
    assert ended.said == ["created", THROUGH]


def test_a_death_at_every_call_of_forgetting_leaves_it_done_or_to_be_done(
    tmp_path: Path, exports: ModuleType, forks: Any
) -> None:
    before = Store.create(tmp_path / "before", key_id="key")
    finish(before.path, exports, [1])
    for call in range(1, 60):
        path = shutil.copytree(before.path, tmp_path / f"store-{call}")
        gone = ["person 1-0"]
        ended = forks.run("bury", path, pseudonyms=gone, fail_at=call, fault="kill")
        assert loads_held(path) in ({1: 5}, {1: 4})
        assert forks.run("bury", path, pseudonyms=gone).code == Exit.OK
        assert loads_held(path) == {1: 4}
        assert unnamed_parts(path) == []
        assert len(list(path.glob("manifest-*"))) == 1
        if ended.code != KILLED:
            break

    assert call > 15
    assert ended.said == ["buried", THROUGH]


def unnamed_parts(path: Path) -> list[Path]:
    named = {name for name, _ in Store.open(path).snapshot().manifest.files()}
    return [
        part
        for part in (path / "parts").iterdir()
        if part.relative_to(path).as_posix() not in named
    ]


@pytest.mark.parametrize("limit", [0, 1, 100, 700, 2000, 4000, 8000])
def test_a_full_disk_is_told_without_data_and_leaves_the_store_as_it_was(
    tmp_path: Path, exports: ModuleType, forks: Any, limit: int
) -> None:
    path = tmp_path / "store"
    Store.create(path, key_id="key")
    finish(path, exports, [1])
    ended = forks.run("load", path, loads=[2], rows=5000, file_limit=limit)
    (refusal,) = ended.said

    assert ended.code == Exit.IO
    assert refusal["error"] == "StoreError"
    assert os.strerror(errno.EFBIG) in refusal["message"]
    assert str(path) in refusal["message"]
    assert "person" not in refusal["message"]
    assert list(path.rglob("*.tmp")) == []
    assert loads_held(path) == {1: 5}
    finish(path, exports, [1, 2])


def test_a_full_disk_in_this_process_is_a_store_error(
    tmp_path: Path, exports: ModuleType
) -> None:
    store = Store.create(tmp_path / "store", key_id="key")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(StoreError, match="File too large"), store.write() as writer:
            exports.add(writer, 1, 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    finish(store.path, exports, [1])


def test_an_interrupt_rolls_back_and_frees_the_store(
    store: Store, exports: ModuleType
) -> None:
    with pytest.raises(KeyboardInterrupt), store.write() as writer:
        exports.add(writer, 1)
        raise KeyboardInterrupt

    finish(store.path, exports, [2])
