"""`cxmap customers` and `cxmap who` as people and cron see them."""

import csv
import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from commands import command

from cxmap.errors import Exit
from cxmap.keys import DEMO_SECRET, Key

NOW = "2026-05-01T00:00:00Z"
GOLDEN = Path(__file__).parents[1] / "golden"

ROWS = """source_contact_id,channel,started_at,topic,disposition,external_id,email,phone
1,voice,2026-03-02T10:00:00Z,bill,handled,k1,,+4915112345601
2,email,2026-03-03T10:00:00Z,bill,handled,k1,ana@example.test,
3,chat,2026-03-04T10:00:00Z,bill,handled,,ana@example.test,
4,email,2026-03-05T10:00:00Z,move,handled,,ana@example.test,
5,voice,2026-03-06T10:00:00Z,move,handled,k1,,
6,voice,2026-03-07T10:00:00Z,move,abandoned,k2,,+4915112345602
7,email,2026-03-08T10:00:00Z,bill,handled,k3,family@example.test,
8,email,2026-03-09T10:00:00Z,bill,handled,k4,family@example.test,
9,email,2026-03-10T10:00:00Z,bill,handled,k5,family@example.test,
10,email,2026-03-11T10:00:00Z,bill,handled,,family@example.test,
11,chat,2026-03-12T10:00:00Z,bill,handled,,,
"""
"""Ana by two ids, one contact holding both; a family's mailbox; a contact of nobody."""

PRIVATE = ("ana@", "family@", "example.test", "49151", "12345601")

Golden = Callable[[str, str], None]


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


def cxmap(*words: str, cwd: Path, stdin: str = "") -> Ran:
    done = command(*words, "--now", NOW, cwd=cwd, input=stdin)
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    (folder / "contacts.csv").write_text(ROWS, encoding="utf-8")
    Key.create(folder / "cxmap.key", secret=DEMO_SECRET)
    done = cxmap("ingest", "-q", "contacts.csv", cwd=folder)
    assert done.code == 0, done.err

    return folder


@pytest.fixture(scope="module")
def ana(store: Path) -> str:
    done = cxmap("export", "contacts", "-f", "jsonl", cwd=store)
    rows = [json.loads(line) for line in done.out.splitlines()]
    return next(str(r["customer_id"]) for r in rows if r["source_contact_id"] == "1")


