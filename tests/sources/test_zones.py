"""A time is placed by its own offset, else its row's zone, else the profile's."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PROFILE = """\
profile: zoned
system: any
title: Rows that name their own zone
read: {format: delimited}
key: id
contact:
  source_contact_id: id
  started_at:
    from: at
    time: ["%Y-%m-%d %H:%M:%S", iso8601]
    tz: America/New_York
    tz_from: zone
"""

ZONES = [
    "Europe/Berlin",
    "Asia/Kolkata",
    "America/New_York",
    "Mars/Olympus",
    "",
    "../x",
]


def placed(at: str, zone: str) -> datetime:
    known = zone if zone in ZONES[:3] else "America/New_York"
    written = datetime.fromisoformat(at)
    return written if written.tzinfo else written.replace(tzinfo=ZoneInfo(known))


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(
            st.datetimes(datetime(2025, 6, 1), datetime(2025, 8, 31)),
            st.sampled_from(ZONES),
            st.booleans(),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_each_row_is_placed_by_what_stands_nearest(
    map_text: Any, rows: list[tuple[datetime, str, bool]]
) -> None:
    written = [
        (
            f"{at:%Y-%m-%d %H:%M:%S}" if not own else f"{at:%Y-%m-%dT%H:%M:%S}+05:00",
            zone,
        )
        for at, zone, own in rows
    ]
    text = "id,at,zone\n" + "".join(
        f"{place},{at},{zone}\n" for place, (at, zone) in enumerate(written)
    )
    contacts = map_text(text, PROFILE).folded.contacts

    got = dict(contacts.select("source_contact_id", "started_at").iter_rows())
    assert got == {
        str(place): placed(at, zone) for place, (at, zone) in enumerate(written)
    }
    origins = dict(contacts.select("source_contact_id", "tz_source").iter_rows())
    for place, (_, zone, own) in enumerate(rows):
        wanted = "offset" if own else "column" if zone in ZONES[:3] else "profile"
        assert origins[str(place)] == wanted
