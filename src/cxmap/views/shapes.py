"""The published shapes of what is printed as JSON: they travel with the package."""

import json
from importlib.resources import files
from typing import Any


def published_shape(name: str) -> dict[str, Any]:
    """Return the JSON Schema of that name."""
    path = files("cxmap.views").joinpath(f"{name}.schema.json")
    schema: dict[str, Any] = json.loads(path.read_text("utf-8"))

    return schema
