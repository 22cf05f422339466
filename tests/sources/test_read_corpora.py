"""Corpora of files that broke other readers: counted, quarantined or refused."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from cxmap.errors import CxmapError, ExportError
from cxmap.names import REJECT_REASONS
from cxmap.sources.read import RawExport, peek, read

SHARED = Path(__file__).parents[2] / "../shared/data"
NASTY = SHARED / "nasty"
MALFORMED = SHARED / "malformed"

pytestmark = pytest.mark.skipif(
    not NASTY.is_dir(), reason="the shared corpora are not beside this checkout"
)

SPREADSHEETS = {".xlsx", ".xls", ".zip", ".ods", ".md"}

EXPECTED: dict[str, tuple[int, list[tuple[int, str]]]] = {
    "01_utf8_bom.csv": (5, []),
    "02_utf16le_tab.txt": (5, []),
    "03_utf16be.csv": (5, []),
    "04_cp1252.csv": (5, []),
    "05_mixed_encoding.csv": (5, [(5, "encoding")]),
    "06_nul_bytes.csv": (5, [(5, "nul_byte")]),
    "06b_nul_tail.csv": (4, [(6, "torn_tail")]),
    "07_mixed_newlines.csv": (4, []),
    "08_mac_cr_only.csv": (4, []),
    "09_quoted_newlines.csv": (5, []),
    "10_unclosed_quote.csv": (14, [(4, "unclosed_quote")]),
    "11_ragged.csv": (4, [(4, "too_few_fields"), (5, "too_many_fields")]),
    "12_sep_semicolon_decimal_comma.csv": (5, []),
    "13_preamble_footer.csv": (5, []),
    "15_header_only.csv": (0, []),
    "17_truncated_row.csv": (4, [(6, "truncated")]),
    "20_multimember.csv.gz": (6, []),
    "22_leading_zeros.csv": (5, []),
    "23_bigint_ids.csv": (5, []),
    "32_csv_injection.csv": (11, []),
    "33_html_xss.csv": (11, []),
    "34_terminal_escapes.csv": (12, []),
    "35_rich_markup.csv": (10, []),
    "36_email_identity.csv": (17, []),
    "37_free_text_pii.csv": (7, []),
    "38_shared_identifiers.csv": (48, []),
    "40_long_field.csv": (5, [(4, "field_too_long")]),
    "41_mixed.jsonl": (
        4,
        [
            (4, "not_json"),
            (5, "not_json"),
            (6, "duplicate_key"),
            (8, "not_an_object"),
            (9, "not_an_object"),
            (11, "truncated"),
        ],
    ),
    "43_wrapped.json": (3, []),
}

REFUSED = [
    "16_empty.csv",
    "18_truncated.csv.gz",
    "19_gzip_bomb.csv.gz",
    "21_zip_traversal.zip",
    "39_wide.csv",
    "42_deep.json",
    "44_xlsx_xml_bomb.xlsx",
    "45_xlsx_zip_bomb.xlsx",
]


def nasty(name: str) -> RawExport:
    return read(NASTY / name)


def balanced(found: RawExport) -> bool:
    lost = int(found.rejects["whole_row"].sum())
    return found.records == found.rows.height + lost + found.blank + found.footer


def corpus() -> list[Path]:
    found = [*NASTY.glob("*"), *MALFORMED.rglob("*")] if NASTY.is_dir() else []
    return sorted(
        path
        for path in found
        if path.is_file() and path.suffix not in {*SPREADSHEETS, ".py", ".yaml"}
    )


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_nasty_file_gives_the_rows_and_rejects_it_should(name: str) -> None:
    rows, rejects = EXPECTED[name]

    found = nasty(name)

    assert found.rows.height == rows
    assert found.rejects.select("row", "reason").rows() == rejects
    assert balanced(found)


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_trusted_is_refused(name: str) -> None:
    with pytest.raises(ExportError, match=name):
        nasty(name)


def test_the_mark_is_no_part_of_the_first_column() -> None:
    assert nasty("01_utf8_bom.csv").rows.columns[1] == "ticket_id"


def test_windows_punctuation_is_read_as_such() -> None:
    subjects = nasty("04_cp1252.csv").rows["subject"].str.join("")[0]

    assert "\u20ac" in subjects
    assert "\u2019" in subjects


def test_rows_after_a_nul_are_there() -> None:
    assert nasty("06_nul_bytes.csv").rows["ticket_id"][-1] == "T-1005"


def test_no_carriage_return_sticks_to_the_last_column() -> None:
    for name in ("07_mixed_newlines.csv", "08_mac_cr_only.csv"):
        assert not nasty(name).rows["csat"].str.contains("\r").any()


def test_newlines_inside_quotes_are_kept_exactly() -> None:
    found = nasty("09_quoted_newlines.csv")

    assert found.rows["subject"][0] == 'He said "no",\r\nthen\nhung up'
    with (NASTY / "09_quoted_newlines.csv").open(newline="") as file:
        assert found.rows["subject"].to_list() == [
            row["subject"] for row in csv.DictReader(file)
        ]


def test_totals_are_no_tickets() -> None:
    found = nasty("13_preamble_footer.csv")

    assert (found.preamble, found.blank, found.footer) == (3, 1, 2)
    assert "Total" not in found.rows["ticket_id"].to_list()


def test_columns_of_one_name_are_listed() -> None:
    found = nasty("14_duplicate_headers.csv")

    assert found.duplicate_headers == ("status",)
    assert found.rows["status"][0] == "closed"
    assert found.rows["status[2]"][0] == "open"
    assert found.rows["Status[3]"][0] == "pending"


def test_identifiers_stay_text() -> None:
    assert nasty("22_leading_zeros.csv").rows["customer_id"][0] == "00123"
    assert nasty("23_bigint_ids.csv").rows["customer_id"].n_unique() == 5
    found = read(NASTY / "41_mixed.jsonl", fields={"customer": "customer.id"})
    assert "12345678901234567890" in found.rows["customer"].to_list()


def test_a_file_with_a_next_page_is_called_incomplete() -> None:
    assert any("incomplete" in note for note in nasty("43_wrapped.json").notes)


def test_a_bomb_is_refused_in_little_memory() -> None:
    probe = (
        "import sys; from pathlib import Path\n"
        "from cxmap.errors import ExportError\n"
        "from cxmap.sources.read import read\n"
        "try: read(Path(sys.argv[1]))\n"
        "except ExportError: pass\n"
        "else: sys.exit(1)\n"
        "status = Path('/proc/self/status').read_text().split()\n"
        "print(status[status.index('VmHWM:') + 1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe, str(NASTY / "19_gzip_bomb.csv.gz")],
        check=True,
        capture_output=True,
        text=True,
    )

    assert int(done.stdout) < 400 * 1024


@pytest.mark.parametrize("path", corpus(), ids=lambda path: path.name)
def test_every_file_is_read_quarantined_or_refused_and_told_without_its_data(
    path: Path,
) -> None:
    try:
        found = read(path)
        told = [*found.notes, *found.rejects["reason"]]
        assert balanced(found)
        assert set(found.rejects["reason"]) <= set(REJECT_REASONS)
        assert found.rows["_row"].is_unique().all() or found.format == "json"
    except CxmapError as error:
        told = [str(error).removeprefix(path.name)]
    try:
        peek(path)
    except CxmapError as error:
        told.append(str(error).removeprefix(path.name))

    with path.open("rb") as file:
        words = {word for word in file.read(20_000).split() if len(word) > 14}
    assert not [
        word for word in words if word.decode(errors="replace") in " ".join(told)
    ]


ALTERED = {"newlines_crlf", "location_coordinates"}
"""Files whose copy has lost its line ends, or that come without a list of rows."""


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in sorted((MALFORMED / "csv-spectrum/csvs").glob("*.csv"))
        if path.stem not in ALTERED
    ],
    ids=lambda path: path.stem,
)
def test_the_csv_spectrum_is_read_as_its_authors_say(path: Path) -> None:
    golden = json.loads((path.parents[1] / "json" / f"{path.stem}.json").read_text())

    found = read(path)

    filled = [
        {key: value or None for key, value in row.items()}
        for row in golden
        if any(row.values())
    ]
    assert found.rows.drop("_row").to_dicts() == filled


CANARY = "CANARY7331"

FAULTS = {
    "short": f"a,b,c\n{CANARY},{CANARY}\n",
    "long": f"a,b,c\n{CANARY},{CANARY},3,4\n",
    "unclosed": f'a,b,c\n{CANARY},"{CANARY},3\n',
    "stray": f'a,b,c\n1,"{CANARY}"{CANARY}",3\n',
    "nul": f"a,b,c\n{CANARY},\0,3\n",
    "cut": f"a,b,c\n1,2,3\n{CANARY},{CANARY}",
    "not json": f'{{"a": "{CANARY}" "b"}}\n',
    "line": f'{{"a": 1}}\n{{"a": {CANARY}}}\n',
    "twice": f'{{"a": 1}}\n{{"{CANARY}": 1, "{CANARY}": 2}}\n',
    "cut json": f'{{"a": "{CANARY}',
    "parquet": f"PAR1{CANARY}PAR1",
    "gzip": f"\x1f\x8b{CANARY}",
}


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_no_message_note_or_reject_holds_a_value(tmp_path: Path, fault: str) -> None:
    path = tmp_path / "x.dat"
    path.write_bytes(FAULTS[fault].encode("latin-1"))
    for look in (read, peek):
        try:
            found = look(path)
        except CxmapError as error:
            assert CANARY not in str(error)
            assert error.__cause__ is None
            assert error.__suppress_context__ or error.__context__ is None
            continue
        if isinstance(found, RawExport):
            assert not found.rejects.is_empty()
            assert CANARY not in str(found.rejects.rows())
            assert CANARY not in str(found.notes)
