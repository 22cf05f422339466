"""Events of any shop or app under cxmap's own names."""

import csv
import gzip
from typing import Any

HEADER = "at,event,session_id,page,customer_id,anonymous_id\n"


def test_a_visit_that_looked_for_help_is_a_contact(map_text: Any) -> None:
    file = map_text(
        HEADER + "2025-03-01T09:00:00Z,page_view,s1,/,,b1\n"
        "2025-03-01T09:01:00Z,page_view,s1,/help/returns?x=1,42,b1\n"
        "2025-03-01T09:03:00Z,contact_click,s1,/cart,42,b1\n"
        "2025-03-01T10:00:00Z,page_view,s2,/sale,,b1\n"
        "2025-03-01T10:00:00Z,contact_click,,/cart,,b1\n",
        "generic_web",
        part="events",
    )
    (told,) = file.contacts("source_contact_id", "channel", "started_at", "ended_at")

    assert told[:2] == ("s1", "self_service")
    assert (told[2].minute, told[3].minute) == (1, 3)
    assert file.folded.touchpoints.height == 5
    owners = file.folded.identifiers.filter(owner="contact")
    assert set(owners["kind"]) == {"source_customer_id", "anonymous_id"}


def test_an_event_without_a_time_is_rejected(map_text: Any) -> None:
    file = map_text(HEADER + ",page_view,s1,/help,,b1\n", "generic_web", part="events")

    assert file.folded.touchpoints.is_empty()
    assert file.folded.contacts.is_empty()
    assert [whole for _, _, _, whole in file.rejects()] == [True]


def test_a_real_click_stream(map_file: Any, shared: Any) -> None:
    path = shared("real/retentioneering_ecom.csv.gz")
    with gzip.open(path, "rt", newline="") as opened:
        rows = list(csv.DictReader(opened))
    file = map_file(
        path, "generic_web", part="events", settings={"help_events": "^support_chat$"}
    )
    helped = [row for row in rows if row["event"] == "support_chat"]
    accounting = file.extracted.accounting

    assert file.folded.touchpoints.height == len({tuple(r.items()) for r in rows})
    assert accounting.kept + accounting.duplicates == len(rows)
    assert set(file.folded.contacts["source_contact_id"]) == {
        row["session_id"] for row in helped
    }
