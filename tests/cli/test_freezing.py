"""`report --freeze`: what was published, what it is now, and why."""

import json
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
from commands import command

from cxmap.cli.freezing import frozen_period
from cxmap.errors import Exit, UsageError
from cxmap.store import Store
from cxmap.views.data import scorecard_schema

HEADER = "source_contact_id,channel,started_at,topic,disposition,email\n"
CONFIG = """\
timezone: Asia/Tokyo
sources: {calls: {profile: generic_contacts, files: '*.csv'}}
"""


def cxmap(
    *words: str, cwd: Path, now: str = "2026-06-01"
) -> subprocess.CompletedProcess[str]:
    return command(*words, "--now", now, cwd=cwd)


def line(number: str, day: str, who: str) -> str:
    return f"{number},voice,2026-{day}T10:00:00Z,billing,handled,{who}@example.test\n"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty callers in April, frozen in June; eight of them turn out to repeat."""
    folder = tmp_path_factory.mktemp("store")
    april = [line(f"a{i}", f"04-{10 + i % 5:02}", f"p{i}") for i in range(20)]
    edges = [line("x", "03-01", "x"), line("y", "05-30", "y")]
    (folder / "one.csv").write_text(HEADER + "".join([*april, *edges]), "utf-8")
    (folder / "cxmap.yaml").write_text(CONFIG, "utf-8")
    assert cxmap("ingest", "-q", cwd=folder).returncode == 0
    done = cxmap("report", "--freeze", "2026-04", cwd=folder)
    assert (done.returncode, done.stderr) == (
        0,
        "frozen: April 2026, as of 2026-06-01 00:00 (Asia/Tokyo)\n",
    )

    return folder


def card(folder: Path, **given: str) -> dict[str, object]:
    done = cxmap("report", "--since", "2026-04", "-f", "json", cwd=folder, **given)
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    jsonschema.validate(told, scorecard_schema())
    return told


def test_what_was_published_is_kept_explained_and_replaced_on_demand(
    store: Path,
) -> None:
    """One story, since every step stands on the one before."""
    published = card(store)["published"]
    assert isinstance(published, dict)
    assert published["restated"] == []
    assert published["frozen_at"] == "2026-05-31T15:00:00Z"

    late = [line(f"b{i}", f"04-{16 + i % 5:02}", f"p{i}") for i in range(8)]
    (store / "two.csv").write_text(HEADER + "".join(late), "utf-8")
    assert cxmap("ingest", "-q", cwd=store, now="2026-06-05").returncode == 0
    changed = (
        CONFIG + "repeat: {within: 10d}\nkpis: {repeat_contact_rate: {target: 0.05}}\n"
    )
    (store / "cxmap.yaml").write_text(changed, "utf-8")
    published = card(store, now="2026-06-06")["published"]
    assert isinstance(published, dict)
    restated = {one["kpi"]: one for one in published["restated"]}
    repeats = restated["repeat_contact_rate"]

    assert (repeats["published"], repeats["published_n"]) == (0, 20)
    assert (repeats["value"], repeats["n"]) == (8 / 28, 28)
    assert repeats["because"]["late_repeats"] == 8
    assert repeats["because"]["contacts_added"] == 8
    assert not repeats["defined_anew"]
    assert "comparable_topic_share" in restated
    assert published["settings"] == [
        "kpis.repeat_contact_rate.target",
        "repeat.within",
    ]

    shown = cxmap("report", "--since", "2026-04", cwd=store, now="2026-06-06").stdout
    assert "Published as of 2026-06-01 00:00, and now" in shown
    assert "8 late repeats; 8 contacts added" in shown
    assert "Settings changed since it was published" in shown

    again = cxmap("report", "--freeze", "2026-04", cwd=store, now="2026-06-06")
    assert again.returncode == Exit.USAGE
    assert again.stdout == ""
    assert "as of 2026-06-01 00:00 (Asia/Tokyo); to replace" in again.stderr
    words = ("report", "--freeze", "2026-04", "--again", "-q", "-f", "json")
    replaced = json.loads(cxmap(*words, cwd=store, now="2026-06-06").stdout)
    assert replaced["published"]["restated"] == []
    (kept,) = Store.open(store / ".cxmap").frozen().values()
    assert kept["replaced"] == ["2026-05-31T15:00:00Z"]

    listed = cxmap("report", "--frozen", "-f", "csv", cwd=store).stdout
    assert listed.splitlines()[1].startswith("April 2026,2026-03-31T15:00:00Z,")
    shown = cxmap("report", "--frozen", cwd=store).stdout
    assert "April 2026  2026-04-01 00:00  2026-05-01 00:00" in shown
    assert "until: the period ends just before it." in shown


def test_nothing_of_a_customer_is_in_a_card(store: Path) -> None:
    content = b"".join(p.read_bytes() for p in (store / ".cxmap" / "frozen").iterdir())

    assert b"example.test" not in content
    assert not re.search(rb"\b[cja]_[0-9a-f]{8}", content)
    assert b"a7" not in content.replace(b'"', b" ").split()


@pytest.mark.parametrize(
    ("period", "said"), [("2026-06", "not over"), ("2026-02", "no contacts are held")]
)
def test_what_cannot_be_published_is_refused(
    period: str, said: str, store: Path
) -> None:
    done = cxmap("report", "--freeze", period, cwd=store)

    assert done.returncode == Exit.USAGE
    assert done.stdout == ""
    assert said in done.stderr


@pytest.mark.parametrize(
    "given",
    [
        {"freeze": "2026-04", "since": "2026-04"},
        {"freeze": "2026-04", "until": "2026-04"},
        {"freeze": "2026-04", "kpi": ["csat"]},
        {"again": True},
    ],
)
def test_words_that_clash_are_refused(given: dict[str, object]) -> None:
    usual = {"freeze": None, "since": None, "until": None, "kpi": None, "again": False}

    with pytest.raises(UsageError, match=r"--freeze"):
        frozen_period(**{**usual, **given})  # type: ignore[arg-type]
