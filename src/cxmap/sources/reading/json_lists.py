"""The items of lists inside JSON records, as rows of their own."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from cxmap.sources.reading.json_frame import frame
from cxmap.sources.reading.json_records import Entry
from cxmap.sources.reading.json_values import Path, path
from cxmap.sources.reading.shapes import Items

ALONE = "value"
"""What an item is called that is no object."""


def item_rows(
    good: Sequence[Entry], told: Mapping[str, Items], where: str
) -> dict[str, pl.DataFrame]:
    """Return, by name, `_row` of the record and the columns of each of its items.

    Raises ConfigError for a path that is none.
    """
    return {name: _rows(good, items, where) for name, items in told.items()}


def _rows(good: Sequence[Entry], items: Items, where: str) -> pl.DataFrame:
    steps = [(key, path(key, where)) for key in items.path]
    own = {name: path(key, where) for name, key in items.fields.items()}
    above = {name: path(key, where) for name, key in items.up.items()}
    rows: list[Entry] = []
    holders: list[dict[str, Any]] = []
    for entry in good:
        for item in _items(entry.record, steps):
            rows.append(Entry(entry.row, record=item))
            holders.append(entry.record or {})

    inside = frame(rows, own, where)
    outside = frame([Entry(0, record=h) for h in holders], above, where)
    return pl.concat([inside, outside.drop("_row")], how="horizontal")


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
