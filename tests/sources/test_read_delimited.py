"""Delimited files: nothing lost, nothing invented, every line accounted for."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxmap.errors import ConfigError, CxmapError, ExportError
from cxmap.names import REJECT_REASONS
from cxmap.sources.read import Limits, RawExport, ReadOptions, peek, read

COMMA = ReadOptions(delimiter=",")

cells = st.text(st.sampled_from('ab ,;|\t"\n\ré–😀=0'), max_size=6)
tables = st.integers(2, 5).flatmap(
    lambda width: st.lists(
        st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=8
    )
)
relaxed = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def given_file(tmp_path: Path, content: bytes | str, name: str = "x.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def balanced(found: RawExport) -> bool:
    lost = int(found.rejects["whole_row"].sum())
    return found.records == found.rows.height + lost + found.blank + found.footer


def reasons(found: RawExport) -> list[tuple[int, str]]:
    return found.rejects.select("row", "reason").rows()


def written(row: list[str], quoting: int, eol: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=quoting, lineterminator=eol).writerow(row)
    return text.getvalue()


def drawn(table: list[list[str]], quoting: int, eol: str) -> list[str]:
    header = [f"c{k}" for k in range(len(table[0]))]
    return [written(row, quoting, eol) for row in [header, *table]]


dialects = st.sampled_from(
    [(csv.QUOTE_MINIMAL, "\r\n"), (csv.QUOTE_ALL, "\r\n"), (csv.QUOTE_ALL, "\n")]
)


@relaxed
@given(table=tables, dialect=dialects, ended=st.booleans())
def test_a_clean_file_reads_as_the_standard_library_reads_it(
    tmp_path: Path, table: list[list[str]], dialect: tuple[int, str], ended: bool
) -> None:
    texts = drawn(table, *dialect)
    whole = "".join(texts)
    text = whole if ended else whole.removesuffix(dialect[1])
    oracle = list(csv.reader(io.StringIO(text, newline="")))[1:]
    starts = [1 + "".join(texts[:k]).count("\n") for k in range(1, len(texts))]

    found = read(given_file(tmp_path, text), COMMA)

    expected = [
        (start, *(cell or None for cell in row))
        for start, row in zip(starts, oracle, strict=True)
        if any(row)
    ]
    assert found.rows.rows() == expected
    assert found.rejects.is_empty()
    assert found.blank == len(oracle) - len(expected)
    assert balanced(found)


@relaxed
@given(table=tables, dialect=dialects, place=st.integers(0, 8))
def test_one_faulty_line_changes_no_other_row(
    tmp_path: Path, table: list[list[str]], dialect: tuple[int, str], place: int
) -> None:
    texts = drawn(table, *dialect)
    at = min(place + 1, len(texts))
    faulty = [*texts[:at], "fault" + dialect[1], *texts[at:]]
    clean = read(given_file(tmp_path, "".join(texts)), COMMA)

    found = read(given_file(tmp_path, "".join(faulty)), COMMA)

    line = 1 + "".join(texts[:at]).count("\n")
    assert found.rows.drop("_row").equals(clean.rows.drop("_row"))
    assert reasons(found) == [(line, "too_few_fields")]
    later = [row + (row >= line) for row in clean.rows["_row"]]
    assert found.rows["_row"].to_list() == later
    assert balanced(found)


@relaxed
@given(
    body=st.lists(
        st.sampled_from(
            [b",", b'"', b"\n", b"\r\n", b"\r", b"a", b"\0", b"\xff", b"\xc3\xa9", b" "]
        ),
        max_size=40,
    )
)
def test_whatever_stands_below_the_header_is_balanced_or_refused(
    tmp_path: Path, body: list[bytes]
) -> None:
    path = given_file(tmp_path, b"a,b,c\n" + b"".join(body))
    try:
        found = read(path, ReadOptions(delimiter=",", encoding=("cp1252",)))
    except CxmapError as error:
        assert "x.csv" in str(error)
        return

    assert balanced(found)
    assert set(found.rejects["reason"]) <= set(REJECT_REASONS)
    lines = path.read_bytes().count(b"\n") + 1
    places = [*found.rows["_row"], *found.rejects["row"]]
    assert len(places) == len(set(places))
    assert all(2 <= place <= max(lines, 41) for place in places)


@relaxed
@given(rows=st.integers(1, 12), at=st.integers(0, 11), mark=st.sampled_from([0, 1]))
def test_an_unclosed_quote_costs_its_own_row_only(
    tmp_path: Path, rows: int, at: int, mark: int
) -> None:
    """`mark`: whether the other rows hold quoted fields of their own."""
    note = ["note", '"yes, a note"'][mark]
    lines = [f"T-{k},{note},{k}" for k in range(rows)]
    place = min(at, rows - 1)
    lines[place] = f'T-{place},"never closed,{place}'

    found = read(given_file(tmp_path, "id,note,n\n" + "\n".join(lines) + "\n"))

    assert reasons(found) == [(place + 2, "unclosed_quote")]
    kept = [f"T-{k}" for k in range(rows) if k != place]
    assert found.rows["id"].to_list() == kept


@relaxed
@given(
    table=tables, encoding=st.sampled_from(["utf-8-sig", "utf-16", "utf-32", "utf-8"])
)
def test_the_byte_order_mark_decides_the_encoding(
    tmp_path: Path, table: list[list[str]], encoding: str
) -> None:
    text = "".join(drawn(table, csv.QUOTE_ALL, "\n"))
    plain = read(given_file(tmp_path, text), COMMA)

    found = read(given_file(tmp_path, text.encode(encoding)), COMMA)

    assert found.rows.equals(plain.rows)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("preamble", ["", "Report\n\n", "Agent report\nFrom: May\n\n"])
def test_the_delimiter_and_the_header_are_found(
    tmp_path: Path, delimiter: str, preamble: str
) -> None:
    rows = [["start", "agent", "minutes", "note"]]
    rows += [[f"2026-09-{k:02d}", f"A{k}", f"{k}.5", "a;b, c|d"] for k in range(1, 9)]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)

    found = read(given_file(tmp_path, preamble + text.getvalue()))

    assert found.delimiter == delimiter
    assert found.preamble == preamble.count("\n")
    assert found.rows.columns == ["_row", *rows[0]]
    assert found.rows["note"].to_list() == ["a;b, c|d"] * 8
    assert found.rows["_row"][0] == preamble.count("\n") + 2


def test_decimal_commas_do_not_make_a_semicolon_file_a_comma_file(
    tmp_path: Path,
) -> None:
    rows = "".join(f"T-{k};{k},5;{k},25\n" for k in range(20))

    found = read(given_file(tmp_path, "id;hours;rate\n" + rows))

    assert found.delimiter == ";"
    assert found.rows["hours"][3] == "3,5"


def test_a_file_of_one_column_needs_no_delimiter(tmp_path: Path) -> None:
    found = read(given_file(tmp_path, "id\nT-1\n\nT-2\n"))

    assert found.rows.rows() == [(2, "T-1"), (4, "T-2")]
    assert (found.records, found.blank) == (3, 1)


def test_ragged_rows_are_filled_up_only_where_the_profile_says_so(
    tmp_path: Path,
) -> None:
    path = given_file(tmp_path, "1|x\n2|x|y|z\n3\n4|x|y|z|w\n")
    columns = ("n", "a", "b", "c")
    options = ReadOptions(delimiter="|", header=False, columns=columns, ragged=True)

    found = read(path, options)
    strict = read(path, ReadOptions(delimiter="|", header=False, columns=columns))

    assert found.rows.rows() == [
        (1, "1", "x", None, None),
        (2, "2", "x", "y", "z"),
        (3, "3", None, None, None),
    ]
    assert reasons(found) == [(4, "too_many_fields")]
    assert reasons(strict) == [
        (1, "too_few_fields"),
        (3, "too_few_fields"),
        (4, "too_many_fields"),
    ]


def test_further_header_rows_are_no_records_even_where_they_span_lines(
    tmp_path: Path,
) -> None:
    text = 'id,q\nID,"How was\nit?"\n"{""a"":1}","{""b"":2}"\nR1,5\n'

    found = read(given_file(tmp_path, text), ReadOptions(header_rows=3))

    assert found.rows.rows() == [(5, "R1", "5")]
    assert found.records == 1


def test_a_footer_is_counted_and_no_record(tmp_path: Path) -> None:
    text = 'id,n,x\n1,2,3\n"Grand Totals",1\nCopyright (c) 2026\n\n'

    found = read(given_file(tmp_path, text), ReadOptions(footer="^Grand Totals"))

    assert found.rows.height == 1
    assert found.rejects.is_empty()
    assert (found.footer, found.blank, found.records) == (2, 1, 4)


def test_a_row_that_is_called_total_is_a_record_where_no_blank_line_precedes_it(
    tmp_path: Path,
) -> None:
    found = read(given_file(tmp_path, "id,n\nTotal,1\nT-2,2\n"))

    assert found.rows["id"].to_list() == ["Total", "T-2"]


def test_a_footer_that_is_no_pattern_is_a_mistake_in_the_profile(
    tmp_path: Path,
) -> None:
    path = given_file(tmp_path, "id,n\n1,2\n")

    with pytest.raises(ConfigError, match="footer"):
        read(path, ReadOptions(footer="(unbalanced"))


def test_headers_alike_but_for_case_and_space_are_kept_apart(tmp_path: Path) -> None:
    path = given_file(tmp_path, "a,status, Status ,,_row\n1,2,3,4,5\n")

    found = read(path)

    assert found.rows.columns[1:] == ["a", "status", "Status[2]", "[4]", "_row[2]"]
    assert found.duplicate_headers == ("status",)


def test_a_quote_inside_a_plain_field_is_text(tmp_path: Path) -> None:
    found = read(given_file(tmp_path, 'id,size,n\n1,5" pipe,2\n2,6" by 7",3\n'))

    assert found.rows["size"].to_list() == ['5" pipe', '6" by 7"']
    assert found.rejects.is_empty()


def test_text_after_a_closing_quote_is_rejected_not_mended(tmp_path: Path) -> None:
    path = given_file(tmp_path, 'id,note,n\n1,"he said "hi" there",2\n2,ok,3\n')

    found = read(path)

    assert reasons(found) == [(2, "stray_quote")]
    assert found.rows["id"].to_list() == ["2"]


def test_without_a_quote_character_quotes_are_text(tmp_path: Path) -> None:
    path = given_file(tmp_path, 'id,note\n1,"a\n2,b"\n')

    found = read(path, ReadOptions(quote=None))

    assert found.rows["note"].to_list() == ['"a', 'b"']


def test_a_short_record_of_several_lines_is_one_reject(tmp_path: Path) -> None:
    found = read(given_file(tmp_path, 'id,note,n\n1,"a\nb"\n2,ok,3\n'))

    assert reasons(found) == [(2, "too_few_fields")]
    assert found.rows["_row"].to_list() == [4]


def test_mixed_line_ends_inside_quotes_survive_a_faulty_neighbour(
    tmp_path: Path,
) -> None:
    text = 'id,note\n1,"a\r\nb"\r\nfault\n2,"c\nd"\n'

    found = read(given_file(tmp_path, text))

    assert found.rows["note"].to_list() == ["a\r\nb", "c\nd"]
    assert reasons(found) == [(4, "too_few_fields")]


def test_a_byte_order_mark_between_joined_files_is_dropped(tmp_path: Path) -> None:
    found = read(given_file(tmp_path, "\ufeffid,n\n1,é\n\ufeff2,b\n"))

    assert found.rows["id"].to_list() == ["1", "2"]


def test_a_declared_encoding_serves_where_the_file_is_not_utf8(tmp_path: Path) -> None:
    text = "id,name\n1,Łódź\n2,Kraków\n"

    found = read(
        given_file(tmp_path, text.encode("cp1250")),
        ReadOptions(encoding=("ascii", "cp1250")),
    )

    assert found.rows["name"].to_list() == ["Łódź", "Kraków"]
    assert found.notes == ("read as cp1250",)


def test_a_file_no_declared_encoding_fits_is_refused(tmp_path: Path) -> None:
    path = given_file(tmp_path, b"id,name\n1,caf\xe9\n2,na\xefve\n")

    with pytest.raises(ExportError, match="none of utf-8, ascii fits"):
        read(path, ReadOptions(encoding=("ascii",)))


def test_western_text_is_read_as_cp1252_without_being_told(tmp_path: Path) -> None:
    names = ["Zoë", "Müller", "Señora Núñez", "Façade", "Ångström", "“Quote” – €5"]
    text = "id,name\n" + "".join(f"{k},{name}\n" for k, name in enumerate(names))

    found = read(given_file(tmp_path, text.encode("cp1252")))

    assert found.encoding == "cp1252"
    assert found.rows["name"].to_list() == names


def test_two_bad_lines_do_not_make_a_utf8_file_a_western_one(tmp_path: Path) -> None:
    sound = "".join(f"{k},é\n" for k in range(20)).encode()

    found = read(given_file(tmp_path, b"id,n\n" + sound + b"x,\xe9\ny,\xe9\n"))

    assert reasons(found) == [(22, "encoding"), (23, "encoding")]
    assert found.rows["n"].unique().to_list() == ["é"]


def test_a_quote_that_closes_too_late_swallows_no_good_row(tmp_path: Path) -> None:
    text = 'id,a,b,c\n1,"open,2,3\n2,a,b,c\n3,5",d\n4,a,b,c\n'

    found = read(given_file(tmp_path, text))

    assert reasons(found) == [(2, "unclosed_quote"), (4, "too_few_fields")]
    assert found.rows["id"].to_list() == ["2", "4"]


def test_bad_bytes_in_a_record_of_several_lines_cost_that_record(
    tmp_path: Path,
) -> None:
    path = given_file(tmp_path, b'id,n\n0,\xc3\xa9\n1,"a\nb\xff"\n2,\xc3\xa9\n')

    found = read(path)

    assert reasons(found) == [(3, "encoding")]
    assert found.rows["id"].to_list() == ["0", "2"]


def test_a_cell_beyond_the_limit_is_rejected_and_its_row_stays(tmp_path: Path) -> None:
    path = given_file(tmp_path, "id,note\n1,short\n2,much too long\n")

    found = read(path, limits=Limits(field_bytes=8))

    assert found.rows.rows() == [(2, "1", "short"), (3, "2", None)]
    assert found.rejects.rows() == [(3, "note", "field_too_long", False)]
    assert balanced(found)


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (Limits(columns=2), "more than 2 columns"),
        (Limits(rows=1), "more than 1 rows"),
        (Limits(bytes=10), "larger than 10 bytes"),
    ],
)
def test_a_file_beyond_a_limit_is_refused(
    tmp_path: Path, limits: Limits, told: str
) -> None:
    path = given_file(tmp_path, "a,b,c\n1,2,3\n4,5,6\n")

    with pytest.raises(ExportError, match=told):
        read(path, limits=limits)


@pytest.mark.parametrize("content", ["\n\n", " \n", "\r\n"])
def test_a_file_without_a_header_line_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(ExportError, match="no header"):
        read(given_file(tmp_path, content))


def test_a_large_file_with_quoted_newlines_keeps_every_line_number(
    tmp_path: Path,
) -> None:
    text = io.StringIO(newline="")
    text.write("id,note,n\n")
    expected = []
    line = 2
    for k in range(60_000):
        expected.append(line)
        note = f"a{k}\nb, c" if k % 7 == 0 else '"no"' if k % 5 == 0 else f"n{k}"
        text.write(written([f"T-{k}", note, str(k)], csv.QUOTE_MINIMAL, "\n"))
        line += 1 + note.count("\n")

    found = read(given_file(tmp_path, text.getvalue()))

    assert found.rows["_row"].to_list() == expected
    assert found.rows["note"][7] == "a7\nb, c"


def test_a_peek_shows_the_head_only(tmp_path: Path) -> None:
    rows = "".join(f"{k},{'x' * 50}\n" for k in range(40_000))
    path = given_file(tmp_path, "Report\n\nid,note\n" + rows)

    seen = peek(path)

    assert (seen.format, seen.delimiter, seen.preamble) == ("delimited", ",", 2)
    assert seen.names == ("id", "note")
    assert 0 < seen.rows.height <= 200
    assert seen.rows["id"][0] == "0"


def test_a_peek_splits_the_first_lines_of_a_file_without_header(
    tmp_path: Path,
) -> None:
    path = given_file(tmp_path, "1366720300|NONE|NONE|QUEUESTART|\n1|2|3|JOIN|9\n" * 5)

    seen = peek(path)

    assert seen.headerless_cells[0] == ["1366720300", "NONE", "NONE", "QUEUESTART", ""]
    assert seen.delimiter == "|"
