"""`cxmap kpi` and `cxmap reconcile` as people and cron meet them."""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cxmap.cli.main import run
from cxmap.errors import Exit
from cxmap.views.bias import bias_schema
from cxmap.views.lab import lab_schema
from cxmap.views.reconciliation import reconciliation_schema
from cxmap.views.trend import trend_schema

NOW = ("--now", "2026-08-01T00:00:00Z")


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Cxmap = Callable[..., Ran]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company") / "demo"
    assert run(["demo", str(folder), "--people", "50", "-q", *NOW]) == 0
    return folder


@pytest.fixture
def cxmap(
    company: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Cxmap:
    monkeypatch.chdir(company)
    monkeypatch.setenv("CXMAP_CONFIG", "")
    capsys.readouterr()

    def ran(*words: str) -> Ran:
        code = run([*words, *NOW])
        told = capsys.readouterr()
        return Ran(code, told.out, told.err)

    return ran


METRICS = "zendesk/ticket_metrics.ndjson"


@pytest.mark.parametrize(
    ("words", "schema"),
    [
        (("kpi", "fcr", "--by", "channel_group,topic"), trend_schema),
        (("kpi", "csat", "--periods", "8w"), trend_schema),
        (("kpi", "frt", "--since", "2026-03", "--periods", "day"), trend_schema),
        (("kpi", "fcr", "--lab", "--since", "2026-03"), lab_schema),
        (("kpi", "reopen_rate", "--lab"), lab_schema),
        (("kpi", "csat", "--bias", "--since", "2026-04"), bias_schema),
        (("reconcile", METRICS), reconciliation_schema),
    ],
)
def test_json_keeps_its_published_shape(
    cxmap: Cxmap, words: tuple[str, ...], schema: Any
) -> None:
    ran = cxmap(*words, "-f", "json")

    assert (ran.code, ran.err) == (Exit.OK, "")
    jsonschema.validate(json.loads(ran.out), schema())


@pytest.mark.parametrize("form", ["table", "md", "csv", "jsonl"])
@pytest.mark.parametrize(
    "words",
    [
        ("kpi", "abandonment", "--by", "channel"),
        ("kpi", "csat", "--lab"),
        ("kpi", "fcr", "--lab", "--contacts"),
        ("kpi", "csat", "--bias"),
        ("kpi", "csat", "--bias", "--contacts"),
        ("reconcile", METRICS),
        ("reconcile", METRICS, "--tolerance", "0s", "--contacts"),
    ],
)
def test_every_form_goes_to_stdout_alone(
    cxmap: Cxmap, words: tuple[str, ...], form: str
) -> None:
    ran = cxmap(*words, "-f", form)

    assert (ran.code, ran.err) == (Exit.OK, "")
    assert ran.out


def test_a_file_is_written_and_said(cxmap: Cxmap, tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"

    ran = cxmap("kpi", "abandonment", "--lab", "-o", str(path))

    assert (ran.code, ran.out, ran.err) == (Exit.OK, "", f"wrote {path}\n")
    assert len(list(csv.DictReader(StringIO(path.read_text())))) == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("kpi", "firstcontact"), "firstcontact: no KPI of that name"),
        (("kpi", "nps", "--lab"), "nps --lab: there is one definition of it only"),
        (("kpi", "fcr", "--by", "colour"), "--by colour"),
        (("kpi", "fcr", "--lab", "--by", "topic"), "--lab: tries one period"),
        (("kpi", "fcr", "--contacts"), "cxmap explain fcr --contacts"),
        (("kpi", "csat", "--bias", "--by", "topic"), "--bias: looks at one period"),
        (("kpi", "fcr", "--bias"), "KPIs: csat, csat_mean, nps, ces"),
        (("kpi", "fcr", "--periods", "soon"), "--periods soon: write one of 13"),
        (("kpi", "fcr", "--periods", "8w", "--since", "2026-03"), "say how long"),
        (("reconcile", METRICS, "--tolerance", "soon"), "--tolerance: "),
        (("reconcile", METRICS, "--source", "zendsk"), "did you mean zendesk?"),
    ],
)
def test_a_word_that_cannot_be_followed_is_2(
    cxmap: Cxmap, words: tuple[str, ...], said: str
) -> None:
    ran = cxmap(*words)

    assert (ran.code, ran.out) == (Exit.USAGE, "")
    assert said in ran.err


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("surveys/surveys.csv", "surveys.csv: holds no figures of a vendor known here"),
        ("away.csv", "away.csv: "),
    ],
)
def test_a_file_that_holds_no_figures_is_3(cxmap: Cxmap, file: str, said: str) -> None:
    ran = cxmap("reconcile", file)

    assert (ran.code, ran.out) == (Exit.DATA, "")
    assert said in ran.err


def test_what_the_store_knows_nothing_of_is_3(cxmap: Cxmap, tmp_path: Path) -> None:
    path = tmp_path / "freshdesk.csv"
    path.write_text("Ticket ID,Agent interactions\n7,2\n")

    ran = cxmap("reconcile", str(path))

    assert (ran.code, ran.out) == (Exit.DATA, "")
    assert "holds no source read by freshdesk" in ran.err


def test_without_a_store_there_is_nothing_to_compare(
    cxmap: Cxmap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    ran = cxmap("kpi", "fcr", "--lab")

    assert ran.code == Exit.USAGE
    assert "run `cxmap ingest` first" in ran.err


def test_the_ids_that_are_listed_are_those_that_differ(cxmap: Cxmap) -> None:
    told = json.loads(cxmap("kpi", "fcr", "--lab", "-f", "json").out)
    lines = cxmap("kpi", "fcr", "--lab", "--contacts", "-f", "jsonl").out.splitlines()
    differ = {
        way["label"]: way["difference"]["differ"]
        for way in told["ways"]
        if way["difference"]
    }

    assert len(lines) == sum(differ.values())
    assert {json.loads(line)["way"] for line in lines} == {
        label for label, rows in differ.items() if rows
    }
