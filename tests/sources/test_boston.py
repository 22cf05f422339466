"""The worked mapping of real requests, against a count that shares no code."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

from cxmap.sources.profile import load_profile

MAPPING = Path(__file__).parents[2] / "configs" / "sources" / "boston311.yaml"
LOG = "real/boston311_animal_2013_2014.csv"


def test_the_real_log_maps_to_the_figures_counted_by_hand(
    map_file: Any, shared: Any
) -> None:
    path = shared(LOG)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    places = Counter(row["location"].strip() for row in rows)
    unplaced = places.pop("", 0)
    mapped = map_file(path, MAPPING, source="boston")
    identifiers = mapped.extracted.tables["identifier_records"]

    assert len(mapped.contacts("contact_id")) == len(rows) == 8363
    assert identifiers["pseudonym"].n_unique() == len(places) == 6759
    assert len(rows) - identifiers["owner_id"].n_unique() == unplaced == 33
    assert Counter(raw for (raw,) in mapped.contacts("channel_raw")) == Counter(
        row["source"] for row in rows
    )
    assert identifiers["flag"].null_count() == identifiers.height
    assert mapped.rejects() == []
    assert mapped.extracted.unmapped == {}


def test_status_and_topic_are_left_open_and_all_is_inbound(
    map_file: Any, shared: Any
) -> None:
    contacts = map_file(shared(LOG), MAPPING).folded.contacts

    assert contacts["status"].null_count() == contacts.height
    assert contacts["topic_raw"].null_count() == contacts.height
    assert contacts["inbound"].all()


def test_local_times_are_placed_in_boston(map_file: Any, shared: Any) -> None:
    first = map_file(shared(LOG), MAPPING).folded.contacts.sort("started_at")

    assert f"{first['started_at'][0]:%Y-%m-%d %H:%M:%S}" == "2013-01-01 11:32:33"


def test_the_mapping_stays_short() -> None:
    written = [
        line for line in MAPPING.read_text().splitlines() if not line.startswith("#")
    ]

    assert load_profile(MAPPING).profile == "boston311"
    assert len(written) <= 20
