"""The import report: every row is accounted for, and nothing of it is obeyed."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap.errors import UsageError
from cxmap.importreport import (
    FileReport,
    ImportReport,
    Lost,
    SourceReport,
    State,
    what_it_bears,
)
from cxmap.text import CONTROLS
from cxmap.views.importing import render_import

CALLS = FileReport(
    file="calls\x1b[31m.csv",
    source="calls",
    profile="asterisk_queue_log",
    state="loaded",
    records=12_345,
    kept=12_000,
    filtered=300,
    duplicates=40,
    rejected=5,
    cell_rejects=2,
    reasons={"bad_time": 5, "bad_number": 2},
    lost=(
        Lost(None, "torn_tail", 1, 0),
        Lost("resolved", "bad_flag", 0, 2),
        Lost("started_at", "bad_time", 4, 0),
    ),
    notes=("cp1252",),
)
NOTES = FileReport("notes.txt", None, None, "unrecognised")
REPORT = ImportReport(
    files=(CALLS, NOTES),
    sources=(
        SourceReport(
            source="calls",
            contacts=12_000,
            identified=0.934,
            comparable_topic=None,
            since=datetime(2026, 1, 1, tzinfo=UTC),
            until=datetime(2026, 1, 31, 8, tzinfo=UTC),
            unmapped={"disposition": 17},
        ),
    ),
    can_bear=what_it_bears(30),
)


def test_each_file_says_where_its_rows_went() -> None:
    shown = render_import(REPORT, "table")
    row = next(line for line in shown.splitlines() if "calls" in line)

    assert row.split()[1:] == ["calls", "loaded", "12,345", "12,000", "300", "40", "5"]
    assert "rows rejected: torn_tail 1, started_at: bad_time 4\n" in shown
    assert "cells left empty: resolved: bad_flag 2\n" in shown
    assert "cp1252" in shown


def test_a_count_that_is_nought_everywhere_has_no_column() -> None:
    shown = render_import(REPORT, "table")

    assert "Duplicates" in shown
    assert "Forgotten" not in shown
    assert "Footer" not in shown


def test_sources_say_who_is_known_and_what_is_unmapped() -> None:
    shown = render_import(REPORT, "table")

    assert "93.4 %" in shown
    assert "2026-01-01 00:00 – 2026-01-31 08:00" in shown
    assert "calls: disposition: 17 rows with an unmapped value" in shown
    assert "30 days held; it takes 45 for first_contact_resolution" in shown


def test_a_dry_run_says_that_nothing_was_written() -> None:
    assert "nothing was written" not in render_import(REPORT, "table")
    assert "nothing was written" in render_import(
        replace(REPORT, dry_run=True), "table"
    )


@pytest.mark.parametrize("form", ["table", "json"])
def test_a_hostile_file_name_is_shown_and_not_obeyed(form: str) -> None:
    shown = render_import(REPORT, form)

    assert not CONTROLS.search(shown.replace("\n", ""))
    assert "calls" in shown


def test_on_ascii_streams_nothing_else_is_written() -> None:
    report = replace(REPORT, files=(replace(CALLS, file="通話.csv"),))

    assert render_import(report, "table", ascii=True).isascii()
    assert render_import(report, "json", ascii=True).isascii()


def test_json_holds_every_count() -> None:
    printed = json.loads(render_import(REPORT, "json"))

    assert printed["schema"] == "cxmap.import/1"
    assert printed["files"][0]["records"] == 12_345
    assert printed["files"][0]["reasons"] == {"bad_time": 5, "bad_number": 2}
    assert printed["sources"][0]["since"] == "2026-01-01T00:00:00Z"


def test_a_report_of_nothing_is_shown() -> None:
    assert render_import(ImportReport(()), "table") is not None
    assert json.loads(render_import(ImportReport(()), "json"))["files"] == []


@pytest.mark.parametrize("form", ["csv", "md", ""])
def test_other_forms_are_refused(form: str) -> None:
    with pytest.raises(UsageError, match="write table or json"):
        render_import(REPORT, form)


def test_rows_that_went_nowhere_are_said() -> None:
    lost = replace(REPORT, files=(replace(CALLS, kept=1),))

    assert CALLS.balanced
    assert "do not add up" not in render_import(REPORT, "table")
    assert "do not add up" in render_import(lost, "table")


@given(st.lists(st.integers(0, 50), min_size=8, max_size=8), st.integers(-3, 3))
def test_a_file_is_balanced_when_its_rows_are_the_sum(
    counts: list[int], lost: int
) -> None:
    kept, filtered, duplicates, rejected, blank, footer, forgotten, refused = counts
    file = replace(
        CALLS,
        records=sum(counts) + lost,
        kept=kept,
        filtered=filtered,
        duplicates=duplicates,
        rejected=rejected,
        blank=blank,
        footer=footer,
        forgotten=forgotten,
        refused=refused,
    )

    assert file.balanced == (lost == 0)


def test_data_that_reach_far_enough_bear_everything() -> None:
    assert what_it_bears(75) == ()
    assert len(what_it_bears(74)) == 1
    assert what_it_bears(1)[0].startswith("1 day held; ")


def test_all_that_the_days_held_cannot_bear_is_one_line() -> None:
    (line,) = what_it_bears(28)

    assert line.startswith("28 days held; it takes 45 for first_contact_resolution, ")
    assert line.endswith(", and 75 for changes")


@pytest.mark.parametrize("state", ["loaded", "replaced", "dry_run"])
def test_a_file_of_which_nothing_was_kept_says_so(state: State) -> None:
    empty = replace(CALLS, state=state, kept=0, rejected=12_005)
    shown = render_import(replace(REPORT, files=(empty,)), "table")

    assert "nothing was kept of its 12,345 rows" in shown
    assert "nothing was kept" not in render_import(REPORT, "table")
