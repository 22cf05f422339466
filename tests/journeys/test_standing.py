"""What was known of a contact at an instant, and what came later."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from cxmap.journeys.standing import resolved_by
from cxmap.tables import conform

START = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "known"), [(1, None), (23, None), (24, False), (48, False)]
)
def test_what_a_survey_says_counts_from_its_answer_on(
    hours: int, known: bool | None
) -> None:
    contact = pl.DataFrame(
        {
            "started_at": [START],
            "resolved": [False],
            "resolved_by_export": [None],
            "corrected_at": [START + timedelta(hours=24)],
        },
        schema_overrides={"resolved_by_export": pl.Boolean},
    )
    instant = pl.lit(START + timedelta(hours=hours))
    told = conform(contact, "contacts").select(told=resolved_by(instant))

    assert told["told"].to_list() == [known]
