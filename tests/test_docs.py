"""What the README says is true: its commands run, and nothing is left out of it."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commands import command

from cxmap.definitions import collect
from cxmap.errors import Exit

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", README, flags=re.DOTALL)
COMMANDS = [
    line.removeprefix("$ ").split("  #")[0].strip()
    for block in BLOCKS
    for line in block.splitlines()
    if line.startswith("$ cxmap")
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample exports with their config, ingested."""
    folder = tmp_path_factory.mktemp("docs") / "demo"
    words = [sys.executable, "-m", "cxmap", "demo", str(folder), "-q"]
    subprocess.run(words, check=True, capture_output=True)
    shutil.copytree(folder, folder / "exports")
    shutil.rmtree(folder / "exports" / ".cxmap")

    return folder


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_readme_runs(demo: Path, line: str) -> None:
    words = shlex.split(line)[1:]
    if words[0] == "init":
        words = ["init", "exports/zendesk", "exports/connect", "--stdout"]
    done = command(*words, cwd=demo)

    assert done.returncode == 0, done.stderr


def test_the_first_screen_shows_both_commands_and_what_they_print() -> None:
    screen = "\n".join(README.splitlines()[:40])

    for promise in ("make demo", "make test", "Scorecard:", "pip install"):
        assert promise in screen


@pytest.mark.parametrize("room", ["kpis", "frictions"])
def test_every_definition_is_in_the_readme_and_has_its_chapter(room: str) -> None:
    manual = (ROOT / "docs" / f"{room}.md").read_text(encoding="utf-8")
    for name, definition in collect(room).items():
        in_full = f"| `{name}` | {definition.sentence} |" in README
        assert in_full or (room == "kpis" and f"`{name}`" in README)
        assert definition.sentence in manual
        assert definition.shown != "card" or in_full if room == "kpis" else in_full


def test_every_exit_code_is_in_the_readme() -> None:
    for code in Exit:
        assert f"| {int(code)} | " in README


def test_every_link_of_the_readme_leads_somewhere() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_command_is_shown_by_the_help() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cxmap", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    for line in COMMANDS:
        assert f"\n  {shlex.split(line)[1]} " in done.stdout
