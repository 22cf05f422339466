"""Real requests to a city: animals, two years, several channels, one household each."""

import csv
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import networkx as nx
import polars as pl
import pytest

from cxmap.journeys.stitch import Stitched, stitch
from cxmap.options import LinkRules, RepeatRule, Window
from cxmap.tables import empty, schema

ROOT = Path(__file__).parents[2]
REQUESTS = ROOT.parent / "shared/data/real/boston311_animal_2013_2014.csv"
CITY = ZoneInfo("America/New_York")
WEEK = Window(timedelta(days=7), start_clock="start")


@pytest.fixture(scope="module")
def stitched() -> Stitched:
    if not REQUESTS.exists():
        pytest.skip("the shared data folder is not beside the checkout")
    with REQUESTS.open(encoding="utf-8", newline="") as file:
        rows = [request(row) for row in csv.DictReader(file)]
    return stitch(
        pl.DataFrame(rows, schema=schema("contacts")),
        empty("reference_records"),
        pl.DataFrame(schema={"contact_id": pl.String(), "pseudonym": pl.String()}),
        links=LinkRules(unknown_topic=WEEK, unknown_topic_after_resolved=None),
        repeat=RepeatRule(within=WEEK),
        horizon_at=datetime(2015, 1, 1, tzinfo=UTC),
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )


def request(row: dict[str, str]) -> dict[str, Any]:
    opened = datetime.fromisoformat(row["open_dt"]).replace(tzinfo=CITY).astimezone(UTC)
    return {
        "contact_id": f"city:{row['case_enquiry_id']}",
        "source": "city",
        "source_contact_id": row["case_enquiry_id"],
        "customer_id": row["location"].strip() or None,
        "channel_raw": row["source"],
        "channel": "unknown",
        "channel_group": "other",
        "inbound": True,
        "started_at": opened,
        "last_touch_at": opened,
    }


def place(row: dict[str, str]) -> dict[str, Any]:
    """A request with its kind as topic (a generic one has none), and when it closed."""
    bare = row["type"] == "Animal Generic Request"
    told = request(row)
    shut = row["closed_dt"].strip()
    closed = datetime.fromisoformat(shut).replace(tzinfo=CITY) if shut else None
    return {
        **told,
        "topic": None if bare else row["type"],
        "last_touch_at": max(told["started_at"], closed or told["started_at"]),
    }


def test_journeys_are_the_components_of_all_linked_pairs() -> None:
    if not REQUESTS.exists():
        pytest.skip("the shared data folder is not beside the checkout")
    with REQUESTS.open(encoding="utf-8", newline="") as file:
        rows = [place(row) for row in csv.DictReader(file)]
    windows = Window(timedelta(days=7)), Window(timedelta(hours=72))
    graph = nx.Graph()
    by_place = defaultdict(list)
    for row in rows:
        graph.add_node(row["contact_id"])
        if row["customer_id"]:
            by_place[row["customer_id"]].append(row)
    for here in by_place.values():
        here.sort(key=lambda row: (row["started_at"], row["contact_id"]))
        for i, j in combinations(here, 2):
            if linked(i, j):
                graph.add_edge(i["contact_id"], j["contact_id"])

    told = stitch(
        pl.DataFrame(rows, schema=schema("contacts")),
        empty("reference_records"),
        pl.DataFrame(schema={"contact_id": pl.String(), "pseudonym": pl.String()}),
        links=LinkRules(
            same_topic=windows[0], unknown_topic=windows[1], unknown_topic_to="all"
        ),
        repeat=RepeatRule(),
        horizon_at=datetime(2015, 1, 1, tzinfo=UTC),
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )
    parts = told.contacts.group_by("journey_id").agg("contact_id")["contact_id"]

    assert len(parts) < len(rows)
    assert {frozenset(part) for part in parts.to_list()} == {
        frozenset(part) for part in nx.connected_components(graph)
    }


def linked(i: dict[str, Any], j: dict[str, Any]) -> bool:
    """Seven days on the same kind; 72 h where either is generic, if not long silent."""
    if j["started_at"] - i["started_at"] > timedelta(days=90):
        return False
    last = i["last_touch_at"]
    if None in (i["topic"], j["topic"]):
        silent = last - i["started_at"] > timedelta(hours=72)
        clock = i["started_at"] if silent else last
        return bool(j["started_at"] - clock <= timedelta(hours=72))
    return bool(
        i["topic"] == j["topic"] and j["started_at"] - last <= timedelta(days=7)
    )


def test_requests_that_repeat_within_a_week(stitched: Stitched) -> None:
    contacts = stitched.contacts
    channel = contacts.select(repeats_contact_id="contact_id", before="channel_raw")
    repeats = contacts.join(channel, on="repeats_contact_id")

    assert repeats.height == 636
    assert repeats.filter(pl.col("channel_raw") != pl.col("before")).height == 64
    assert contacts["repeated"].sum() == 636


def test_journeys_of_requests_within_a_week(stitched: Stitched) -> None:
    known = stitched.journeys.filter(pl.col("customer_id").is_not_null())

    assert known.height == 7_694
    assert stitched.journeys.height == 7_694 + 33
    assert stitched.links.height == 8_363 - 33 - 7_694
