"""Amplitude: events as touchpoints, sessions told by device and number."""

import csv
from typing import Any


def test_the_sample_is_touchpoints_alone(map_file: Any, shared: Any) -> None:
    path = shared("vendor/amplitude/amplitude_event_data.csv")
    with path.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    file = map_file(path, "amplitude", part="event")
    told = file.folded.touchpoints

    assert file.rejects() == []
    assert file.folded.contacts.is_empty()
    assert sorted(told["source_touchpoint_id"]) == sorted({r["uuid"] for r in rows})
    latest = {row["uuid"]: row for row in rows}
    assert sorted(told["name"]) == sorted(r["event_type"] for r in latest.values())
    assert {at.isoformat()[:19] for at in told["at"]} == {
        row["event_time"][:19] for row in latest.values()
    }
    assert told["session_id"].null_count() == sum(
        row["session_id"] == "-1" for row in latest.values()
    )


def test_a_session_that_looked_for_help_is_a_contact(
    map_text: Any, pseudonym: Any
) -> None:
    header = "device_id,event_type,event_time,session_id,uuid,user_id,_fivetran_synced"
    day = "2025-03-01T09:0"
    file = map_text(
        f"{header}\nd1,Help Opened,{day}1:00,77,u1,C-1,{day}9:00\n"
        f"d1,Help Searched,{day}3:00,77,u2,a@x.org,{day}9:00\n"
        f"d1,Purchase,{day}4:00,77,u3,,{day}9:00\n"
        f"d1,Help Opened,{day}5:00,-1,u4,,{day}9:00\n",
        "amplitude",
        part="event",
    )
    (told,) = file.contacts("source_contact_id", "channel", "started_at", "ended_at")

    assert told[:2] == (pseudonym("number", "d1.77"), "self_service")
    assert (told[2].minute, told[3].minute) == (1, 3)
    kinds = [kind for (kind,) in file.identifiers("kind")]
    assert kinds.count("email") == 1
