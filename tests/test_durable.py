"""Files are whole or absent, and keep the mode that somebody gave them."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from cxmap.cli.output import to_file
from cxmap.durable import write_whole
from cxmap.errors import StoreError


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o666])
def test_a_file_that_is_there_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "card.json"
    path.write_text("old")
    path.chmod(mode)
    to_file("new", path)

    assert (path.read_text(), mode_of(path)) == ("new\n", mode)


def test_a_new_output_is_for_all_to_read_and_a_new_part_for_its_owner_alone(
    tmp_path: Path,
) -> None:
    to_file("x", tmp_path / "card.json")
    write_whole(tmp_path / "part", lambda file: file.write(b"x"))
    to_file("x", tmp_path / "rejects.csv", mode=0o600)

    assert mode_of(tmp_path / "card.json") == 0o644
    assert mode_of(tmp_path / "part") == 0o600
    assert mode_of(tmp_path / "rejects.csv") == 0o600


def test_a_new_output_obeys_the_umask(tmp_path: Path) -> None:
    os.umask(0o077)
    to_file("x", tmp_path / "card.json")

    assert mode_of(tmp_path / "card.json") == 0o600


def test_a_writer_that_breaks_off_leaves_the_old_file_and_nothing_else(
    tmp_path: Path,
) -> None:
    path = tmp_path / "card.json"
    path.write_text("old")

    def half(file: BinaryIO) -> None:
        file.write(b"ne")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_whole(path, half)

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_of_the_old_file_keeps_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_text("old")
    with path.open() as reader:
        to_file("new", path)

        assert reader.read() == "old"


@pytest.mark.parametrize("name", ["", "no/card.json"])
def test_what_cannot_be_written_is_named_with_the_reason(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        to_file("x", tmp_path / name)

    assert list(tmp_path.iterdir()) == []


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        to_file("x", path)
        told = os.read(reader, 10)
    finally:
        os.close(reader)

    assert told == b"x\n"
    assert path.is_fifo()


def test_the_writer_needs_no_engine() -> None:
    words = "import sys, cxmap.cli.output; print('polars' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, text=True, check=True
    )

    assert done.stdout == "False\n"
