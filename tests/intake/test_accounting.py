"""Every row of every export goes somewhere: kept, filtered, rejected … never lost."""

import csv
import gzip
import json
import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.config import load_config
from cxmap.importreport import FileReport
from cxmap.intake.choosing import choose
from cxmap.intake.taking import FEWEST_REJECTS, MOST_REJECTS, Limits, take
from cxmap.keys import Key

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_data"
NOW = datetime(2026, 8, 1, tzinfo=UTC)
KEY = Key(bytes(32))
PLAIN = load_config(None)


def accounted(path: Path, *, named: str | None = None) -> FileReport:
    """The report on one file, as if nothing had been loaded before."""
    ((chosen,), _) = choose(PLAIN, [str(path)], named=named)
    taken = take(
        chosen,
        PLAIN,
        key=KEY,
        now=NOW,
        limits=Limits(),
        known=lambda _digest, _source, _mapping: None,
    )
    return taken.report


def lines(path: Path) -> list[str]:
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    return [line for line in text.decode("latin-1").splitlines() if line.strip()]


def objects(path: Path) -> int:
    """How many JSON objects follow each other in a file, whatever lies between."""
    text, count, decoder = " ".join(lines(path)), 0, json.JSONDecoder()
    while text := text.lstrip():
        _, end = decoder.raw_decode(text)
        text, count = text[end:], count + 1
    return count


def rows(path: Path) -> int:
    """How many rows a file of the sample holds, counted without cxmap."""
    if path.suffix == ".csv":
        return len(list(csv.reader(lines(path)))) - 1
    return len(lines(path)) if "queue_log" in path.name else objects(path)


SAMPLES = sorted(
    path
    for path in SAMPLE.glob("*/*")
    if path.parent.name != "truth" and path.is_file()
)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_row_of_a_sample_is_accounted_for(path: Path) -> None:
    report = accounted(path)

    assert report.records == rows(path)
    assert report.balanced
    assert report.kept > 0
    assert report.rejected == 0


HEAD = "source_contact_id,channel,started_at,transfers"
GOOD = "g{n},voice,2026-03-01T10:00:00Z,1"
DIRT = {
    "good": GOOD,
    "odd cell": "o{n},voice,2026-03-01T10:00:00Z,many",
    "odd word": "w{n},pigeon,2026-03-01T10:00:00Z,1",
    "bad time": "t{n},voice,never,1",
    "no time": "e{n},voice,,1",
    "no key": ",voice,2026-03-01T10:00:00Z,1",
    "a field too many": "f{n},voice,2026-03-01T10:00:00Z,1,2",
    "again": GOOD.format(n=0),
}
FATE = {
    "good": "kept",
    "odd cell": "kept",
    "odd word": "kept",
    "bad time": "rejected",
    "no time": "rejected",
    "no key": "rejected",
    "a field too many": "rejected",
    "again": "duplicates",
}


NARROW = sorted(set(DIRT) - {"a field too many"})
BASE = 9
"""Sound rows in every file, so that wide ones are the odd ones out."""


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from(NARROW), max_size=60),
    st.integers(0, 2),
    st.randoms(use_true_random=False),
)
def test_whatever_the_dirt_each_row_has_one_fate(
    tmp_path_factory: pytest.TempPathFactory,
    narrow: list[str],
    wide: int,
    dice: random.Random,
) -> None:
    path = tmp_path_factory.mktemp("dirt") / "desk.csv"
    kinds = [*narrow, *["a field too many"] * wide]
    dice.shuffle(kinds)
    sound = [GOOD.format(n=n) for n in range(BASE)]
    dirty = [DIRT[kind].format(n=BASE + n) for n, kind in enumerate(kinds)]
    path.write_text("\n".join([HEAD, *sound, *dirty]) + "\n")
    report = accounted(path, named="generic_contacts")

    fates = Counter(FATE[kind] for kind in kinds) + Counter(kept=BASE)
    met = len(kinds) + BASE
    bad = fates["rejected"]
    refused = bad >= FEWEST_REJECTS and bad > MOST_REJECTS * met
    assert report.balanced
    assert (report.records, report.rejected) == (met, bad)
    assert report.duplicates == fates["duplicates"]
    assert report.state == ("refused" if refused else "loaded")
    assert (report.kept, report.refused) == (
        (0, fates["kept"]) if refused else (fates["kept"], 0)
    )
    assert report.cell_rejects == kinds.count("odd cell")
    assert sum(one.rows for one in report.lost) == bad
    assert sum(one.cells for one in report.lost) == report.cell_rejects
    assert sum(report.reasons.values()) == bad + report.cell_rejects


@settings(max_examples=40)
@given(st.lists(st.sampled_from(['"', ",", ";", "\n", "a", "\r\n", "\0", "é"])))
def test_any_text_below_the_header_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str]
) -> None:
    path = tmp_path_factory.mktemp("text") / "desk.csv"
    text = f"{HEAD}\n{GOOD.format(n=0)}\n{''.join(parts)}"
    path.write_bytes(text.encode())
    report = accounted(path, named="generic_contacts")

    assert report.balanced
    assert report.state in ("loaded", "refused")
    assert report.notes or report.kept
