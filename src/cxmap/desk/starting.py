"""Configurations to begin with, one an industry."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from cxmap.errors import UsageError
from cxmap.text import nearest, safe

CHECKOUT = Path(__file__).parents[3] / "configs"
"""Where they lie when nothing is installed; a wheel holds them inside the package."""


def starters() -> dict[str, Traversable]:
    """Return the starter configurations by name."""
    inside = files("cxmap").joinpath("configs")
    folder = inside if inside.is_dir() else CHECKOUT
    found = folder.joinpath("starters").iterdir()
    named = sorted(found, key=lambda one: one.name)

    return {one.name.removesuffix(".yaml"): one for one in named if ".yaml" in one.name}


def starter(name: str) -> str:
    """Return the text of a starter configuration; UsageError lists the names."""
    known = starters()
    if name in known:
        return known[name].read_text("utf-8")
    near = nearest(name, known)
    hint = f"did you mean {near}? " if near else ""

    raise UsageError(f"--starter {safe(name)}: {hint}write one of {', '.join(known)}")
