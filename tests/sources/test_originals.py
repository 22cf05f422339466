"""The rows of an export as they stand in it, whatever it is written in."""

import csv
import gzip
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap.sources.originals import originals
from cxmap.sources.read import ReadOptions, read

PLAIN = ReadOptions()
LINES = ["id,name", "1,Zoë", "2", '3,"two\nlines"', "4,ok", "5,x,y"]
EACH = {2: "1,Zoë", 3: "2", 4: '3,"two\nlines"', 6: "4,ok", 7: "5,x,y"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_row_comes_as_the_parser_saw_it(
    tmp_path: Path, encoding: str, ending: str, packed: bool
) -> None:
    data = (ending.join(LINES) + ending).encode(encoding)
    path = tmp_path / "export"
    path.write_bytes(gzip.compress(data) if packed else data)

    assert originals(path, PLAIN, list(EACH)) == EACH


def test_rows_count_physical_lines_below_a_banner(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("A report\n\n\nid,name,team\n1,a,b\n2\n3,c,d\n")
    (lost,) = read(path).rejects["row"]

    assert originals(path, PLAIN, [lost]) == {6: "2"}


def test_nothing_is_read_where_nothing_was_rejected(tmp_path: Path) -> None:
    assert originals(tmp_path / "missing", PLAIN, []) == {}


def test_a_line_of_json_comes_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    path.write_text('{"a": 1}\n{"a":1,"a":2}\n[1]\n{"a"')

    found = originals(path, PLAIN, list(read(path).rejects["row"]))

    assert found == {2: '{"a":1,"a":2}', 3: "[1]", 4: '{"a"'}


def test_a_record_of_a_document_comes_by_its_number_as_compact_json(
    tmp_path: Path,
) -> None:
    path = tmp_path / "export.json"
    path.write_text('[\n {"a": 1.50},\n 7,\n {"b": NaN},\n {"c": 1, "c": 2}\n]')
    lost = read(path).rejects["row"]

    assert originals(path, PLAIN, list(lost)) == {2: "7", 3: '{"b":NaN}', 4: '{"c":2}'}


def test_where_a_document_breaks_off_there_is_nothing_to_show(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text('{"a": 1}\n{"a": \n')
    lost = read(path).rejects["row"]

    assert set(originals(path, PLAIN, list(lost))) <= set(lost)


def test_a_row_of_parquet_comes_as_json(tmp_path: Path) -> None:
    path = tmp_path / "export.parquet"
    pl.DataFrame({"a": [1, 2], "b": [None, "x"]}).write_parquet(path)

    assert originals(path, PLAIN, [2]) == {2: '{"a":"2","b":"x"}'}


CELL = st.text(st.sampled_from('ab,"\n é'), max_size=6)
"""What quotes and cuts a delimited file."""


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8))
def test_every_row_of_a_file_can_be_shown_and_read_again(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("one") / "export.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerows([("first", "second"), *cells])
    rows = read(path).rows

    found = originals(path, PLAIN, rows["_row"].to_list())

    assert list(found) == rows["_row"].to_list()
    for row, first, second in rows.iter_rows():
        (again,) = csv.reader(io.StringIO(found[row], newline=""), strict=True)
        assert again == [first or "", second or ""]


def test_a_row_that_fails_for_its_values_can_be_shown_too(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("id,at\n1,never\n2,soon\n")

    assert originals(path, PLAIN, [3]) == {3: "2,soon"}
    assert originals(path, PLAIN, [99]) == {}
