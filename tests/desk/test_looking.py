"""Journeys as they are listed."""

from datetime import UTC, datetime

import polars as pl
import pytest

from cxmap.desk.looking import LISTED, Wanted, list_journeys
from cxmap.tables import conform, empty
from cxmap.views.listing import render_table

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def listed(contacts: int, seconds: int | None) -> pl.DataFrame:
    journey = {
        "journey_id": ["j"],
        "started_at": [AT],
        "contacts": [contacts],
        "duration_seconds": [seconds],
    }
    tables = {
        "contacts": empty("contacts"),
        "journeys": conform(pl.DataFrame(journey), "journeys"),
    }
    return list_journeys(tables, Wanted())


@pytest.mark.parametrize(
    ("contacts", "seconds", "told"),
    [(1, 0, None), (1, None, None), (1, 1, 1), (1, 90, 90), (2, 0, 0), (2, None, None)],
)
def test_how_long_a_single_instant_took_is_not_known(
    contacts: int, seconds: int | None, told: int | None
) -> None:
    rows = listed(contacts, seconds)

    assert rows["duration_seconds"].to_list() == [told]
    assert rows.columns == [*LISTED]


def test_people_read_a_dash_where_it_is_not_known() -> None:
    assert "0 s" not in render_table(listed(1, 0), "table")
    assert "0 s" in render_table(listed(2, 0), "table")
