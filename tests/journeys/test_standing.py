"""What was known of a contact at an instant, and what came later."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from cxmap.journeys.standing import resolved_by, served_by
from cxmap.names import CHANNEL_GROUPS
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


@pytest.mark.parametrize(
    ("channel", "messages", "before", "after"),
    [
        ("email", 0, False, True),
        ("email", None, None, True),
        ("email", 2, None, True),
        ("voicemail", 0, False, True),
        ("voice", 0, True, True),
    ],
)
def test_a_case_solved_without_a_known_answer_is_served_from_its_solve_on(
    channel: str, messages: int | None, before: bool | None, after: bool
) -> None:
    solved_at = START + timedelta(hours=48)
    contact = pl.DataFrame(
        {
            "channel": [channel],
            "channel_group": [CHANNEL_GROUPS[channel]],
            "served": [True],
            "resolved": [True],
            "resolved_at": [solved_at],
            "agent_messages": [messages],
        }
    )
    told = conform(contact, "contacts").select(
        before=served_by(pl.lit(solved_at - timedelta(seconds=1))),
        after=served_by(pl.lit(solved_at)),
    )

    assert told.rows() == [(before, after)]


def test_an_answer_that_is_dated_serves_from_then_on() -> None:
    contact = pl.DataFrame(
        {
            "channel": ["email"],
            "channel_group": ["written"],
            "served": [True],
            "first_response_at": [START + timedelta(hours=2)],
            "resolved_at": [START + timedelta(hours=48)],
        }
    )
    told = conform(contact, "contacts").select(
        before=served_by(pl.lit(START + timedelta(hours=1))),
        after=served_by(pl.lit(START + timedelta(hours=2))),
    )

    assert told.rows() == [(False, True)]
