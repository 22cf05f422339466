"""Real requests to a city: animals, two years, several channels, one household each."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

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


def request(row: dict[str, str]) -> dict[str, object]:
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
