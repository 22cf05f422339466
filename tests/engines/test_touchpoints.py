"""A load that brings touchpoints alone touches whom they are of, and nobody else."""

from pathlib import Path

from polars.testing import assert_frame_equal

from cxmap.cli.words import Words
from cxmap.intake.choosing import choose
from cxmap.intake.loading import Intake, ingest
from cxmap.keys import DEMO_SECRET, Key
from cxmap.store import Store

CONFIG = """\
sources:
  calls: {profile: generic_contacts, files: calls.csv}
  shop: {profile: generic_web, files: web-*.csv}
  orders: {profile: generic_orders, files: orders-*.csv}
"""
CALLS = "source_contact_id,channel,started_at,disposition,external_id\n" + "".join(
    f"c{place},voice,2026-03-01T1{place}:00:00Z,handled,k{place}\n"
    for place in range(4)
)
LATER = "c9,voice,2026-05-01T10:00:00Z,handled,k9\n"
PAGES = "event_id,at,event,page,external_id\n"
NOW = "2026-06-01"


def store_of(folder: Path, rounds: list[dict[str, str]]) -> Words:
    """Return what is derived after the files of each round were loaded in turn."""
    folder.mkdir()
    (folder / "cxmap.yaml").write_text(CONFIG, encoding="utf-8")
    words = Words(config_path=folder / "cxmap.yaml", now_text=NOW)
    key = Key.create(folder / "cxmap.key", secret=DEMO_SECRET)
    store = Store.create(words.store_folder, key_id=key.key_id)
    for files in rounds:
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        chosen, _ = choose(words.config, [])
        ingest(store, key, words.config, Intake(tuple(chosen)), now=words.now)

    return words


def test_pages_and_orders_that_come_later_tell_what_they_tell_at_once(
    tmp_path: Path,
) -> None:
    calls = {"calls.csv": CALLS + LATER}
    pages = {
        "web-1.csv": PAGES
        + "1,2026-03-03T10:00:00Z,page_view,/cancel,k0\n"
        + "2,2026-03-03T10:00:00Z,page_view,/tariffs,k1\n"
        + "3,2026-03-03T10:00:00Z,page_view,/help,k2\n"
    }
    orders = {
        "orders-1.csv": "order_id,ordered_at,status,total,currency,external_id\n"
        "o1,2026-03-05T10:00:00Z,paid,10.00,EUR,k1\n"
    }
    whole = store_of(tmp_path / "whole", [{**calls, **pages, **orders}])
    pieces = store_of(tmp_path / "pieces", [calls, pages, orders])

    for name in ("contacts", "journeys", "points"):
        assert_frame_equal(whole.tables[name], pieces.tables[name])
    points = pieces.tables["points"].filter(friction="switching_intent")
    assert points["contact_id"].to_list() == ["calls:c0"]
