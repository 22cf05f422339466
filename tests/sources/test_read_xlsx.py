"""Workbooks: every cell as text, every row by its own number, every trick refused."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter.utility import xl_col_to_name

from cxmap.errors import ExportError
from cxmap.sources.identifiers import judge
from cxmap.sources.profile import load_profile, parts, resolve
from cxmap.sources.read import RawExport, ReadOptions, peek, read

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TEXT = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'


def sheet(cells: str, after: str = "") -> str:
    return (
        f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData>{after}</worksheet>'
    )


def row(number: int, *cells: str) -> str:
    """Return a row of texts in the columns A, B …"""
    inside = "".join(
        TEXT.format(f"{xl_col_to_name(k)}{number}", cell)
        for k, cell in enumerate(cells)
        if cell
    )
    return f'<row r="{number}">{inside}</row>'


def packed(members: Mapping[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as container:
        for name, text in members.items():
            container.writestr(name, text)
    return made.getvalue()


def workbook(*sheets: str, **more: str) -> bytes:
    """Return a workbook of raw sheets, with `more` members."""
    numbers = range(1, len(sheets) + 1)
    listed = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r{n}"/>' for n in numbers)
    links = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" Target="s{n}.xml"/>'
        for n in numbers
    )
    inside = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f"{links}</Relationships>",
        **{f"xl/s{n}.xml": text for n, text in zip(numbers, sheets, strict=True)},
    }
    return packed(inside | more)


def given_book(tmp_path: Path, content: bytes, name: str = "book.xlsx") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def written(tmp_path: Path, rows: Sequence[Sequence[Any]], **options: Any) -> Path:
    """Return a workbook that a spreadsheet library wrote of plain Python values."""
    path = tmp_path / "written.xlsx"
    with xlsxwriter.Workbook(
        path, {"default_date_format": "yyyy-mm-dd hh:mm:ss", **options}
    ) as book:
        table = book.add_worksheet("Data")
        long = book.add_format({"num_format": "[h]:mm:ss"})
        for number, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                if isinstance(cell, timedelta):
                    table.write_datetime(number, place, cell, long)
                elif isinstance(cell, str):
                    table.write_string(number, place, cell)
                else:
                    table.write(number, place, cell)
    return path


def cells(found: RawExport) -> list[tuple[Any, ...]]:
    assert found.records == (
        found.rows.height
        + found.blank
        + found.footer
        + found.rejects.filter("whole_row").height
    )
    return found.rows.rows()


def test_every_cell_is_text_as_it_was_meant(tmp_path: Path) -> None:
    when = datetime(2026, 3, 1, 10, 0, 7)
    path = written(
        tmp_path,
        [
            ["id", "at", "day", "n", "share", "flag", "long", "clock"],
            ["007", when, datetime(2026, 3, 1), 3.0, 0.1, True, "x", time(1, 2, 3)],
            [
                "8",
                when,
                datetime(2026, 3, 2),
                44791112345,
                41800000.01,
                False,
                "1e5",
                timedelta(hours=26, minutes=3),
            ],
        ],
    )

    assert cells(read(path)) == [
        (
            2,
            "007",
            "2026-03-01 10:00:07",
            "2026-03-01",
            "3",
            "0.1",
            "true",
            "x",
            "1:02:03",
        ),
        (
            3,
            "8",
            "2026-03-01 10:00:07",
            "2026-03-02",
            "44791112345",
            "41800000.01",
            "false",
            "1e5",
            "26:03:00",
        ),
    ]


@given(
    st.lists(
        st.one_of(
            st.integers(-(10**15) + 1, 10**15 - 1),
            st.floats(0.001, 10**9).map(lambda x: round(x, 4)),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_numbers_that_a_spreadsheet_can_hold_keep_every_digit(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[float]
) -> None:
    path = written(
        tmp_path_factory.mktemp("n"), [["n", "x"], *([n, "y"] for n in numbers)]
    )

    found = read(path).rows["n"].to_list()

    assert [float(text) for text in found] == [float(n) for n in numbers]
    assert not any(text.endswith(".0") for text in found)


@pytest.mark.parametrize("since_1904", [False, True])
@pytest.mark.parametrize("days", [0, 1, 30, 58, 61, 300])
def test_lengths_of_time_are_hours_whatever_the_days_count_from(
    tmp_path: Path, days: int, since_1904: bool
) -> None:
    length = timedelta(days=days, hours=5, seconds=9)
    moment = datetime(2026, 3, 1, 12)
    path = written(tmp_path, [["t", "at"], [length, moment]], date_1904=since_1904)

    found = read(path)

    assert cells(found) == [(2, f"{24 * days + 5}:00:09", "2026-03-01 12:00:00")]
    assert any("1904" in note for note in found.notes) == since_1904


@pytest.mark.parametrize(
    ("number", "lost"),
    [
        ("447911123456", False),
        ("4.47911123456E11", False),
        ("4.4791112E11", False),
        ("4.47911E+11", True),
        ("447911123456789012", True),
        ("4.4791112345678902E17", True),
        ("4.4791112345678902E+17", True),
        ("4479111234567000", True),
    ],
)
def test_an_id_that_lost_digits_shows_it(
    tmp_path: Path, number: str, lost: bool
) -> None:
    path = given_book(
        tmp_path,
        workbook(
            sheet(row(1, "id", "x") + f'<row r="2"><c r="A2"><v>{number}</v></c></row>')
        ),
    )

    ids = read(path).rows["id"]
    flags = judge("external_id", ids, region=None, own_numbers=())["flag"].to_list()

    assert flags == ["precision_lost" if lost else None]


def test_rows_bear_the_numbers_the_sheet_shows(tmp_path: Path) -> None:
    body = (
        row(3, "Weekly report")
        + row(5, "id", "", "name")
        + row(6, "1", "", "a")
        + row(9, "2", "", "b")
    )
    path = given_book(tmp_path, workbook(sheet(body)))

    found = read(path)

    assert found.rows.columns == ["_row", "id", "[2]", "name"]
    assert cells(found) == [(6, "1", None, "a"), (9, "2", None, "b")]
    assert (found.preamble, found.blank, found.records) == (4, 2, 4)


def test_totals_below_a_gap_are_a_footer(tmp_path: Path) -> None:
    body = (
        row(1, "id", "n")
        + row(2, "a", "1")
        + row(4, "Total", "1")
        + row(5, "Note", "x")
    )
    path = given_book(tmp_path, workbook(sheet(body)))

    found = read(path)

    assert cells(found) == [(2, "a", "1")]
    assert (found.footer, found.blank) == (2, 1)


def test_a_footer_is_what_the_profile_says(tmp_path: Path) -> None:
    body = row(1, "id", "n") + row(2, "a", "1") + row(3, "Rows: 1", "1")
    path = given_book(tmp_path, workbook(sheet(body)))

    assert read(path, ReadOptions(footer="^Rows:")).footer == 1
    assert read(path).footer == 0


def test_merged_cells_over_two_rows_are_one_header(tmp_path: Path) -> None:
    body = (
        row(1, "Calls of March")
        + row(2, "id", "customer", "", "at")
        + row(3, "", "name", "phone", "")
        + row(4, "1", "a", "2", "3")
    )
    merged = '<mergeCells><mergeCell ref="A1:D1"/><mergeCell ref="A2:A3"/>'
    merged += '<mergeCell ref="B2:C2"/><mergeCell ref="D2:D3"/></mergeCells>'
    path = given_book(tmp_path, workbook(sheet(body, merged)))

    found = read(path)

    assert found.rows.columns == ["_row", "id", "name", "phone", "at"]
    assert cells(found) == [(4, "1", "a", "2", "3")]


def test_further_header_rows_are_passed_over(tmp_path: Path) -> None:
    body = row(1, "id", "n") + row(2, "the id", "the n") + row(3, "a", "1")
    path = given_book(tmp_path, workbook(sheet(body)))

    assert cells(read(path, ReadOptions(header_rows=2))) == [(3, "a", "1")]


def test_a_sheet_without_a_header_has_the_profiles_columns(tmp_path: Path) -> None:
    path = given_book(tmp_path, workbook(sheet(row(1, "a", "1") + row(2, "b", "2"))))

    found = read(path, ReadOptions(header=False, columns=("id", "n")))

    assert found.rows.columns == ["_row", "id", "n"]
    assert cells(found) == [(1, "a", "1"), (2, "b", "2")]


def test_errors_and_formulas_without_a_value_are_rejected_cells(tmp_path: Path) -> None:
    body = row(1, "", "id", "n") + (
        '<row r="2"><c r="B2" t="e"><v>#N/A</v></c><c r="C2"><v>1</v></c></row>'
        '<row r="3"><c r="B3"><v>7</v></c><c r="C3"><f>NOW()</f></c></row>'
        '<row r="4"><c r="B4" t="str"><f>A1</f><v></v></c><c r="C4"><v>2</v></c></row>'
        '<row r="5"><c r="B5" t="e"><v>#REF!</v></c></row>'
    )
    path = given_book(tmp_path, workbook(sheet(body)))

    found = read(path)

    assert cells(found) == [
        (2, None, "1"),
        (3, "7", None),
        (4, None, "2"),
        (5, None, None),
    ]
    assert found.rejects.rows() == [
        (2, "id", "cell_error", False),
        (3, "n", "not_calculated", False),
        (5, "id", "cell_error", False),
    ]


def test_the_first_visible_sheet_with_a_table_is_read(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, table in (
            ("Hidden", [["x", "y"], [9, 9]]),
            ("Cover", [["Report of March"]]),
            ("Empty", []),
            ("Calls", [["id", "n"], [1, 2]]),
            ("Chats", [["id", "n"], [3, 4]]),
        ):
            made = book.add_worksheet(name)
            for number, line in enumerate(table):
                made.write_row(number, 0, line)
            if name == "Hidden":
                made.hide()
        book.get_worksheet_by_name("Cover").activate()

    found = read(path)

    assert cells(found) == [(2, "1", "2")]
    assert found.notes[0].startswith("sheet Calls was read, 4 others were not")
    assert peek(path).sheet == "Calls"
    assert peek(path, sheet="Hidden").rows.row(0) == (2, "9", "9")
    assert cells(read(path, ReadOptions(sheet="Chats"))) == [(2, "3", "4")]
    assert cells(read(path, ReadOptions(sheet="Hidden"))) == [(2, "9", "9")]
    with pytest.raises(ExportError, match="no sheet Chat; the nearest is Chats"):
        read(path, ReadOptions(sheet="Chat"))


def test_a_peek_shows_what_a_read_gives(tmp_path: Path) -> None:
    path = written(
        tmp_path, [["title"], ["id", "Id", ""], *([n, "x", n] for n in range(300))]
    )

    found, head = read(path), peek(path)

    assert head.names == ("id", "Id[2]", "[3]")
    assert head.raw_names == ("id", "Id", "")
    assert (head.format, head.preamble) == ("xlsx", 1)
    assert head.rows.rows() == found.rows.head(200).rows()
    assert found.duplicate_headers == ("id",)


def test_shared_texts_are_read(tmp_path: Path) -> None:
    texts = "".join(f"<si><t>{word}</t></si>" for word in ("id", "n", "a"))
    kinds = f'<Types xmlns="{PACKAGE}/content-types"/>'
    link = f'Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"'
    links = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{OFFICE}/worksheet" Target="s1.xml"/><Relationship Id="r2" {link}/>'
        "</Relationships>"
    )
    shared = '<row r="{0}"><c r="A{0}" t="s"><v>{1}</v></c><c r="B{0}" t="s"><v>{2}</v>'
    body = "".join(
        f"{shared.format(n, *p)}</c></row>" for n, p in ((1, (0, 1)), (2, (2, 2)))
    )
    content = workbook(
        sheet(body),
        **{
            "[Content_Types].xml": kinds,
            "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>',
            "xl/_rels/workbook.xml.rels": links,
        },
    )

    assert cells(read(given_book(tmp_path, content))) == [(2, "a", "a")]


HUGE = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576">'


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (
            workbook('<!DOCTYPE x [<!ENTITY a "b">]>' + sheet(row(1, "a", "b"))),
            "entities",
        ),
        (
            workbook(sheet(row(1, "a", "b")), **{"docProps/x.xml": "<!DOCTYPE x>"}),
            "entities",
        ),
        (workbook("\0" + sheet(row(1, "a", "b"))), "foreign encoding"),
        (workbook(sheet(" " * 9_000_000)), "more than 200 times"),
        (workbook(sheet(HUGE + "<v>1</v></c></row>")), "S1: spans far more cells"),
        (workbook(sheet(row(1, *("x" * 513)))), "S1: more than 512 columns"),
        (workbook(sheet("")), "no sheet holds a table"),
        (workbook(), "no sheet holds a table"),
        (workbook(sheet('<row r="1"><c r="A1" t="q"><v>1</v></c></row>')), "damaged"),
        (workbook(sheet(row(1, "a", "b")))[:-200], "damaged"),
        (packed({"readme.txt": "x"}), "(no Excel workbook|holds no export)"),
        (packed({"xl/workbook.bin": "x"}), "binary workbook"),
        (packed({"mimetype": "x", "content.xml": "x"}), "OpenDocument"),
        (b"PK\x03\x04rest", "damaged"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "old Excel file .* as .xlsx"),
        (
            b"\xd0\xcf\x11\xe0"
            + bytes(2_000_000)
            + "EncryptedPackage".encode("utf-16-le"),
            "encrypted workbook; save it without a password",
        ),
    ],
)
def test_what_is_no_sound_workbook_is_refused(
    tmp_path: Path, content: bytes, why: str
) -> None:
    path = given_book(tmp_path, content)
    for look in (read, peek):
        with pytest.raises(ExportError, match=f"^book.xlsx: .*{why}"):
            look(path)


def test_a_text_that_many_cells_share_is_counted_for_each(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as book:
        made = book.add_worksheet()
        for number in range(2000):
            made.write_row(number, 0, ["x" * 30_000, "y"])

    with pytest.raises(ExportError, match="more than 200 times its size"):
        read(tmp_path / "book.xlsx")


def test_a_workbook_where_json_is_expected_is_refused(tmp_path: Path) -> None:
    path = given_book(tmp_path, workbook(sheet(row(1, "a", "b"))))
    with pytest.raises(ExportError, match="this part reads json"):
        read(path, ReadOptions(format="json"))
    text = given_book(tmp_path, b"a,b\n1,2\n", "x.csv")
    with pytest.raises(ExportError, match=r"this part reads \.xlsx"):
        read(text, ReadOptions(format="xlsx"))


def test_a_message_holds_no_cell(tmp_path: Path) -> None:
    body = row(1, "a", "b") + '<row r="2"><c r="A2" t="s"><v>canary</v></c></row>'
    with pytest.raises(ExportError) as refused:
        read(given_book(tmp_path, workbook(sheet(body))))

    assert "canary" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_large_sheet_is_looked_at_piece_by_piece(tmp_path: Path) -> None:
    height = 60_000
    path = written(
        tmp_path,
        [
            ["id", "a", "b", "c"],
            *([n, "x" * 20, 10**15 + n, n / 8] for n in range(height)),
        ],
    )

    found = read(path)

    assert found.rows.height == height
    assert found.rows["_row"].equals(pl.Series("_row", range(2, height + 2), pl.Int64))
    assert found.rows["b"].str.starts_with("1.0000000000").all()


def test_the_sheet_is_a_setting_of_every_source(tmp_path: Path) -> None:
    path = written(tmp_path, [["id", "n"], [1, 2]])

    for name in ("generic_contacts", "zendesk_tickets"):
        resolved = resolve(load_profile(name), {"sheet": "Other"})
        for part in parts(resolved).values():
            assert part.read.sheet == "Other"
    with pytest.raises(ExportError, match="no sheet Other"):
        read(path, ReadOptions(sheet="Other"))
