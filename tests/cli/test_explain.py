"""`explain` as an analyst uses it: from a number on a page down to its contacts."""

import csv
import json
import re
import shlex
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from commands import command

from cxmap.errors import Exit

NOW = "2026-06-01"

CONTACTS = """\
source_contact_id,channel,started_at,disposition,email,agent_id,queue_seconds,team
1,voice,2026-03-02T10:00:00Z,handled,ana@example.test,kim,20,north
2,voice,2026-03-03T10:00:00Z,abandoned,bob@example.test,,40,north
3,voice,2026-03-04T10:00:00Z,abandoned,eve@example.test,,3,
4,chat,2026-03-05T10:00:00Z,handled,zoe@example.test,lee,5,south
5,chat,2026-04-06T10:00:00Z,abandoned,joe@example.test,lee,90,south
"""

CONFIG = """\
sources:
  desk:
    profile: generic_contacts
    files: contacts.csv
    url: "https://desk.test/{source_contact_id}"
kpis:
  abandonment_rate:
    target: 0.05
    short_abandon: 4s
repeat: 5d
frictions:
  abandon: {severity: low}
"""


def cxmap(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return command(*words, "--now", NOW, cwd=cwd)


def said(*words: str, cwd: Path) -> str:
    done = cxmap(*words, cwd=cwd)
    assert done.returncode == 0, done.stderr

    return done.stdout


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "contacts.csv").write_text(CONTACTS)
    (folder / "cxmap.yaml").write_text(CONFIG)
    said("ingest", "-q", cwd=folder)

    return folder


@pytest.mark.parametrize("form", ["table", "md"])
def test_a_page_with_numbers_says_how_each_is_explained(desk: Path, form: str) -> None:
    """The command below the page gives the number that stands on it."""
    card = ("report", "--since", "2026-03", "--by", "channel")
    page = said(*card, "-f", form, cwd=desk)
    [command] = re.findall(r"Behind a number: cxmap (.*)", page.replace("\\", ""))
    words = command.replace("NAME", "abandonment_rate").replace("VALUE", "voice")
    told = json.loads(said(*shlex.split(words), "-f", "json", cwd=desk))
    scores = json.loads(said(*card, "-f", "json", cwd=desk))["scores"]
    [score] = [
        one
        for one in scores
        if one["kpi"] == "abandonment_rate" and one["by"] == {"channel": "voice"}
    ]

    assert words == (
        "explain abandonment_rate --since 2026-03-01 --until 2026-03-31 "
        "--where channel=voice"
    )
    assert (score["numerator"], score["n"]) == (1, 2)
    assert told["score"] == score


def test_every_setting_says_where_it_was_made(desk: Path) -> None:
    page = said("explain", "abandonment_rate", "--since", "2026-03", cwd=desk)
    repeats = said("explain", "repeat_contact", "--since", "2026-03", cwd=desk)
    rubs = said("explain", "abandon", "--since", "2026-03", cwd=desk)

    assert re.search(r"^target +≤ 5\.0 % \(cxmap\.yaml:8\)$", page, re.M)
    assert re.search(r"^option short_abandon +4s \(cxmap\.yaml:9\)$", page, re.M)
    assert re.search(r"^repeat\.within +5d \(cxmap\.yaml:10\)$", repeats, re.M)
    assert re.search(r"^severity +high \(default\)$", repeats, re.M)
    assert re.search(r"^severity +low \(cxmap\.yaml:12\)$", rubs, re.M)
    assert re.search(r"^option short +5s \(default\)$", rubs, re.M)


def test_numerator_denominator_and_population_stand_beside_their_words(
    desk: Path,
) -> None:
    page = said("explain", "abandonment_rate", "--since", "2026-03", cwd=desk)

    assert re.search(
        r"^numerator +1: the contacts that are counted and meet", page, re.M
    )
    assert re.search(r"^denominator +3: the contacts that are counted", page, re.M)
    assert re.search(
        r"^population +4 = 3 counted \+ 0 pending \+ 1 left out: the contacts",
        page,
        re.M,
    )
    assert re.search(r"^left out: short_abandoned +1: hung up too soon", page, re.M)


