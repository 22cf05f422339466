"""The records of a JSON export as columns of text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType

import polars as pl

from cxmap.errors import ExportError
from cxmap.sources.reading.encoding import Text
from cxmap.sources.reading.json_frame import Cells, Gathered, all_keys
from cxmap.sources.reading.json_lists import ItemRows
from cxmap.sources.reading.json_records import (
    Entry,
    documents,
    entries_of_documents,
    entries_of_lines,
    in_lines,
    incomplete,
    wrapper_of,
)
from cxmap.sources.reading.json_values import Path, path
from cxmap.sources.reading.shapes import (
    REJECTS,
    Items,
    Limits,
    ReadOptions,
    Table,
)
from cxmap.sources.reading.tidy import tidy

BATCH = 16
"""Records that are Python objects at one time: so few that they stay in the cache."""

Fields = Mapping[str, str] | None


NO_LISTS: Mapping[str, Items] = MappingProxyType({})


@dataclass(frozen=True)
class Found:
    """The entries of a JSON text, and what is to be said of it."""

    entries: Iterator[Entry]
    notes: tuple[str, ...] = ()
    wrapper: str | None = None


def find_entries(
    text: Text, options: ReadOptions, limits: Limits, where: str, *, whole: bool = True
) -> Found:
    """Return the entries of a JSON text, whichever way it holds them.

    Raises ExportError where it holds no JSON at all.
    """
    depth = limits.json_depth
    if in_lines(text.data):
        return Found(entries_of_lines(text, options.records, depth))
    found = documents(text, where, whole=whole)
    note = incomplete(found) if whole else None
    wrapper = wrapper_of(found.values[0]) if len(found.values) == 1 else None

    return Found(
        entries_of_documents(found, options.records, depth),
        (note,) if note else (),
        wrapper,
    )


def read_json(
    text: Text,
    options: ReadOptions,
    fields: Fields,
    limits: Limits,
    where: str,
    *,
    lists: Mapping[str, Items] = NO_LISTS,
) -> Table:
    """Return the table a JSON text holds: one column for each of `fields`.

    Without `fields`, one for each top-level key. `lists` names lists inside the
    records whose items are rows of their own. Raises ExportError where it holds no
    JSON at all or exceeds a limit, ConfigError for a path that is none.
    """
    found = find_entries(text, options, limits, where)
    cells = None if fields is None else Cells(_look_ups(fields, where))
    gathered = Gathered(tuple(fields or ()), where)
    inside = {name: ItemRows(items, where) for name, items in lists.items()}
    lost: list[tuple[int, str]] = []
    seen = blank = 0
    while batch := list(islice(found.entries, BATCH)):
        seen += len(batch)
        good = [entry for entry in batch if entry.record is not None]
        bad = [(entry.row, entry.reason) for entry in batch if entry.reason is not None]
        blank += len(batch) - len(good) - len(bad)
        lost += bad
        records = [entry.record for entry in good if entry.record is not None]
        gathered.add(
            [entry.row for entry in good],
            (cells or Cells(all_keys(records))).of(records),
        )
        for items in inside.values():
            items.add(good)
        _refuse_excess(seen, len(gathered.names), limits, where)

    rows, long = tidy(gathered.frame(), limits)
    whole = [(row, None, reason, True) for row, reason in lost]
    rejects = pl.DataFrame(whole, schema=REJECTS, orient="row")

    return Table(
        rows=rows,
        rejects=pl.concat([rejects, long]).sort("row", "column"),
        records=seen,
        blank=blank,
        notes=found.notes if rows.height else (*found.notes, "no rows"),
        warnings=found.notes,
        lists={name: items.frame() for name, items in inside.items()},
    )


def _refuse_excess(rows: int, columns: int, limits: Limits, where: str) -> None:
    if columns > limits.columns:
        raise ExportError(f"{where}: more than {limits.columns} columns")
    if rows > limits.rows:
        raise ExportError(f"{where}: more than {limits.rows} rows; split it")


def _look_ups(fields: Mapping[str, str], where: str) -> dict[str, Path]:
    return {name: path(told, f"{where}: {name}") for name, told in fields.items()}
