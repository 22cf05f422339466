"""A demo world on disk: exports, truth, configuration and README in one folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from cxmap.demo.connect import connect_files
from cxmap.demo.difficulty import LEVELS
from cxmap.demo.papers import paper_files
from cxmap.demo.queue_log import queue_log_files
from cxmap.demo.reality import Reality, draw_reality
from cxmap.demo.sheets import sheet_files
from cxmap.demo.staging import Stage
from cxmap.demo.truth import truth_files
from cxmap.demo.zendesk import zendesk_files
from cxmap.errors import StoreError, UsageError

SINCE = date(2026, 1, 1)


@dataclass(frozen=True)
class World:
    """What was written, and where."""

    folder: Path
    config: Path
    """The configuration that reads the exports."""
    now: datetime
    """The instant at which the exports were drawn: the `--now` of this world."""
    files: tuple[Path, ...]
    reality: Reality


def write_world(
    folder: Path,
    *,
    seed: int = 7,
    people: int = 800,
    difficulty: str = "middle",
    since: date = SINCE,
    months: int = 6,
) -> World:
    """Write a made-up company's exports, their truth and a configuration.

    The same arguments give the same bytes on every machine; files that already have
    one of the names are overwritten, others are left alone. UsageError: an unknown
    difficulty, or a number of people or months that makes no world; StoreError: the
    folder cannot be written.
    """
    reality = draw_reality(_stage(seed, people, difficulty, since, months), people)
    try:
        paths = [_put(folder / path, text) for path, text in files(reality).items()]
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written: {error.strerror}") from error

    return World(
        folder=folder,
        config=folder / "cxmap.yaml",
        now=reality.stage.ends_at,
        files=tuple(paths),
        reality=reality,
    )


def files(reality: Reality) -> Mapping[str, bytes]:
    """Return every file of a world by its path within the folder."""
    return {
        **zendesk_files(reality),
        **connect_files(reality),
        **queue_log_files(reality),
        **sheet_files(reality),
        **truth_files(reality),
        **paper_files(reality),
    }


def _stage(seed: int, people: int, difficulty: str, since: date, months: int) -> Stage:
    if difficulty not in LEVELS:
        raise UsageError(f"difficulty: one of {', '.join(LEVELS)}")
    if people < 1 or months < 1:
        raise UsageError("people, months: at least 1 of each")
    last = since.year * 12 + since.month - 1 + months
    until = date(last // 12, last % 12 + 1, min(since.day, 28))

    return Stage(seed, since, (until - since).days, LEVELS[difficulty])


def _put(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)

    return path
