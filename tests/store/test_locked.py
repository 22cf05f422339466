"""One writer at a time; readers never wait and never see half a load."""

import os
import signal
import time
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cxmap.errors import BusyError, Exit
from cxmap.store import Store


def test_of_two_writers_one_wins_and_the_other_is_told_by_whom(
    store: Store, exports: ModuleType, forks: Any
) -> None:
    with store.write() as writer:
        loser = forks.run("load", store.path, loads=[2])
        exports.add(writer, 1)
        writer.commit()

    assert loser.code == Exit.BUSY
    assert loser.said[0]["error"] == "BusyError"
    assert (
        f"process {os.getpid()} writes to the store since" in loser.said[0]["message"]
    )
    assert len(store.snapshot().loads) == 1


def test_of_two_processes_that_hold_and_write_exactly_one_wins(
    store: Store, forks: Any, more_forks: Any
) -> None:
    for turn in range(5):
        one = forks.start("load", store.path, loads=range_of(turn, 0), rows=2000)
        two = more_forks.start("load", store.path, loads=range_of(turn, 1), rows=2000)
        ends = [one.wait(), two.wait()]
        for end in ends:
            assert end.code in (Exit.OK, Exit.BUSY)
            if end.code == Exit.BUSY:
                assert end.said[-1]["error"] == "BusyError"
    acknowledged = len(store.snapshot().loads)
    rows = store.snapshot().records("contact_records").collect().height

    assert rows == 2000 * acknowledged
    assert store.check(read_data=True) == []


def range_of(turn: int, side: int) -> list[int]:
    return list(range(10 * turn + 100 * side, 10 * turn + 100 * side + 3))


def test_writers_that_wait_all_get_through_and_lose_no_load(
    store: Store, forks: Any, more_forks: Any
) -> None:
    one = forks.start("load", store.path, loads=list(range(12)), wait=30)
    two = more_forks.start("load", store.path, loads=list(range(6, 18)), wait=30)
    ends = [one.wait(), two.wait()]

    assert [end.code for end in ends] == [Exit.OK, Exit.OK]
    assert len(store.snapshot().loads) == 18
    assert store.snapshot().records("contact_records").collect().height == 18 * 5


def test_two_first_runs_at_once_make_one_store(
    tmp_path: Path, forks: Any, more_forks: Any
) -> None:
    for turn in range(10):
        path = tmp_path / f"store-{turn}"
        one, two = forks.start("create", path), more_forks.start("create", path)
        assert [one.wait().code, two.wait().code] == [Exit.OK, Exit.OK]
        assert Store.open(path).snapshot().generation == 0


def test_a_death_frees_the_store(store: Store, exports: ModuleType, forks: Any) -> None:
    holder = forks.start("hold", store.path)
    with pytest.raises(BusyError):
        while True:
            with store.write():
                pass
            time.sleep(0.06)
    os.kill(holder.pid, signal.SIGKILL)
    assert holder.wait().code == -signal.SIGKILL

    with store.write() as writer:
        exports.add(writer, 1)
        writer.commit()
    assert len(store.snapshot().loads) == 1


def test_waiting_ends_when_patience_does(store: Store) -> None:
    with (
        store.write(),
        pytest.raises(BusyError, match="run again"),
        store.write(wait=timedelta(milliseconds=120)),
    ):
        pass


def test_a_free_store_names_no_holder(store: Store) -> None:
    with store.write():
        assert (store.path / "lock").read_text() == str(os.getpid())
    assert (store.path / "lock").read_text() == ""


def test_the_message_never_repeats_what_is_no_process(store: Store) -> None:
    with store.write():
        (store.path / "lock").write_text("\x1b[31mname@example.test")
        with pytest.raises(BusyError, match="another process") as busy, store.write():
            pass

    assert "example" not in str(busy.value)


def test_a_reader_beside_a_writer_sees_only_whole_generations(
    store: Store, forks: Any
) -> None:
    writer = forks.start("load", store.path, loads=list(range(40)), rows=40)
    seen = []
    for _ in range(20_000):
        snapshot = store.snapshot()
        rows = snapshot.collect(snapshot.records("contact_records")).height
        assert rows == 40 * len(snapshot.loads)
        seen.append(snapshot.generation)
        if seen[-1] == 40:
            break
    assert writer.wait().code == Exit.OK

    assert seen == sorted(seen)
    assert len(set(seen)) > 3


def test_a_reader_whose_files_are_gone_is_told_to_run_again(
    store: Store, exports: ModuleType
) -> None:
    with store.write() as writer:
        exports.add(writer, 1)
        snapshot = writer.commit()
        waiting = snapshot.records("contact_records")
        for mapping in ("b", "c", "d"):
            exports.add(writer, 1, mapping=mapping)
            writer.commit()

    with pytest.raises(BusyError, match="run again"):
        snapshot.records("contact_records")
    with pytest.raises(BusyError, match="run again"):
        snapshot.collect(waiting)
