"""Customers' segments, from the exports that name them to what is cut by them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from cxmap.cli.words import Words
from cxmap.intake.choosing import choose
from cxmap.intake.loading import Intake, ingest
from cxmap.keys import DEMO_SECRET, Key
from cxmap.pipeline import Request, report
from cxmap.store import Store

NOW = datetime(2026, 6, 1, tzinfo=UTC)
CONFIG = """\
sources:
  calls: {profile: generic_contacts, files: calls.csv}
  crm: {profile: generic_customers, files: crm.csv}
segments:
  business: [SMB, Enterprise]
"""
CRM = """\
source_customer_id,external_id,segment,updated_at
1,k1,SMB,2026-01-01T00:00:00Z
2,k2,Enterprise,2026-01-01T00:00:00Z
3,k3,Private,2026-01-01T00:00:00Z
3,k3,SMB,2026-02-01T00:00:00Z
4,k4,Private,2026-01-01T00:00:00Z
5,k5,,2026-01-01T00:00:00Z
"""
CALLS = "source_contact_id,channel,started_at,disposition,external_id\n" + "".join(
    f"c{place},voice,2026-03-{place + 1:02}T10:00:00Z,{end},{key}\n"
    for place, (key, end) in enumerate(
        [
            ("k1", "handled"),
            ("k1", "abandoned"),
            ("k2", "handled"),
            ("k3", "abandoned"),
            ("k4", "handled"),
            ("k5", "handled"),
            ("k6", "abandoned"),
        ]
    )
)


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Words:
    folder = tmp_path_factory.mktemp("segments")
    for name, text in (
        ("cxmap.yaml", CONFIG),
        ("crm.csv", CRM),
        ("calls.csv", CALLS),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    words = Words(config_path=folder / "cxmap.yaml", now_text=NOW.isoformat())
    key = Key.create(folder / "cxmap.key", secret=DEMO_SECRET)
    store = Store.create(words.store_folder, key_id=key.key_id)
    chosen, _ = choose(words.config, [])
    ingest(store, key, words.config, Intake(tuple(chosen)), now=NOW)

    return words


def test_a_customer_has_the_segment_of_the_latest_record_in_its_group(
    words: Words,
) -> None:
    segments = words.tables["customers"]["segment"].value_counts().sort("segment")

    assert dict(segments.iter_rows()) == {None: 2, "Private": 1, "business": 3}


def test_numbers_are_cut_by_segment(words: Words) -> None:
    request = Request(since="2026-03", by=("segment",), kpis=("abandonment_rate",))

    card = report(words.tables, words.config, request, now=NOW, zone=ZoneInfo("UTC"))

    assert {s.by.get("segment", "whole"): (s.numerator, s.n) for s in card.scores} == {
        "whole": (3, 7),
        "business": (2, 4),
        "Private": (0, 1),
        None: (1, 2),
    }


def test_journeys_are_cut_by_it_too(words: Words) -> None:
    request = Request(since="2026-03", by=("segment",), kpis=("contacts_per_journey",))

    card = report(words.tables, words.config, request, now=NOW, zone=ZoneInfo("UTC"))

    told = {s.by.get("segment", "whole"): s.n + s.pending for s in card.scores}
    assert told == {
        "whole": 6,
        "business": 3,
        "Private": 1,
        None: 2,
    }
