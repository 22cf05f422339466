"""The import report: every row is accounted for, and nothing of it is obeyed."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap.errors import UsageError
from cxmap.importreport import (
    FileReport,
    ImportReport,
    Lack,
    Lost,
    Restatement,
    SourceReport,
    State,
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
CALLS_HELD = SourceReport(
    source="calls",
    contacts=12_000,
    inbound=11_000,
    identified=0.934,
    comparable_topic=None,
    ended=1.0,
    since=datetime(2026, 1, 1, tzinfo=UTC),
    until=datetime(2026, 1, 31, 8, tzinfo=UTC),
    days=30,
    zones={"profile": 11_990, "unknown": 10},
    unmapped={"disposition": 17},
    left_out={"no_start": 2, "spam": 1},
    conflicts=3,
    contact_ids={
        "no_start": ("calls:1", "calls:2"),
        "spam": ("calls:3",),
        "conflicts": ("calls:4", "calls:5", "calls:6"),
    },
)
REPORT = ImportReport(
    files=(CALLS, NOTES),
    sources=(CALLS_HELD,),
    can_bear=("30 days held: first_contact_resolution needs 45, changes 75",),
)


def test_each_file_says_where_its_rows_went() -> None:
    shown = render_import(REPORT, "table")
    row = next(line for line in shown.splitlines() if ".csv" in line)

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
    assert "2026-01-01 – 2026-01-31" in shown
    assert (
        "calls: disposition: 17 rows with an unmapped value; "
        "`cxmap sources show calls --unmapped` lists them\n"
    ) in shown
    assert "30 days held: first_contact_resolution needs 45, changes 75" in shown


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


def test_the_whole_picture_comes_before_the_files() -> None:
    lines = render_import(REPORT, "table").splitlines()
    places = [
        next(place for place, line in enumerate(lines) if words in line)
        for words in ("2 files, 12,345 rows", "Identified", "30 days held", "notes.txt")
    ]

    assert places[0] == 0
    assert places == sorted(places)


def test_contacts_that_are_apart_are_counted_and_listed_only_when_asked() -> None:
    brief = render_import(REPORT, "table")
    whole = render_import(REPORT, "table", verbose=True)

    assert "calls: 2 contacts left out: no record says when they began\n" in brief
    assert "calls: 1 contact left out: spam\n" in brief
    assert "calls: 3 contacts refer to a contact of another customer" in brief
    assert "calls:4" not in brief
    assert "joined with nobody: calls:4, calls:5, calls:6\n" in whole


def test_json_lists_contacts_only_when_asked() -> None:
    brief = json.loads(render_import(REPORT, "json"))["sources"][0]
    whole = json.loads(render_import(REPORT, "json", verbose=True))["sources"][0]

    assert brief["left_out"] == {"no_start": 2, "spam": 1}
    assert "contact_ids" not in brief
    assert whole["contact_ids"]["spam"] == ["calls:3"]


def with_source(**said: Any) -> str:
    source = replace(CALLS_HELD, **said)
    return render_import(replace(REPORT, sources=(source,)), "table")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"zones": {"assumed": 9}}, "times of 9 contacts name no zone and were read"),
        ({"precision": {"minute": 4}}, "4 contacts with times to the minute only"),
        ({"limits": ("no messages",)}, "calls: no messages\n"),
        ({"unmapped": {"topic": 1}}, "topic: 1 contact with an unmapped value"),
        ({"left_out": {"not_yet": 1}}, "not counted yet: they begin after now"),
        ({"lacking": (Lack("csat", ("score",)),)}, "not computable for calls: csat; "),
    ],
)
def test_a_sentence_stands_only_where_something_is_wrong(
    said: dict[str, Any], sentence: str
) -> None:
    assert sentence in with_source(**said)
    assert sentence not in render_import(REPORT, "table")


def test_what_cannot_be_computed_is_said_once_for_all_that_lack_the_same() -> None:
    replies = ("first_response_seconds|first_response_at",)
    lacking = (
        Lack("slow_first_response", replies),
        Lack("first_response_time", replies),
    )
    sources = tuple(
        replace(CALLS_HELD, source=name, lacking=lacking) for name in ("bot", "desk")
    )
    report = replace(REPORT, sources=sources, lacking=(Lack("nps", ("score",)),))
    lines = [
        line
        for line in render_import(report, "table").splitlines()
        if "computable" in line
    ]

    assert lines == [
        "not computable for bot, desk: first_response_time, slow_first_response; "
        "needs first_response_seconds or first_response_at",
        "not computable for any source: nps; needs score",
    ]


def test_many_files_that_tell_nothing_share_a_line() -> None:
    clean = replace(CALLS, lost=(), notes=(), rejected=0, reasons={}, records=12_340)
    odd = replace(clean, file="odd.csv", lost=(Lost(None, "torn_tail", 1, 0),))
    many = replace(REPORT, files=(*[clean] * 30, odd, NOTES))
    brief = render_import(many, "table")
    row = next(line for line in brief.splitlines() if line.startswith("30 files"))

    assert row.split()[2:5] == ["calls", "loaded", "370,200"]
    assert "\nodd.csv" in brief
    assert "\nnotes.txt" in brief
    assert "30 files" not in render_import(many, "table", verbose=True)
    assert "30 files" not in render_import(
        replace(many, files=many.files[:20]), "table"
    )


@pytest.mark.parametrize(
    ("files", "named"), [(1, "1.csv: "), (3, "1.csv, 2.csv, 3.csv: "), (4, "4 files: ")]
)
def test_a_note_that_several_files_share_is_said_once(files: int, named: str) -> None:
    several = [replace(CALLS, file=f"{n + 1}.csv", lost=()) for n in range(files)]
    shown = render_import(ImportReport(tuple(several)), "table")

    assert f"\n{named}cp1252\n" in shown
    assert shown.count("cp1252") == 1


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_of_a_table_is_wider_than_the_page(width: int) -> None:
    shown = render_import(replace(REPORT, files=(CALLS,)), "table", width=width)

    assert max(map(len, shown.splitlines())) <= width
    assert "12,000" in shown
    assert "93.4 %" in shown


@pytest.mark.parametrize("state", ["loaded", "replaced", "dry_run"])
def test_a_file_of_which_nothing_was_kept_says_so(state: State) -> None:
    empty = replace(CALLS, state=state, kept=0, rejected=12_005)
    shown = render_import(replace(REPORT, files=(empty,)), "table")

    assert "nothing was kept of its 12,345 rows" in shown
    assert "nothing was kept" not in render_import(REPORT, "table")


def a_restatement(month: int, **told: Any) -> Restatement:
    since = datetime(2026, month, 1, tzinfo=UTC)
    given = {
        "kpi": "first_contact_resolution",
        "period": f"2026-{month:02}",
        "since": since,
        "until": datetime(2026, month + 1, 1, tzinfo=UTC),
        "unit": "share",
        "previous": 0.712,
        "value": 0.689,
        "previous_n": 1204,
        "n": 1204,
        "because": {"late_repeats": 41, "contacts_added": 1},
    }
    return Restatement(**{**given, **told})


def test_a_restated_figure_is_told_with_its_causes() -> None:
    shown = render_import(replace(REPORT, restated=(a_restatement(5),)), "table")

    assert "Restated: 1 figure of 1 past month\n" in shown
    assert (
        "first_contact_resolution for 2026-05: 71.2 % → 68.9 % "
        "(n 1,204; 41 late repeats; 1 contact added)\n"
    ) in shown
    assert "cxmap explain first_contact_resolution --since 2026-05\n" in shown


def test_a_figure_of_which_nothing_is_left_is_a_dash() -> None:
    gone = a_restatement(5, value=None, n=0, unit="seconds", previous=7200.0)
    shown = render_import(replace(REPORT, restated=(gone,)), "table")

    assert "2.0 h → – (n 1,204 → 0; 41 late repeats" in shown


def test_many_restated_figures_are_counted_and_listed_only_when_asked_for() -> None:
    many = replace(REPORT, restated=tuple(a_restatement(m) for m in range(1, 12)))
    brief, whole = (render_import(many, "table", verbose=v) for v in (False, True))

    assert "Restated: 11 figures of 11 past months\n" in brief
    assert "  1 more; -v and -f json list them\n" in brief
    assert "2026-11" not in brief
    assert "2026-11" in whole
    assert len(json.loads(render_import(many, "json"))["restated"]) == 11


def test_nothing_restated_is_not_spoken_of() -> None:
    assert "Restated" not in render_import(REPORT, "table")
    assert json.loads(render_import(REPORT, "json"))["restated"] == []


def test_restated_figures_keep_to_ascii_and_to_units_in_json() -> None:
    report = replace(REPORT, restated=(a_restatement(5),))
    assert render_import(report, "table", ascii=True).isascii()

    (one,) = json.loads(render_import(report, "json"))["restated"]
    assert (one["previous"], one["value"]) == (0.712, 0.689)
    assert (one["since"], one["until"]) == (
        "2026-05-01T00:00:00Z",
        "2026-06-01T00:00:00Z",
    )
    assert one["because"] == {"late_repeats": 41, "contacts_added": 1}
