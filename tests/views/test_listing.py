"""Any table and any facts, in every form."""

import csv
import io
import json
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from cxmap.errors import UsageError
from cxmap.text import CONTROLS, safe
from cxmap.views.listing import FORMS, render_facts, render_table
from cxmap.views.plain import csv_text, json_text

ROWS = pl.DataFrame(
    {
        "topic": ["a|b", None, "[bold]=x\x1b"],
        "gap_seconds": [120, 99_999, None],
        "identified": [0.5, None, 1.0],
        "started_at": [datetime(2026, 1, 1, 8, 30, 15, tzinfo=UTC)] * 3,
        "open": [True, False, None],
        "channels": [["voice", "chat"], [], None],
        "contacts": [12_345, 0, -1],
    }
)


def test_people_read_durations_shares_and_words() -> None:
    shown = render_table(ROWS, "table", heading="Journeys", shares=["identified"])
    lines = shown.splitlines()

    assert lines[0] == "Journeys"
    assert lines[2].split() == [
        *("Topic", "Gap", "Identified", "Started", "at", "Open", "Channels"),
        "Contacts",
    ]
    assert lines[4].split() == [
        *("a|b", "2.0", "min", "50.0", "%", "2026-01-01", "08:30", "yes"),
        *("voice,", "chat", "12,345"),
    ]
    assert "[bold]=x\\x1b" in shown


def test_data_forms_keep_names_and_numbers_as_they_are() -> None:
    printed = json.loads(render_table(ROWS, "json"))
    lines = [json.loads(x) for x in render_table(ROWS, "jsonl").splitlines()]
    table = list(csv.DictReader(io.StringIO(render_table(ROWS, "csv"))))

    assert printed == lines
    assert list(printed[0]) == ROWS.columns == list(table[0])
    assert printed[0]["gap_seconds"] == 120
    assert printed[0]["started_at"] == "2026-01-01T08:30:15Z"
    assert table[0]["channels"] == '["voice", "chat"]'
    assert [row["contacts"] for row in table] == ["12345", "0", "-1"]
    assert table[1]["topic"] == ""


def test_a_formula_in_a_text_is_disarmed_and_a_negative_number_is_not() -> None:
    rows = pl.DataFrame(
        {"text": ["=1+1", "-3", "＝x", "\tx"], "number": [-1, -2, 3, 4]}
    )
    table = list(csv.DictReader(io.StringIO(render_table(rows, "csv"))))

    assert [row["text"] for row in table] == ["'=1+1", "'-3", "'＝x", "' x"]
    assert [row["number"] for row in table] == ["-1", "-2", "3", "4"]


def test_markdown_keeps_one_row_a_row_and_its_notes_are_no_headings() -> None:
    shown = render_table(
        ROWS, "md", heading="# x", notes=["# big", "- item", "1. one", "> q", "fine"]
    )

    assert "a\\|b" in shown
    assert shown.startswith("## \\# x\n")
    for note in ("- \\# big", "- \\- item", "- 1\\. one", "- &gt; q", "- fine"):
        assert f"\n{note}\n" in shown


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("rows", [ROWS.clear(), pl.DataFrame()])
def test_an_empty_table_is_shown(form: str, rows: pl.DataFrame) -> None:
    assert isinstance(render_table(rows, form), str)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("ascii_only", [False, True])
def test_no_form_lets_a_control_character_through(form: str, ascii_only: bool) -> None:
    shown = render_table(ROWS, form, ascii=ascii_only)

    assert not CONTROLS.search(shown.replace("\n", ""))


@pytest.mark.parametrize("width", [30, 60, 200])
def test_a_terminal_folds_and_never_cuts(width: int) -> None:
    shown = render_table(ROWS.select("topic", "contacts"), "table", width=width)

    assert max(cell_len(line) for line in shown.splitlines()) <= width
    assert "…" not in shown


@given(st.lists(st.text(max_size=20), max_size=5))
@settings(max_examples=50, deadline=None)
def test_any_text_comes_out_of_json_as_it_went_in(texts: list[str]) -> None:
    rows = pl.DataFrame({"text": texts}, schema={"text": pl.String()})
    shown = render_table(rows, "json")

    assert [row["text"] for row in json.loads(shown)] == texts
    assert not CONTROLS.search(shown.replace("\n", ""))


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(UsageError, match="table, md, csv, json, jsonl"):
        render_table(ROWS, "xlsx")
    with pytest.raises(UsageError, match="table, md, csv, json, jsonl"):
        render_facts({}, "xlsx")


def test_facts_are_one_a_line_and_one_object() -> None:
    facts = {"key_id": "ab\x1b", "rows": 12_345, "oldest_at": None}
    table = render_facts(facts, "table")

    assert [line.split() for line in table.splitlines()[2:]] == [
        ["Key", "id", safe("ab\x1b")],
        ["Rows", "12,345"],
        ["Oldest", "at", "–"],
    ]
    assert json.loads(render_facts(facts, "json")) == facts
    assert json.loads(render_facts(facts, "jsonl")) == facts
    assert render_facts(facts, "csv").splitlines()[2] == "rows,12345"
    assert "| Rows | 12,345 |" in render_facts(facts, "md")


CELLS = st.one_of(st.none(), st.text(max_size=8))
ROW = st.tuples(
    CELLS,
    st.none() | st.integers(-(2**62), 2**62),
    st.none() | st.floats(),
    st.none() | st.booleans(),
    st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
    st.none() | st.lists(CELLS, max_size=2),
)


@given(st.lists(ROW, max_size=6))
@settings(max_examples=60, deadline=None)
def test_the_columnar_way_writes_what_the_plain_way_writes(
    rows: list[tuple[object, ...]],
) -> None:
    seconds = [
        (*row[:4], row[4] and row[4].replace(microsecond=0, tzinfo=UTC), row[5])
        for row in rows
    ]
    table = pl.DataFrame(
        seconds,
        orient="row",
        schema={
            "text": pl.String(),
            "count": pl.Int64(),
            "share": pl.Float64(),
            "open": pl.Boolean(),
            "started_at": pl.Datetime("us", "UTC"),
            "channels": pl.List(pl.String()),
        },
    )
    fast = list(csv.reader(io.StringIO(render_table(table, "csv"), newline="")))
    slow = list(csv.reader(io.StringIO(csv_text(table.columns, seconds), newline="")))
    same = [
        [*row[:2], row[2] and float(row[2]), *row[3:]] for row in [*fast[1:], *slow[1:]]
    ]

    assert fast[0] == slow[0]
    assert same[: len(seconds)] == same[len(seconds) :]
    assert json.loads(render_table(table, "json")) == json.loads(
        json_text([dict(zip(table.columns, row, strict=True)) for row in seconds])
    )
    assert render_table(table, "jsonl", ascii=True).isascii()


def test_a_narrow_table_breaks_between_words_and_says_what_it_leaves_out() -> None:
    rows = pl.DataFrame(
        {
            "journey_id": ["j_0123456789abcdef"],
            "path": ["chat > email > voice > voice > voice > email"],
            "topic": ["contract/cancel"],
            "ladder": ["unproven"],
        }
    )
    shown = render_table(rows, "table", spare=["ladder"], width=50)

    assert max(cell_len(line) for line in shown.splitlines()) <= 50
    for whole in ("j_0123456789abcdef", "contract/cancel", "Too narrow for: Ladder."):
        assert whole in shown
    wide = render_table(rows, "table", spare=["ladder"])
    assert "chat > email > voice ×3 > email" in wide
    assert "unproven" in wide
