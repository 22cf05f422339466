"""A look at a file says how it is written, what it is, and what it nearly is."""

import zipfile
from pathlib import Path

import polars as pl
import pytest

from cxmap.desk.describing import describe, unmapped_words
from cxmap.desk.detecting import files_in, look_at
from cxmap.sources.profile import parts, shipped_profiles
from cxmap.tables import schema

CALLS = "source_contact_id;channel;started_at\r\n1;voice;2026-03-01T10:00:00Z\r\n"


def given_file(folder: Path, text: str, name: str = "x.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def test_a_file_is_described_as_it_is_written(tmp_path: Path) -> None:
    text = "Report of March\r\n\r\n" + CALLS + '2;"chat";x\r\n3;a\r\n\r\nTotal;2;\r\n'

    seen = look_at(given_file(tmp_path, text))

    assert seen["profile"] == "generic_contacts"
    assert 0 < seen["confidence"] < 1
    written = ("format", "encoding", "delimiter", "quote", "line_ends", "preamble")
    assert [seen[name] for name in written] == [
        "delimited",
        "utf-8",
        ";",
        '"',
        "CR LF",
        2,
    ]
    assert (seen["rows"], seen["rejected"], seen["footer"]) == (2, 1, 1)
    assert seen["others"] is None


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        (CALLS.replace("\r\n", "\n"), "LF"),
        (CALLS.replace("\r\n", "\r"), "CR"),
        (CALLS + "2;chat;x\n", "mixed"),
        (CALLS.replace("\r\n", "\n").strip(), "LF"),
    ],
)
def test_the_ends_of_lines_are_told(tmp_path: Path, text: str, ends: str) -> None:
    assert look_at(given_file(tmp_path, text))["line_ends"] == ends


def test_what_no_profile_fits_is_near_to_some(tmp_path: Path) -> None:
    text = "Id,Requester id,Submitter,Created at\n1,2,kanarienvogel,x\n"

    seen = look_at(given_file(tmp_path, text))

    assert seen["profile"] is None
    assert seen["why"] == "no profile fits"
    assert "zendesk_csv/rows" in seen["others"]
    assert "lacks updated at" in seen["others"]
    assert "kanarienvogel" not in str(seen)


def test_what_is_near_to_nothing_says_only_that(tmp_path: Path) -> None:
    seen = look_at(given_file(tmp_path, "alpha,beta\n1,2\n"))

    assert (seen["profile"], seen["others"]) == (None, None)
    assert seen["why"] == "no profile fits"


def test_a_file_that_breaks_off_below_its_head_is_no_row_of_detect(
    tmp_path: Path,
) -> None:
    seen = look_at(given_file(tmp_path, '{"id": 1}\n{"id": 2}\n', "x.json"))

    assert seen["format"] == "json"
    assert seen["rows"] == 2
    assert seen["delimiter"] is seen["quote"] is seen["line_ends"] is None


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", given_file(tmp_path, "", "empty.csv")):
        seen = look_at(path)
        assert seen["format"] is seen["rows"] is None
        assert seen["why"] in ("no such file", "empty; nothing to read")


def test_the_files_of_an_archive_are_looked_at_one_by_one(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr("b.csv", CALLS)
    paths = files_in([tmp_path / "a.zip", tmp_path / "none.csv"])

    assert [look_at(path)["file"] for path in paths] == ["a.zip!b.csv", "none.csv"]


@pytest.mark.parametrize("name", list(shipped_profiles()))
def test_every_profile_has_a_page(name: str) -> None:
    profile = shipped_profiles()[name]

    page = describe(profile)

    assert set(page.rows["part"]) <= set(parts(profile))
    assert page.heading.startswith(f"{name}: {profile.title}")
    assert all(
        any(setting in note for note in page.notes) for setting in profile.settings
    )
    assert page.notes[-1] == "every other column is ignored, and never kept"
    assert page.rows.null_count().sum_horizontal().item() == 0


def test_a_page_tells_units_zones_and_words() -> None:
    page = describe(shipped_profiles()["zendesk_csv"]).rows
    rows = dict(page.select("column", "how").iter_rows())

    assert rows["first_response_seconds"] == "in minutes"
    assert rows["started_at"].startswith("time as iso8601")
    assert "email: mail, email" in rows["channel"]
    assert rows["channel"].endswith("other words: unknown")


def test_unmapped_words_add_up_over_the_loads_of_one_source() -> None:
    records = pl.DataFrame(
        [
            ("s", "p", "l1", "channel", "telex", 2),
            ("s", "p", "l2", "channel", "telex", 3),
            ("s", "q", "l2", "channel", "fax2", 9),
            ("other", "p", "l1", "channel", "telex", 50),
        ],
        schema=schema("vocabulary_records"),
        orient="row",
    )

    assert unmapped_words(records, "s").rows() == [
        ("channel", "fax2", 9),
        ("channel", "telex", 5),
    ]
    assert unmapped_words(records, "nobody").is_empty()
