"""The default world, written once; its truth and exports read in plain Python."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from cxmap.demo.world import World, write_world

Row = dict[str, Any]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return write_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session")
def truth(world: World) -> dict[str, list[Row]]:
    folder = world.folder / "truth"

    return {path.stem: sheet(path, delimiter=",") for path in folder.iterdir()}


def sheet(path: Path, encoding: str = "utf-8", delimiter: str = ";") -> list[Row]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def json_lines(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.fixture(scope="session")
def tickets(world: World) -> list[Row]:
    return json_lines(world.folder / "zendesk/tickets.ndjson")


@pytest.fixture(scope="session")
def users(world: World) -> list[Row]:
    return json_lines(world.folder / "zendesk/users.ndjson")


@pytest.fixture(scope="session")
def calls(world: World) -> list[Row]:
    """Every contact record of every month, whatever form its file has."""
    found: list[Row] = []
    for path in sorted((world.folder / "connect").iterdir()):
        packed = path.read_bytes()
        text = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode()
        decoder, at = json.JSONDecoder(), 0
        while at < len(text):
            record, at = decoder.raw_decode(text, at)
            at += text[at : at + 1] == "\n"
            found.append(record)

    return found


@pytest.fixture(scope="session")
def queue_events(world: World) -> list[list[str]]:
    folder = world.folder / "callcenter"
    halves = [(folder / name).read_text() for name in ("queue_log.1", "queue_log")]

    return [line.split("|") for line in "".join(halves).splitlines()]


@pytest.fixture(scope="session")
def sessions(world: World) -> list[Row]:
    return sheet(world.folder / "bot/bot_sessions.csv")


@pytest.fixture(scope="session")
def visits(world: World) -> list[Row]:
    return sheet(world.folder / "branches/visits.csv", encoding="cp1252")


@pytest.fixture(scope="session")
def answers(world: World) -> list[Row]:
    return sheet(world.folder / "surveys/surveys.csv", delimiter=",")
