"""Real logs of a city, counted by cxmap and by plain Python: the same figures.

The log is no part of the project: without the folder `shared` beside the checkout
these tests are skipped.
"""

import csv
import itertools
import json
import subprocess
import sys
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

ROOT = Path(__file__).parents[1]
LOG = ROOT.parent / "shared/data/real/boston311_animal_2013_2014.csv"
WEEK = timedelta(days=7)

pytestmark = pytest.mark.skipif(not LOG.exists(), reason="the log is not here")


def config(rules: str) -> str:
    profile = ROOT / "configs/sources/boston311.yaml"
    return f"sources:\n  boston: {{profile: {profile}, files: {LOG}}}\n{rules}\n"


def export(folder: Path, table: str) -> list[dict[str, str]]:
    words = [sys.executable, "-m", "cxmap", "export", table, "-f", "csv"]
    done = subprocess.run(words, cwd=folder, capture_output=True, check=True, text=True)
    return list(csv.DictReader(done.stdout.splitlines()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("boston")
    rules = (
        "repeat: {within: 7d, from: start}\n"
        "links: {unknown_topic: {within: 7d, from: start}}"
    )
    (folder / "cxmap.yaml").write_text(config(rules), encoding="utf-8")
    words = [sys.executable, "-m", "cxmap", "ingest", "-f", "json"]
    done = subprocess.run(words, cwd=folder, capture_output=True, check=True, text=True)
    (file,) = json.loads(done.stdout)["files"]
    assert (file["records"], file["kept"], file["rejected"]) == (8363, 8363, 0)
    return folder


def counted_by_hand() -> dict[str, int]:
    """Nearest neighbours of one place in a plain loop, a week from start to start."""
    places = defaultdict(list)
    nowhere = 0
    with LOG.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            start = datetime.fromisoformat(row["open_dt"])
            start = start.replace(tzinfo=ZoneInfo("America/New_York"))
            place = row["location"].strip()
            if place:
                places[place].append((start.timestamp(), row["source"]))
            else:
                nowhere += 1
    repeats = elsewhere = journeys = 0
    for contacts in places.values():
        contacts.sort()
        journeys += 1
        for (before, source), (after, now) in itertools.pairwise(contacts):
            again = after - before <= WEEK.total_seconds()
            repeats += again
            elsewhere += again and source != now
            journeys += not again
    return {
        "customers": len(places),
        "unidentified": nowhere,
        "repeats": repeats,
        "on another channel": elsewhere,
        "journeys": journeys,
    }


def test_the_figures_are_those_of_a_plain_count(folder: Path) -> None:
    contacts = export(folder, "contacts")
    channel = {row["contact_id"]: row["channel_raw"] for row in contacts}
    repeats = [row for row in contacts if row["repeats_contact_id"]]
    journeys = export(folder, "journeys")
    found = {
        "customers": len({row["customer_id"] for row in contacts} - {""}),
        "unidentified": sum(not row["customer_id"] for row in contacts),
        "repeats": len(repeats),
        "on another channel": sum(
            row["channel_raw"] != channel[row["repeats_contact_id"]] for row in repeats
        ),
        "journeys": sum(bool(row["customer_id"]) for row in journeys),
    }

    assert len(contacts) == 8363
    assert found == counted_by_hand()
    assert found == {
        "customers": 6759,
        "unidentified": 33,
        "repeats": 636,
        "on another channel": 64,
        "journeys": 7694,
    }
    assert len(journeys) == 7694 + 33
