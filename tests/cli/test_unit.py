"""`--unit`: the journeys of people, or of the accounts they belong to."""

import json
import subprocess
from pathlib import Path

import pytest
from commands import command

from cxmap.errors import Exit

NOW = "2026-06-01T00:00:00Z"

ROWS = """source_contact_id,channel,started_at,topic,disposition,email,account_id
1,voice,2026-03-02T10:00:00Z,bill,handled,ana@example.test,acme
2,email,2026-03-03T10:00:00Z,bill,handled,bob@example.test,acme
3,chat,2026-03-04T10:00:00Z,bill,handled,eve@example.test,
4,chat,2026-02-01T10:00:00Z,bill,handled,zoe@example.test,
5,chat,2026-04-28T10:00:00Z,bill,handled,zoe@example.test,
"""


def cxmap(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return command(*words, "--now", NOW, cwd=cwd)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two colleagues of one account ask about the same bill; Eve is on her own."""
    folder = tmp_path_factory.mktemp("accounts")
    (folder / "contacts.csv").write_text(ROWS, encoding="utf-8")
    done = cxmap("ingest", "-q", "contacts.csv", cwd=folder)
    assert done.returncode == 0, done.stderr

    return folder


@pytest.mark.parametrize(
    ("words", "journeys"),
    [([], 3), (["--unit", "person"], 3), (["--unit", "account"], 2)],
)
def test_colleagues_are_one_customer_where_accounts_are_told(
    store: Path, words: list[str], journeys: int
) -> None:
    march = ("--since", "2026-03", "-f", "json")
    listed = cxmap("journeys", *words, *march, cwd=store)
    card = cxmap("report", *words, *march, cwd=store)
    told = json.loads(card.stdout)

    assert len(json.loads(listed.stdout)) == journeys
    assert told["coverage"]["journeys"] == journeys
    assert told["coverage"]["customers"] == journeys
    assert any("accounts" in note for note in told["notes"]) is (journeys == 2)


@pytest.mark.parametrize("command", ["report", "journeys"])
def test_another_unit_does_not_exist(store: Path, command: str) -> None:
    done = cxmap(command, "--unit", "household", cwd=store)

    assert done.returncode == Exit.USAGE
    assert done.stdout == ""
    assert "--unit household: write one of person, account" in done.stderr


def test_the_sensitivity_of_accounts_is_that_of_accounts(store: Path) -> None:
    done = cxmap(
        *("report", "--unit", "account", "--sensitivity", "--since", "2026-03"),
        *("--kpi", "contacts_per_journey", "-f", "json"),
        cwd=store,
    )
    values = {v["setting"]: v["value"] for v in json.loads(done.stdout)["sensitivity"]}

    assert values["normal"] == 1.5
    assert values["strict"] != values["normal"]
