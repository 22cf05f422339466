"""Tables drawn in a test's docstring: the first line names columns, `–` is null."""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import settings

from cxmap import tables
from cxmap.options import read_duration

settings.register_profile("thorough", max_examples=400, deadline=None)
settings.register_profile("cxmap", max_examples=25, deadline=None)
settings.load_profile("cxmap")

YEAR = 2026
USUAL: dict[str, dict[str, object]] = {
    "contacts": {
        "customer_id": "ana",
        "inbound": True,
        "source_since_at": datetime(YEAR, 1, 1, tzinfo=UTC),
        "source_horizon_at": datetime(YEAR, 6, 1, tzinfo=UTC),
        "horizon_at": datetime(YEAR, 6, 1, tzinfo=UTC),
        "started_at": datetime(YEAR, 3, 2, 9, tzinfo=UTC),
        "repeat_window_seconds": 7 * 86_400,
    },
    "journeys": {
        "customer_id": "ana",
        "closed": True,
        "horizon_at": datetime(YEAR, 6, 1, tzinfo=UTC),
        "started_at": datetime(YEAR, 3, 2, 9, tzinfo=UTC),
        "trigger_started_at": datetime(YEAR, 3, 2, 9, tzinfo=UTC),
        "trigger_touch_at": datetime(YEAR, 3, 2, 9, 10, tzinfo=UTC),
        "trigger_window_seconds": 7 * 86_400,
        "trigger_source_since_at": datetime(YEAR, 1, 1, tzinfo=UTC),
    },
    "surveys": {"customer_id": "ana", "at": datetime(YEAR, 3, 2, 9, tzinfo=UTC)},
}
USUAL["steps"] = {**USUAL["contacts"], "journey_id": "j1", "channel": "voice"}
"""What a drawing need not say."""

KEY = {"contacts": "contact_id", "steps": "contact_id", "journeys": "journey_id"}


def draw(drawing: str, table: str) -> pl.DataFrame:
    """Return the table drawn: times as `03-02_09:00`, durations as `7d`."""
    names, *rows = (line.split() for line in drawing.strip().splitlines())
    schema = tables.schema(table)
    letter = KEY.get(table, "survey_id")
    columns: dict[str, list[object]] = {
        letter: [f"{letter[0]}{place}" for place in range(1, len(rows) + 1)]
    }
    for name, value in USUAL[table].items():
        columns[name] = [value] * len(rows)
    for place, name in enumerate(names):
        columns[name] = [_read(row[place], schema[name]) for row in rows]

    return tables.conform(pl.DataFrame(columns, strict=False), table)


def _read(word: str, dtype: pl.DataType) -> object:
    if word == "–":
        return None
    if dtype == tables.WHEN:
        return datetime.strptime(f"{YEAR}-{word}+0000", "%Y-%m-%d_%H:%M%z")
    if dtype == tables.FLAG:
        return {"yes": True, "no": False}[word]
    if dtype == tables.COUNT:
        digits = word.isdigit()
        return int(word) if digits else int(read_duration(word).total_seconds())
    return float(word) if dtype == pl.Float64() else word


@pytest.fixture
def drawn(request: pytest.FixtureRequest) -> Callable[[str], pl.DataFrame]:
    """Return a function that draws the test's own docstring as a table."""
    drawing: Any = inspect.getdoc(request.function)
    return lambda table: draw(drawing, table)
