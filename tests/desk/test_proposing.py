"""A proposed config names every export once, reads it, and quotes none of them."""

import gzip
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from cxmap.config import load_config
from cxmap.desk.detecting import look_at
from cxmap.desk.grouping import stem
from cxmap.desk.proposing import propose
from cxmap.intake.choosing import choose

CALLS = "source_contact_id,channel,started_at,disposition\n{0},voice,{1},handled\n"
ZENDESK_CSV = "Id,Requester id,Submitter,Created at,Updated at,Group stations\n"


def calls(path: Path, number: int = 1) -> Path:
    when = f"2026-03-{number:02}T10:00:00Z"
    text = CALLS.format(number, when).encode()
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def proposed(folder: Path, *exports: Path) -> dict[str, list[str]]:
    """Return the files of each proposed source, once the config is accepted."""
    text = propose([str(path) for path in exports], folder=folder).text
    config = folder / "cxmap.yaml"
    config.write_text(text)
    chosen, unmatched = choose(load_config(config), [])
    assert unmatched == []
    assert all(one.source for one in chosen)
    sources = yaml.safe_load(text).get("sources", {})
    return {name: source["files"] for name, source in sources.items()}


@pytest.mark.parametrize(
    "text",
    [
        "Ana Lopez,ana@example.test,+34 600 100 200\nBob,bob@example.test,1\n",
        "kanarienvogel,17\nkanarienvogel,18\n",
        "kanarienvogel,2026-01-02\nx,2026-01-03\n",
        "kanarienvogel,,x\na,1,x\n",
        "kanarienvogel,x,x\n1,2,3\n",
        "kanarienvogel," + "x" * 65 + "\n1,2\n",
        "kanarienvogel,broken kettle\nbob,late parcel\n",
        "kanarienvogel,complaint\n",
        "kanarienvogel wrote to us\nand then again\n",
        "kanarienvogel: please call 030 1234567, thank you\nbye\n",
        '"","1001","100","kanarienvogel","""A"" <1001>","2026-01-02 10:00:00"\n' * 2,
        '{"kanarienvogel@example.test": 1}\n',
        '{"kanarienvogel +34600100200": 1}\n',
    ],
)
def test_no_cell_of_a_strange_file_is_written(tmp_path: Path, text: str) -> None:
    path = tmp_path / "strange.csv"
    path.write_text(text)
    proposal = propose([str(path)], folder=tmp_path)
    said = proposal.text + "".join(proposal.findings)

    assert "#   strange.csv: no" in proposal.text
    assert "kanarienvogel" not in said
    assert "example.test" not in said
    assert "2026-01-02" not in said


def test_running_text_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear sirs\nthe kettle broke\n")

    text = propose([str(tmp_path / "letter.txt")], folder=tmp_path).text

    assert "#   letter.txt: not a table" in text


