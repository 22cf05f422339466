"""A strange export gets a profile that reads what is certain, and asks the rest."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from cxmap.config import load_config
from cxmap.desk.drafting import Draft, draft
from cxmap.desk.proposing import propose
from cxmap.intake.choosing import choose
from cxmap.intake.taking import Limits, Taken, take
from cxmap.keys import DEMO_SECRET, Key
from cxmap.sources.read import peek

NOW = datetime(2026, 6, 1, tzinfo=UTC)
HEADER = "Ticket Number,Created On,Category,Assigned group,Customer e-mail,State,Foo"
ROWS = (
    "7,13.02.2026 10:01,Bill,A,a@b.test,neu,kanarienvogel\n"
    "8,14.02.2026 11:00,Move,B,c@d.test,zu,kanarienvogel\n"
)


def drafted(folder: Path, text: str, name: str = "calls") -> Draft | None:
    path = folder / f"{name}.csv"
    path.write_text(text, "utf-8")
    return draft(peek(path), name)


def taken(folder: Path, *exports: Path) -> list[Taken]:
    """Return what the exports bring under the config that is proposed for them."""
    proposal = propose([str(path) for path in exports], folder=folder)
    for name, text in {**proposal.profiles, "cxmap.yaml": proposal.text}.items():
        (folder / name).write_text(text, "utf-8")
    config = load_config(folder / "cxmap.yaml")
    chosen, unmatched = choose(config, []) if config.sources else ([], [])
    assert unmatched == []
    return [
        take(
            one,
            config,
            key=Key(DEMO_SECRET),
            now=NOW,
            limits=Limits(),
            known=lambda *_: None,
        )
        for one in chosen
    ]


def test_what_is_certain_is_read_and_what_is_likely_is_asked(tmp_path: Path) -> None:
    made = drafted(tmp_path, f"{HEADER}\n{ROWS}")

    assert made is not None
    said = yaml.safe_load(made.text)
    assert said["contact"] == {
        "source_contact_id": "Ticket Number",
        "started_at": {"from": "Created On", "time": "%d.%m.%Y %H:%M"},
        "topic_raw": "Category",
        "team": "Assigned group",
    }
    assert said["identifiers"] == [{"kind": "email", "from": "Customer e-mail"}]
    assert said["const"] == {"channel": "voice"}
    assert '# ? status: {from: "State"' in made.text
    assert '#   "Foo"' in made.text
    assert "kanarienvogel" not in made.text


def test_a_draft_ingests_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "calls-1.csv"
    path.write_text(f"{HEADER}\n{ROWS}", "utf-8")
    other = tmp_path / "calls-2.csv"
    other.write_text(f"{HEADER}\n{ROWS.replace('7,', '9,', 1)}", "utf-8")

    found = taken(tmp_path, path, other)

    assert [one.report.source for one in found] == ["calls", "calls"]
    for one in found:
        assert (one.report.state, one.report.kept) == ("loaded", 2)
        assert one.extracted is not None
        contacts = one.extracted.tables["contact_records"]
        assert contacts["started_at"].null_count() == 0
        assert one.extracted.tables["identifier_records"].height == 2


@pytest.mark.parametrize(
    "text",
    [
        "Ticket Number,Category\n1,a\n2,b\n",
        "Created On,Category\n2026-01-02,a\n2026-01-03,b\n",
        "Ticket Number,Created On\n1,2026-01-02\n1,2026-01-03\n",
        "Ticket Number,Created On\n1,2026-01-02\n,2026-01-03\n",
        "Ticket Number,Created On\n1,02/03/2026\n2,03/04/2026\n",
        "Ticket Number,Created On\n1,2026-01-02\n2,yesterday\n",
        "Ticket Number,Created On\n",
        "id,created_at,updated_at,name\n1,2026-01-02,2026-01-03,shop\n",
        "id,created_at,email,phone\n1,2026-01-02,a@b.test,+493012345\n",
        "id,created_at,status,type\n1,2026-01-02,active,trial\n",
        "contact_id,timestamp\n1,2026-01-02\n",
        "7,2026-01-02\n8,2026-01-03\n",
        "dear sirs\nthe kettle broke\n",
        '{"ticket_number": 1, "created_on": "2026-01-02"}\n',
    ],
    ids=[
        "no start",
        "no id",
        "id twice",
        "id missing",
        "day or month first",
        "no time",
        "no rows",
        "a list of brands",
        "a list of people",
        "a list of accounts",
        "a log of people",
        "no header",
        "no table",
        "json",
    ],
)
def test_without_a_certain_id_and_start_of_contacts_nothing_is_drafted(
    tmp_path: Path, text: str
) -> None:
    assert drafted(tmp_path, text) is None


@pytest.mark.parametrize("told", ["Direction", "Agent", "Queue", "Closed at", "Via"])
def test_a_column_that_only_contacts_have_makes_any_id_a_contacts(
    tmp_path: Path, told: str
) -> None:
    cell = "2026-01-04" if told.endswith("at") else "x"

    assert drafted(tmp_path, f"id,created at,{told}\n1,2026-01-02,{cell}\n")
    assert drafted(tmp_path, f"id,created at,Colour\n1,2026-01-02,{cell}\n") is None


def test_a_day_that_only_fits_first_settles_the_order(tmp_path: Path) -> None:
    made = drafted(
        tmp_path, "Ticket Number,Created On\n1,02/03/2026\n2,13/04/2026\n", "cases"
    )

    assert made is not None
    assert yaml.safe_load(made.text)["contact"]["started_at"]["time"] == "%d/%m/%Y"


def test_names_that_would_break_yaml_are_only_names(tmp_path: Path) -> None:
    text = 'Ticket Number,Created On,"a: ""b"" # {c}",é\n1,2026-01-02,x,y\n'
    made = drafted(tmp_path, text)

    assert made is not None
    assert '#   "a: \\"b\\" # {c}"' in made.text
    assert yaml.safe_load(made.text)["profile"] == "calls"