def test_the_rows_of_a_segment_are_listed_with_their_links(desk: Path) -> None:
    words = ["explain", "abandonment_rate", "--since", "2026-03", "--contacts"]
    cell = ["--where", "channel=voice", "--where", "team=north", "-f", "csv"]
    rows = list(csv.DictReader(StringIO(said(*words, *cell, cwd=desk))))

    assert [(row["url"], row["value"], row["counted_as"]) for row in rows] == [
        ("https://desk.test/1", "0", "counted"),
        ("https://desk.test/2", "1", "counted"),
    ]
    assert [row["team"] for row in rows] == ["north", "north"]


def test_the_period_before_is_reached_from_the_one_that_is_shown(desk: Path) -> None:
    april = ["explain", "abandonment_rate", "--since", "2026-04", "-f", "json"]
    before = json.loads(said(*april, "--previous", cwd=desk))
    march = json.loads(said(*april[:3], "2026-03", "-f", "json", cwd=desk))

    assert json.loads(said(*april, cwd=desk))["score"]["previous"] == pytest.approx(
        1 / 3
    )
    assert before["score"] == march["score"]


def test_segments_are_listed_and_small_ones_hidden_where_passed_on(
    desk: Path,
) -> None:
    words = ["explain", "abandonment_rate", "--since", "2026-03", "--by", "team"]
    page = said(*words, cwd=desk)
    shared = said(*words, "-f", "md", cwd=desk)
    cell = said(*words[:4], "--where", "team=north", "-f", "md", cwd=desk)

    assert re.search(r"^north +50\.0 % +1 +2 +0 +0$", page, re.M)
    assert re.search(r"^\(unknown\) +– +0 +0 +0 +1$", page, re.M)
    assert "50.0" not in shared
    assert r"| north | &lt;10 |  |  |  |  |" in shared
    assert "50.0" not in cell
    assert "numerator" not in cell


@pytest.mark.parametrize(
    "words",
    [
        ["report", "--by", "channel,agent"],
        ["explain", "csat", "--by", "agent"],
        ["explain", "abandon", "--where", "agent=kim"],
    ],
)
def test_agents_are_not_compared_unless_the_config_allows_it(
    desk: Path, words: list[str]
) -> None:
    done = cxmap(*words, cwd=desk)

    assert done.returncode == Exit.USAGE
    assert done.stdout == ""
    assert done.stderr == (
        "cxmap: error: agent: numbers are not broken down by the people who do the "
        "work, unless cxmap.yaml says `privacy: {agents: on}`\n"
    )


def test_agents_are_told_by_pseudonym_where_the_config_allows_it(
    desk: Path, tmp_path: Path
) -> None:
    config = tmp_path / "cxmap.yaml"
    config.write_text(f"store: {desk / '.cxmap'}\n{CONFIG}privacy: {{agents: on}}\n")
    card = ["report", "-c", str(config), "--by", "agent", "--since", "2026-03"]
    scores = json.loads(said(*card, "-f", "json", cwd=desk))["scores"]
    offered = {
        one["by"]["agent"]: one["n"]
        for one in scores
        if one["kpi"] == "abandonment_rate" and one["by"] and one["n"]
    }

    assert sorted(offered.values()) == [1, 1, 1]
    assert offered.pop(None) == 1
    assert not {"kim", "lee"} & set(offered)
    assert "<10" in said(
        *card, "--kpi", "abandonment_rate", "-f", "md", cwd=desk
    ).replace("&lt;", "<")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--where", "channel:voice"], "--where channel:voice: "),
        (["--where", "channel=fax"], "--where channel=fax: "),
        (["--by", "colour"], "--by colour: "),
        (["--compare", "never"], "--compare never: "),
        (["--previous", "--compare", "none"], "--previous: "),
    ],
)
def test_what_cannot_be_reached_is_refused(
    desk: Path, words: list[str], reason: str
) -> None:
    done = cxmap("explain", "abandonment_rate", "--since", "2026-03", *words, cwd=desk)

    assert (done.returncode, done.stdout) == (Exit.USAGE, "")
    assert done.stderr.startswith(f"cxmap: error: {reason}")
