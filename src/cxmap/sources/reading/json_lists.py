"""The items of lists inside JSON records, as rows of their own."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from cxmap.sources.reading.json_frame import Cells, Gathered
from cxmap.sources.reading.json_records import Entry
from cxmap.sources.reading.json_values import Path, path
from cxmap.sources.reading.shapes import Items

ALONE = "value"
"""What an item is called that is no object."""


class ItemRows:
    """The items of one list, gathered from few records at a time."""

    def __init__(self, items: Items, where: str) -> None:
        """Raise ConfigError for a path that is none."""
        self._steps = [(key, path(key, where)) for key in items.path]
        self._own = Cells(_look_ups(items.fields, where))
        self._above = Cells(_look_ups(items.up, where))
        self._gathered = Gathered((*items.fields, *items.up), where)

    def add(self, good: Sequence[Entry]) -> None:
        """Append what lies in the lists of the entries' records."""
        rows: list[int] = []
        found: list[dict[str, Any]] = []
        holders: list[dict[str, Any]] = []
        for row, record, _, _ in good:
            for item in _items(record, self._steps):
                rows.append(row)
                found.append(item)
                holders.append(record or {})
        inside, outside = self._own.of(found), self._above.of(holders)
        self._gathered.add(rows, {**inside, **outside})

    def frame(self) -> pl.DataFrame:
        """Return `_row` of the record and the columns of each of its items."""
        return self._gathered.frame()


def _look_ups(fields: Mapping[str, str], where: str) -> dict[str, Path]:
    return {name: path(key, where) for name, key in fields.items()}


def _items(holder: Any, steps: Sequence[tuple[str, Path]]) -> Iterator[dict[str, Any]]:
    """Yield what lies at the end of the steps, each list replaced by one item of it."""
    (_, look_up), *further = steps
    found = look_up(holder)
    for one in found if isinstance(found, list) else [found]:
        if one is None:
            continue
        item = one if isinstance(one, dict) else {ALONE: one}
        if not further:
            yield item
        for inner in _items(item, further) if further else ():
            yield {**item, further[0][0]: inner}