@pytest.mark.parametrize(
    "text", ["name,age\nkanarienvogel,7\n", '{"name": "kanarienvogel", "age": 7}\n']
)
def test_columns_are_named_where_they_are_columns(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.csv").write_text(text)

    text = propose([str(tmp_path / "odd.csv")], folder=tmp_path).text

    assert "#   odd.csv: name, age" in text
    assert "kanarienvogel" not in text


def test_files_of_every_month_are_one_source_with_one_pattern(tmp_path: Path) -> None:
    exports = [calls(tmp_path / f"calls-2026-0{n}.csv", n) for n in (1, 2, 3)]

    assert proposed(tmp_path, *exports) == {"calls": ["calls-*.csv"]}


def test_packed_files_are_one_source_with_plain_ones(tmp_path: Path) -> None:
    exports = [calls(tmp_path / "g1.csv", 1), calls(tmp_path / "g2.csv.gz", 2)]

    assert proposed(tmp_path, *exports) == {"g": ["g*.csv*"]}


def test_an_archive_is_named_whole_where_all_of_it_is_read(tmp_path: Path) -> None:
    texts = {f"calls-{n}.csv": CALLS.format(n, f"2026-03-0{n}") for n in (1, 2)}
    archive = tmp_path / "march.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for name, text in texts.items():
            made.writestr(name, text)

    assert proposed(tmp_path, archive) == {"march_zip_calls": ["march.zip"]}
    one = Path(f"{archive}!calls-2.csv")
    assert proposed(tmp_path, one) == {"march_zip_calls": ["march.zip!calls-2.csv"]}


def test_a_copy_is_named_nowhere(tmp_path: Path) -> None:
    exports = [
        calls(tmp_path / "calls.csv"),
        calls(tmp_path / "backup.csv"),
        calls(tmp_path / "calls.csv.gz"),
    ]

    assert proposed(tmp_path, *exports) == {"calls": ["calls.csv"]}
    findings = propose([str(path) for path in exports], folder=tmp_path).findings
    assert sum("the same content as calls.csv" in one for one in findings) == 2


def test_files_of_other_folders_or_headers_are_sources_of_their_own(
    tmp_path: Path,
) -> None:
    more = calls(tmp_path / "calls-2.csv", 2)
    more.write_text(more.read_text().replace("disposition", "topic"))
    exports = [
        calls(tmp_path / "calls-1.csv"),
        more,
        calls(tmp_path / "b" / "calls-3.csv", 3),
    ]

    assert proposed(tmp_path, *exports) == {
        "calls": ["b/calls-3.csv"],
        "calls_2": ["calls-1.csv"],
        "calls_3": ["calls-2.csv"],
    }


def test_a_pattern_never_takes_in_a_file_that_was_not_shown(tmp_path: Path) -> None:
    exports = [calls(tmp_path / f"calls-{n}.csv", n) for n in (1, 2)]
    (tmp_path / "calls-notes.csv").write_text("a,b\n1,2\n")

    assert proposed(tmp_path, *exports) == {"calls": ["calls-1.csv", "calls-2.csv"]}


def test_signs_of_a_pattern_in_a_name_are_only_a_name(tmp_path: Path) -> None:
    exports = [calls(tmp_path / f"calls[a]{n}.csv", n) for n in (1, 2)]

    assert proposed(tmp_path, *exports) == {
        "calls_a": ["calls[a]1.csv", "calls[a]2.csv"]
    }


def test_two_exports_of_one_system_are_two_sources(
    tmp_path: Path, zendesk: Sequence[Path]
) -> None:
    assert proposed(tmp_path, *zendesk) == {
        "zendesk": ["tickets.json"],
        "zendesk_csv": ["tickets.csv"],
    }


@pytest.fixture
def zendesk(tmp_path: Path) -> list[Path]:
    """The tickets of one helpdesk as JSON and as CSV."""
    tickets = tmp_path / "tickets.json"
    tickets.write_text(
        '{"id": 1, "via": {}, "requester_id": 7, "custom_fields": [],'
        ' "created_at": "2026-01-02T03:04:05Z"}'
    )
    table = tmp_path / "tickets.csv"
    table.write_text(ZENDESK_CSV)
    return [table, tickets]


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("calls-2026-01.csv", "calls"),
        ("calls (1).csv", "calls"),
        ("calls - Copy.csv", "calls"),
        ("calls_copy2.csv.gz", "calls"),
        ("Calls 2026-01-31.CSV", "Calls"),
        ("my.calls.csv", "my.calls"),
        ("queue_log", "queue_log"),
        ("photocopy.csv", "photocopy"),
        ("2026-01.csv", ""),
    ],
)
def test_a_stem_is_what_stays_from_month_to_month(name: str, left: str) -> None:
    assert stem(Path(name)) == left


def test_what_cannot_be_read_is_a_row_like_the_others(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04rest")
    (tmp_path / "wide.csv").write_text(",".join(f"c{n}" for n in range(600)) + "\n")
    for path in sorted(tmp_path.iterdir()):
        row = look_at(path)
        assert row["file"] == path.name
        assert row["format"] is row["profile"] is None
        assert row["why"]
        assert path.name not in row["why"]
