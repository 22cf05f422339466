"""Packages installed beside cxmap add KPIs, frictions and sources, or are refused."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from cxmap.flagging import WORDS
from cxmap.plugins import GROUPS, plug_ins, versions

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "docs" / "example-plugin"
NOW = ("--now", "2026-05-01")

VISITORS = """\
slip,came in,called up,left,mail,about
1,02.03.2026 09:00,02.03.2026 09:05,02.03.2026 09:30,ada@shop.test,returns
2,02.03.2026 09:10,02.03.2026 09:40,02.03.2026 09:45,bob@shop.test,returns
3,02.03.2026 10:00,,02.03.2026 10:05,cy@shop.test,parcel
4,02.03.2026 11:00,02.03.2026 11:10,,dee@shop.test,parcel
"""


def cxmap(
    *words: str, cwd: Path, sites: tuple[Path, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Run cxmap where only the packages in `sites` are installed beside it."""
    path = os.pathsep.join([str(ROOT / "src"), *map(str, sites)])
    return subprocess.run(
        [sys.executable, "-m", "cxmap", *words],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def installed(
    site: Path,
    name: str,
    files: Mapping[str, str],
    *,
    version: str = "1.0",
    **groups: str,
) -> Path:
    """Write a package as an installer leaves it: its files and its metadata."""
    for place, text in files.items():
        (site / place).parent.mkdir(parents=True, exist_ok=True)
        (site / place).write_text(text)
    about = site / f"{name.replace('-', '_')}-{version}.dist-info"
    about.mkdir(parents=True, exist_ok=True)
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    (about / "METADATA").write_text(head)
    sections = [f"[cxmap.{group}]\n{entries}\n" for group, entries in groups.items()]
    (about / "entry_points.txt").write_text("\n".join(sections))

    return site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example of the docs, built and installed without a network."""
    source = tmp_path_factory.mktemp("source") / "example"
    shutil.copytree(EXAMPLE, source)
    site = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    offline = ["--no-deps", "--no-index", "--no-build-isolation"]
    done = subprocess.run(
        [*pip, *offline, "--target", str(site), str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    return site


@pytest.fixture(scope="module")
def desk(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose store holds a visitors' book, read by the example."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "visitors.csv").write_text(VISITORS)
    (folder / "cxmap.yaml").write_text(
        "timezone: Europe/Berlin\n"
        "sources:\n"
        "  desk: {profile: front_desk, files: visitors.csv}\n"
        "kpis:\n"
        "  long_visit_rate: {longest: 29m, target: 0.1}\n"
    )
    done = cxmap("ingest", *NOW, cwd=folder, sites=(site,))
    assert done.returncode == 0, done.stderr

    return folder


def test_a_plug_in_counts_like_any_other_definition(site: Path, desk: Path) -> None:
    """Two visits of 30 and 35 minutes, one of 5, and one whose end nobody knows."""
    asked = ("report", "--since", "2026-03", "-f", "json", *NOW)
    card = json.loads(cxmap(*asked, cwd=desk, sites=(site,)).stdout)
    [score] = [one for one in card["scores"] if one["kpi"] == "long_visit_rate"]
    [line] = [
        one for one in card["frictions"] if one["friction"] == "queue_at_the_desk"
    ]

    assert (score["numerator"], score["n"], score["target"]) == (2, 3, 0.1)
    assert score["excluded"] == {"not_known": 1}
    assert (line["points"], line["journeys"]) == (1, 1)


def test_a_plug_in_is_shown_wherever_definitions_are(site: Path, desk: Path) -> None:
    listed = cxmap("sources", cwd=desk, sites=(site,)).stdout
    schema = json.loads(cxmap("config", "schema", cwd=desk, sites=(site,)).stdout)
    told = cxmap("explain", "queue_at_the_desk", *NOW, cwd=desk, sites=(site,)).stdout
    found = cxmap("sources", "detect", "visitors.csv", cwd=desk, sites=(site,)).stdout

    assert "cxmap-example 0.1.0" in listed
    assert "zendesk_tickets" in listed
    assert "long_visit_rate" in json.dumps(schema)
    assert "The customer stands in line at the desk." in told
    assert "front_desk" in found


def test_without_the_package_its_names_are_unknown(desk: Path) -> None:
    done = cxmap("report", *NOW, cwd=desk)

    assert done.returncode == 2
    assert "long_visit_rate" in done.stderr
    assert "front_desk" in done.stderr


def test_another_version_of_a_friction_derives_the_points_anew(
    site: Path, desk: Path, tmp_path: Path
) -> None:
    """Nobody re-ingests: only the version tells that the points no longer hold."""
    newer = tmp_path / "newer"
    shutil.copytree(site, newer)
    [about] = newer.glob("*.dist-info")
    about.rename(newer / "cxmap_example-0.2.0.dist-info")
    metadata = newer / "cxmap_example-0.2.0.dist-info" / "METADATA"
    metadata.write_text(
        metadata.read_text().replace("Version: 0.1.0", "Version: 0.2.0")
    )
    module = newer / "cxmap_example" / "queue_at_the_desk.py"
    module.write_text(module.read_text().replace("minutes=10", "minutes=9"))
    export = ("export", "points", "-f", "csv", *NOW)

    before = cxmap(*export, cwd=desk, sites=(site,)).stdout
    after = cxmap(*export, cwd=desk, sites=(newer,)).stdout

    assert before.count("queue_at_the_desk") == 1
    assert after.count("queue_at_the_desk") == 2


KPI = '''"""A KPI."""

import polars as pl

from cxmap.definitions import kpi
from cxmap.measures import share


@kpi(over="{over}", unit="share", better="higher", section="speed")
def {name}({options}):
    """{doc}"""
    return share({of})
'''

FRICTION = '''"""A friction."""

import polars as pl

from cxmap.definitions import friction


@friction(because="{because}", needs={needs})
def {name}():
    """A friction."""
    return {condition}
'''


def a_kpi(name: str, of: str = 'pl.col("inbound")', **given: str) -> str:
    usual = {"over": "contacts", "options": "", "doc": "A KPI."}
    return KPI.format(name=name, of=of, **{**usual, **given})


def a_friction(name: str, condition: str, because: str = "", needs: str = "()") -> str:
    return FRICTION.format(name=name, condition=condition, because=because, needs=needs)


TWIN = {
    "twin/__init__.py": "",
    "twin/torn.py": "import a_module_nobody_has\n",
    "twin/raising.py": "\n\nraise SystemExit(0)\n",
    "twin/empty.py": "",
    "twin/csat.py": a_kpi("csat"),
    "twin/sound.py": a_kpi("sound"),
    "twin/other.py": a_friction("other", 'pl.col("inbound")'),
    "twin_profiles/zendesk_csv.yaml": "profile: zendesk_csv\n",
}


def test_every_plug_in_that_cannot_be_had_is_named_at_once(tmp_path: Path) -> None:
    site = installed(
        tmp_path / "site",
        "broken-twin",
        TWIN,
        kpis="torn = twin.torn\n"
        "raising = twin.raising\n"
        "empty = twin.empty\n"
        "gone = twin.sound:gone\n"
        "number = math:pi\n"
        "taken = twin.csat:csat\n"
        "friction = twin.other\n"
        "sound = twin.sound",
        sources="profiles = twin_profiles\nmodule = twin.empty\nnone = json",
    )
    done = cxmap("report", *NOW, cwd=tmp_path, sites=(site,))
    said = done.stderr.replace("cxmap: error: ", "").splitlines()

    who = "plug-in broken-twin 1.0: "
    expected = "; a KPI, or a module with some, is expected"
    assert done.returncode == 2
    assert done.stdout == ""
    assert said == [
        f"{who}empty (cxmap.kpis): names no definition{expected}",
        f"{who}friction (cxmap.kpis): names other{expected}",
        f"{who}gone (cxmap.kpis): cannot be imported: its module has no gone",
        f"{who}number (cxmap.kpis): names no definition{expected}",
        f"{who}raising (cxmap.kpis): cannot be imported: SystemExit",
        f"{who}taken (cxmap.kpis): csat: the name is taken by cxmap",
        f"{who}torn (cxmap.kpis): cannot be imported: no module a_module_nobody_has",
        f"{who}module (cxmap.sources): is no package and no folder that holds profiles",
        f"{who}none (cxmap.sources): holds no profile: no file that ends in .yaml",
        f"{who}profiles (cxmap.sources): zendesk_csv: the name is taken by cxmap",
        "plug-ins: mend or uninstall them; nothing was run",
    ]


def test_v_shows_the_line_of_the_plug_in_and_no_traceback(tmp_path: Path) -> None:
    site = installed(tmp_path, "broken-twin", TWIN, kpis="raising = twin.raising")
    done = cxmap("config", "schema", "-v", cwd=tmp_path, sites=(site,))

    assert done.returncode == 2
    assert "  caused by SystemExit: 0 (raising.py:3)" in done.stderr
    assert "Traceback" not in done.stderr


ODD = {
    "odd/__init__.py": "",
    "odd/columns.py": a_kpi("columns", 'pl.col("weight") > pl.col("height")'),
    "odd/table.py": a_kpi("table", over="orders"),
    "odd/page.py": a_kpi("page", doc=""),
    "odd/option.py": a_kpi("option", options="*, limit=3"),
    "odd/types.py": a_kpi("types", 'pl.col("channel").dt.year() > 3'),
    "odd/building.py": a_kpi("building", "1 / 0"),
    "odd/place.py": a_friction("place", 'pl.col("inbound")', because="{customer_id}"),
    "odd/needy.py": a_friction("needy", 'pl.col("inbound")', needs="('usual',)"),
    "odd/value.py": a_friction("value", "True"),
    "odd_profiles/bad.yaml": "profile: bad\nversoin: 1\n",
}


def test_every_definition_that_does_not_fit_is_named_at_once(tmp_path: Path) -> None:
    kpis = ("building", "columns", "option", "page", "table", "types")
    site = installed(
        tmp_path / "site",
        "odd-one",
        ODD,
        kpis="\n".join(f"{name} = odd.{name}" for name in kpis),
        frictions="\n".join(f"{n} = odd.{n}" for n in ("needy", "place", "value")),
        sources="profiles = odd_profiles",
    )
    done = cxmap("sources", cwd=tmp_path, sites=(site,))
    said = done.stderr.splitlines()

    assert done.returncode == 2
    for line in (
        "building (cxmap.kpis): building: cannot be built: ZeroDivisionError",
        "columns (cxmap.kpis): columns: contacts has no column height, weight",
        "option (cxmap.kpis): option: option limit: give it a type (timedelta, int, "
        "float, str or bool) and a default, behind `*`",
        "page (cxmap.kpis): page: no manual page: open its docstring with one sentence",
        "table (cxmap.kpis): table: judges orders; it must be one of journeys, steps, "
        "contacts, surveys, demand",
        "needy (cxmap.frictions): needy: needs a baseline that nobody has: usual",
        "place (cxmap.frictions): place: because: {customer_id} cannot be shown; use a "
        f"count, a duration or one of {', '.join(WORDS)}",
        "value (cxmap.frictions): value: must return an expression; it returned a bool",
        "profiles (cxmap.sources): bad.yaml: no profile",
    ):
        assert any(one.endswith(f"plug-in odd-one 1.0: {line}") for one in said), line
    assert "types: does not fit the columns of contacts: " in done.stderr
    assert "error: unknown key `versoin`" in done.stderr
    assert "Traceback" not in done.stderr


def test_two_packages_cannot_bear_one_name(tmp_path: Path) -> None:
    files = {"one/__init__.py": "", "one/patience.py": a_kpi("patience")}
    others = {"two/__init__.py": "", "two/patience.py": a_kpi("patience")}
    site = installed(tmp_path, "first-one", files, kpis="patience = one")
    installed(tmp_path, "second-one", others, kpis="patience = two")

    done = cxmap("config", "schema", cwd=tmp_path, sites=(site,))

    assert done.returncode == 2
    assert (
        "plug-in second-one 1.0: patience (cxmap.kpis): patience: "
        "the name is taken by first-one 1.0"
    ) in done.stderr


def test_help_is_given_whatever_is_installed(tmp_path: Path) -> None:
    site = installed(tmp_path, "broken-twin", TWIN, kpis="torn = twin.torn")

    for words in (["--help"], ["report", "--help"], ["--version"]):
        assert cxmap(*words, cwd=tmp_path, sites=(site,)).returncode == 0


def test_a_package_offers_every_definition_in_it_once(tmp_path: Path) -> None:
    """By the package and by one of its modules; in the order of names."""
    files = {
        "two/__init__.py": "",
        "two/zeal.py": a_kpi("zeal"),
        "two/ardour.py": a_kpi("ardour"),
    }
    site = installed(
        tmp_path, "two-kpis", files, kpis="all = two\nzeal = two.zeal:zeal"
    )
    program = (
        "from cxmap.definitions import collect; names = list(collect('kpis'));"
        "print(names == sorted(names), {'zeal', 'ardour'} <= set(names))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{site}"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "True True\n"


def test_where_nothing_is_installed_there_is_none() -> None:
    assert [plug_ins(group) for group in GROUPS] == [(), (), ()]
    assert versions(*GROUPS) == []
