"""The house rules that a machine can hold: imports, start-up, packaging."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

HEAVY = ("polars", "networkx", "pydantic", "rich", "yaml", "phonenumbers")


def modules_after(words: list[str]) -> set[str]:
    program = (
        "import sys\n"
        "from cxmap.cli.main import run\n"
        f"code = run({words!r})\n"
        "sys.stderr.write('\\n'.join(sys.modules))\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


@pytest.mark.parametrize("words", [["--help"], ["--version"]])
def test_help_pays_for_no_heavy_library(words: list[str]) -> None:
    loaded = modules_after(words)

    assert loaded.isdisjoint(HEAVY), sorted(loaded & set(HEAVY))


@pytest.mark.parametrize("command", ["ingest", "report", "demo", "journeys", "export"])
def test_the_help_of_a_command_pays_for_no_engine(command: str) -> None:
    """typer reads the options before a command with pydantic, whatever we do."""
    loaded = modules_after([command, "--help"])

    assert loaded.isdisjoint(set(HEAVY) - {"pydantic"})


def test_every_module_opens_with_what_it_holds() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "src").rglob("*.py")
        if not path.read_text(encoding="utf-8").lstrip().startswith('"""')
    ]

    assert silent == []


def test_no_code_stands_in_an_init() -> None:
    crowded = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "src").rglob("__init__.py")
        if any(word in path.read_text(encoding="utf-8") for word in ("def ", "class "))
    ]

    assert crowded == []


@pytest.mark.parametrize(
    "forbidden",
    [
        "map_elements",
        "pl.SQLContext(",
        "eval(",
        "pickle",
        "datetime.now()",
        "pl.format(",  # panics on frames of several chunks
    ],
)
def test_what_the_house_forbids_is_nowhere_in_it(forbidden: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / "src").rglob("*.py")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if forbidden in line and "noqa" not in line
    ]

    assert found == []
