"""What is doubtful in a file's records is counted, and never quoted."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from cxmap.names import IDENTIFIER_FLAGS
from cxmap.sources.remarks import AFTER_START, FAULTS, remarks
from cxmap.tables import conform, empty

START = datetime(2026, 3, 1, 10, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def told(contacts: list[dict[str, object]], flags: list[tuple[str, str]]) -> list[str]:
    identifiers = [{"kind": kind, "flag": flag} for kind, flag in flags]
    tables = {
        "contact_records": pl.DataFrame(contacts),
        "identifier_records": pl.DataFrame(identifiers),
    }
    return list(
        remarks(
            {
                name: conform(rows, name) if rows.height else empty(name)
                for name, rows in tables.items()
            }
        )
    )


@pytest.mark.parametrize("column", AFTER_START)
def test_a_time_before_the_start_is_counted(column: str) -> None:
    early = {"started_at": START, column: START - SECOND}

    assert told([early, early], []) == [
        f"{column}: 2 earlier than the contact began; no duration"
    ]


@pytest.mark.parametrize("column", AFTER_START)
def test_a_time_from_the_start_on_or_without_one_is_none(column: str) -> None:
    fine = [
        {"started_at": START, column: START},
        {"started_at": START, column: START + SECOND},
        {"started_at": START, column: None},
        {"started_at": None, column: START},
    ]
    assert told(fine, []) == []


@pytest.mark.parametrize("flag", sorted(FAULTS))
def test_identifiers_that_a_fault_spoiled_are_counted_by_kind(flag: str) -> None:
    lines = told([], [("phone", flag), ("email", flag), ("phone", flag)])

    assert [line.split(" not used")[0] for line in lines] == ["email: 1", "phone: 2"]


@pytest.mark.parametrize("flag", sorted(set(IDENTIFIER_FLAGS) - set(FAULTS)))
def test_what_is_no_fault_of_the_export_is_not_told(flag: str) -> None:
    assert told([], [("phone", flag)]) == []


def test_of_sound_records_nothing_is_told() -> None:
    assert told([], []) == []
    assert set(FAULTS) <= set(IDENTIFIER_FLAGS)
