"""The built wheel works anywhere: profiles, schemas and the demo travel in it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked in a folder that knows nothing of the checkout."""
    built = tmp_path_factory.mktemp("built")
    site = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    for words in (
        [sys.executable, "-m", "build", "-w", "-n", "-o", str(built), str(ROOT)],
        [*pip, "install", "--no-deps", "--target", str(site)],
    ):
        named = [*words, *map(str, built.glob("*.whl"))] if "pip" in words else words
        done = subprocess.run(named, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    return site


def run(site: Path, *words: str, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "cxmap", *words],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_runs_is_the_wheel_and_not_the_checkout(
    wheel: Path, tmp_path: Path
) -> None:
    program = "import cxmap; print(cxmap.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(wheel)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert Path(done.stdout.strip()).is_relative_to(wheel)


def test_the_wheel_shows_the_demo_ingests_and_reports(
    wheel: Path, tmp_path: Path
) -> None:
    shown = run(wheel, "demo", "here", "--people", "60", cwd=tmp_path)
    assert "First contact resolution" in shown

    inside = tmp_path / "here"
    assert "already held" in run(wheel, "ingest", cwd=inside)
    assert '"cxmap.scorecard/1"' in run(wheel, "report", "-f", "json", cwd=inside)
    assert "zendesk_tickets" in run(wheel, "sources", cwd=inside)


def test_the_wheel_carries_licence_types_and_schemas(wheel: Path) -> None:
    carried = {str(path.relative_to(wheel)) for path in wheel.rglob("*")}

    assert any(name.endswith("licenses/LICENSE") for name in carried)
    assert {"cxmap/py.typed", "cxmap/views/scorecard.schema.json"} <= carried
    assert "cxmap/sources/profiles/zendesk_tickets.yaml" in carried
    assert "cxmap/benchmarks/figures.yaml" in carried
    assert "cxmap/configs/starters/telecom.yaml" in carried
    assert {"cxmap/configs/cxmap.yaml", "cxmap/configs/sources/boston311.yaml"} <= (
        carried
    )
