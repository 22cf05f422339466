"""`report --sensitivity` as cron and people see it."""

import json
import subprocess
from pathlib import Path

import pytest
from commands import command

from cxmap.errors import Exit

NOW = "2026-05-01T00:00:00Z"


def cxmap(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return command(*words, "--now", NOW, cwd=cwd)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve people who come back after nine days; half of them only by e-mail."""
    folder = tmp_path_factory.mktemp("store")
    lines = ["source_contact_id,channel,started_at,disposition,external_id,email"]
    for person in range(12):
        key = f"k{person}" if person % 2 else ""
        for turn, day in enumerate(("05", "14")):
            lines.append(
                f"{person}-{turn},voice,2026-03-{day}T10:{person:02}:00Z,handled,"
                f"{key},p{person}@example.test"
            )
    lines.append("x,voice,2026-02-01T10:00:00Z,handled,z,z@example.test")
    lines.append("y,voice,2026-04-28T10:00:00Z,handled,z,z@example.test")
    (folder / "contacts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = cxmap("ingest", "-q", "contacts.csv", cwd=folder)
    assert done.returncode == 0, done.stderr

    return folder


def test_each_kpi_is_told_under_each_setting(store: Path) -> None:
    done = cxmap(
        "report", "--sensitivity", "--since", "2026-03", "-f", "json", cwd=store
    )
    told = {
        (one["kpi"], one["setting"]): (one["value"], one["n"])
        for one in json.loads(done.stdout)["sensitivity"]
    }

    assert done.returncode == 0, done.stderr
    for setting in ("normal", "loose", "half"):
        assert told["repeat_contact_rate", setting] == (0, 24)
    assert told["repeat_contact_rate", "double"] == (0.5, 24)
    assert told["repeat_contact_rate", "strict"] == (0, 12)
    assert told["identified_share", "strict"] == (0.5, 24)
    assert told["identified_share", "normal"] == (1, 24)


def test_what_moves_beyond_its_interval_has_a_mark(store: Path) -> None:
    done = cxmap("report", "--sensitivity", "--since", "2026-03", cwd=store)
    rows = done.stdout.split("\nSensitivity\n", 1)[1].splitlines()
    row = next(line for line in rows if line.startswith("Repeat contact rate"))

    assert row.split()[-5:] == ["50.0", "%", "*", "50.0", "pp"]


def test_segments_are_not_tried(store: Path) -> None:
    done = cxmap("report", "--sensitivity", "--by", "channel", cwd=store)

    assert done.returncode == Exit.USAGE
    assert done.stdout == ""
    assert "--sensitivity" in done.stderr
    assert "--by" in done.stderr


def test_a_store_without_contacts_has_nothing_to_try(tmp_path: Path) -> None:
    """A header alone is an export of nobody."""
    (tmp_path / "contacts.csv").write_text(
        "source_contact_id,channel,started_at,disposition,email\n", encoding="utf-8"
    )
    cxmap("ingest", "-q", "contacts.csv", "--source", "generic_contacts", cwd=tmp_path)
    done = cxmap("report", "--sensitivity", "-f", "json", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert all(v["value"] in (None, 0) for v in json.loads(done.stdout)["sensitivity"])


def test_without_a_store_it_says_what_to_do(tmp_path: Path) -> None:
    done = cxmap("report", "--sensitivity", cwd=tmp_path)

    assert done.returncode == Exit.USAGE
    assert "cxmap ingest" in done.stderr