@pytest.fixture(scope="module")
def told(store: Path) -> dict[str, Any]:
    """The audit as one object."""
    done = cxmap("customers", "-f", "json", cwd=store)
    audit: dict[str, Any] = json.loads(done.out)
    return audit


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare a view with its file; CXMAP_UPDATE_GOLDEN=1 rewrites the file."""

    def compare(name: str, view: str) -> None:
        path = GOLDEN / name
        if os.environ.get("CXMAP_UPDATE_GOLDEN"):
            path.write_text(view, encoding="utf-8")
        assert view == path.read_text(encoding="utf-8"), name

    return compare


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("customers.txt", []),
        ("customers.md", ["-f", "md"]),
    ],
)
def test_the_audit_is_what_its_file_says(
    store: Path, name: str, words: list[str], golden: Golden
) -> None:
    done = cxmap("customers", *words, cwd=store)

    assert done.code == 0, done.err
    golden(name, done.out)


@pytest.mark.parametrize(
    ("name", "words"),
    [("who.txt", []), ("who.md", ["-f", "md"])],
)
def test_a_person_is_what_its_file_says(
    store: Path, ana: str, name: str, words: list[str], golden: Golden
) -> None:
    done = cxmap("who", ana, *words, cwd=store)

    assert done.code == 0, done.err
    golden(name, done.out)


def test_the_audit_counts_what_the_contacts_say(told: dict[str, Any]) -> None:
    coverage = pl.DataFrame(told["coverage"]).sum()
    bridge = told["bridges"][0]

    assert coverage["contacts"].item() == 11
    assert coverage["identified"].item() == 9
    assert coverage["no_identifier"].item() == 1
    assert coverage["shared_identifier"].item() == 1
    assert [row["cut"] for row in told["shared"]] == ["shared_email"]
    assert told["shared"][0]["external_ids"] == 3
    assert bridge["owner_id"] == "2"
    assert {bridge["near"], bridge["far"]} == {2, 3}


def test_json_lines_and_csv_hold_the_tables_by_name(
    store: Path, told: dict[str, Any]
) -> None:
    lines = cxmap("customers", "-f", "jsonl", cwd=store).out.splitlines()
    parts = [json.loads(line) for line in lines]
    table = cxmap("customers", "-f", "csv", "--part", "coverage", cwd=store).out

    for name in ("coverage", "sizes", "biggest", "bridges", "shared", "lost"):
        own = [
            {k: v for k, v in p.items() if k != "part"}
            for p in parts
            if p["part"] == name
        ]
        assert own == told[name]
    assert len(list(csv.DictReader(io.StringIO(table)))) == len(told["coverage"])


def test_long_tables_are_shortened_and_say_so(store: Path) -> None:
    short = cxmap("customers", "--part", "biggest", "--limit", "1", cwd=store)
    whole = cxmap(
        "customers", "--part", "biggest", "--limit", "0", "-f", "jsonl", cwd=store
    )

    assert "biggest: 1 of 5; --limit 0 shows all" in short.err
    assert len(whole.out.splitlines()) == 5
    assert whole.err == ""


@pytest.mark.parametrize(
    "words",
    [
        ["customers", "-f", "csv"],
        ["customers", "--part", "brigdes"],
        ["who", "-f", "csv"],
    ],
)
def test_a_part_must_be_named_as_it_is(store: Path, ana: str, words: list[str]) -> None:
    done = cxmap(*words, *([ana] if words[0] == "who" else []), cwd=store)

    assert done.code == Exit.USAGE
    assert done.out == ""
    assert "--part" in done.err


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["who"], "ana@example.test"),
        (["who", "-"], "email ANA@example.test"),
        (["who", "-v"], "+49 151 12345601"),
    ],
)
def test_identifiers_come_from_standard_input_and_go_nowhere(
    store: Path, ana: str, words: list[str], line: str
) -> None:
    done = cxmap(*words, cwd=store, stdin=f"{line}\n")

    assert done.code == 0, done.err
    assert done.out.startswith(f"{ana}:")
    for secret in PRIVATE:
        assert secret not in done.out + done.err


def test_several_people_are_lines_of_one_output(store: Path, ana: str) -> None:
    asked = "ana@example.test\nexternal_id k2\nexternal_id k1\n"
    done = cxmap("who", "-f", "jsonl", cwd=store, stdin=asked)
    people = {json.loads(line)["customer_id"] for line in done.out.splitlines()}

    assert done.code == 0, done.err
    assert len(people) == 2
    assert ana in people
    assert cxmap("who", "-f", "json", cwd=store, stdin=asked).code == Exit.USAGE


@pytest.mark.parametrize(
    ("words", "stdin", "said"),
    [
        (["who", "c_nobody"], "", "cxmap customers"),
        (["who", "ana@example.test"], "", "standard input"),
        (["who"], "\nnobody@example.test\n", "line 2"),
        (["who"], "family@example.test\n", "shared_email"),
        (["who"], "hello\n", "kind value"),
    ],
)
def test_nobody_is_said_with_what_to_do_and_without_the_value(
    store: Path, words: list[str], stdin: str, said: str
) -> None:
    done = cxmap(*words, cwd=store, stdin=stdin)

    assert done.code == Exit.USAGE
    assert done.out == ""
    assert said in done.err
    assert "example.test" not in done.err


def test_a_wrong_key_is_refused(store: Path, tmp_path: Path) -> None:
    Key.create(tmp_path / "cxmap.key")
    (tmp_path / "cxmap.yaml").write_text("timezone: UTC\n", encoding="utf-8")
    done = cxmap(
        "who", "--store", str(store / ".cxmap"), cwd=tmp_path, stdin="ana@example.test"
    )

    assert done.code == Exit.USAGE
    assert "key" in done.err


def test_a_contact_and_a_journey_lead_to_their_person(store: Path, ana: str) -> None:
    contacts = cxmap("export", "contacts", "-f", "jsonl", cwd=store).out.splitlines()
    first = next(r for r in map(json.loads, contacts) if r["source_contact_id"] == "1")

    for asked in (first["contact_id"], first["journey_id"]):
        done = cxmap("who", asked, "-f", "json", cwd=store)
        told = json.loads(done.out)
        assert (told["customer_id"], told["asked"]) == (ana, asked)
