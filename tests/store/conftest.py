"""A store to write to, and processes that write to it and can be killed."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from _pytest.pathlib import import_path

from cxmap.store import Store

CHILD = Path(__file__).with_name("writer_child.py")


@dataclass
class Ended:
    """How a forked process ended: exit code (negative: signal) and its words."""

    code: int
    said: list[Any]


@dataclass
class Fork:
    """A forked process that runs an order."""

    pid: int
    answer: Callable[[], str]
    said: list[Any] = field(default_factory=list)

    def hear(self) -> dict[str, Any]:
        """The next thing it acknowledges, or its exit code."""
        line: dict[str, Any] = json.loads(self.answer())
        self.said += [line["said"]] if "said" in line else []
        return line

    def wait(self) -> Ended:
        while "code" not in (line := self.hear()):
            pass
        return Ended(line["code"], self.said)


class Forks:
    """Starts processes, one after the other."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, do: str, store: Path, **order: Any) -> Fork:
        assert self.process.stdin
        assert self.process.stdout
        line = json.dumps({"do": do, "store": str(store), **order})
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        pid = json.loads(self.process.stdout.readline())
        return Fork(pid, self.process.stdout.readline)

    def run(self, do: str, store: Path, **order: Any) -> Ended:
        return self.start(do, store, **order).wait()

    def close(self) -> None:
        self.process.communicate()


@pytest.fixture(scope="session")
def exports() -> ModuleType:
    """Made-up exports: `frames(number, rows)` and `add(writer, number)`."""
    return import_path(CHILD, root=CHILD.parent, consider_namespace_packages=False)


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    forks = Forks()
    yield forks
    forks.close()


@pytest.fixture(scope="module")
def more_forks() -> Iterator[Forks]:
    forks = Forks()
    yield forks
    forks.close()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "store", key_id="key")
