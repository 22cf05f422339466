"""The records of a JSON export as columns of text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import polars as pl

from cxmap.errors import ExportError
from cxmap.sources.reading.encoding import Text
from cxmap.sources.reading.json_records import (
    Entry,
    documents,
    entries_of_documents,
    entries_of_lines,
    in_lines,
    incomplete,
    wrapper_of,
)
from cxmap.sources.reading.json_values import Path, as_text, path
from cxmap.sources.reading.shapes import REJECTS, ROW, Limits, ReadOptions, Table
from cxmap.sources.reading.tidy import guarded, tidy

BATCH = 5_000
"""Records that are Python objects at one time."""

Fields = Mapping[str, str] | None


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
    text: Text, options: ReadOptions, fields: Fields, limits: Limits, where: str
) -> Table:
    """Return the table a JSON text holds: one column for each of `fields`.

    Without `fields`, one for each top-level key. Raises ExportError where it holds
    no JSON at all or exceeds a limit, ConfigError for a path that is none.
    """
    found = find_entries(text, options, limits, where)
    look_ups = None if fields is None else _look_ups(fields, where)
    frames: list[pl.DataFrame] = []
    lost: list[tuple[int, str]] = []
    columns: dict[str, None] = dict.fromkeys(fields or ())
    seen = blank = 0
    while batch := list(islice(found.entries, BATCH)):
        seen += len(batch)
        good = [entry for entry in batch if entry.record is not None]
        bad = [(entry.row, entry.reason) for entry in batch if entry.reason is not None]
        blank += len(batch) - len(good) - len(bad)
        lost += bad
        frames.append(frame(good, look_ups, where))
        columns |= dict.fromkeys(frames[-1].columns)
        _refuse_excess(seen, len(columns), limits, where)

    schema = {ROW: pl.Int64()} | {name: pl.String() for name in columns if name != ROW}
    rows = pl.concat([pl.Schema(schema).to_frame(), *frames], how="diagonal")
    rows, long = tidy(rows, limits)
    whole = [(row, None, reason, True) for row, reason in lost]
    rejects = pl.DataFrame(whole, schema=REJECTS, orient="row")

    return Table(
        rows=rows,
        rejects=pl.concat([rejects, long]).sort("row", "column"),
        records=seen,
        blank=blank,
        notes=found.notes if rows.height else (*found.notes, "no rows"),
    )


def _refuse_excess(rows: int, columns: int, limits: Limits, where: str) -> None:
    if columns > limits.columns + 1:
        raise ExportError(f"{where}: more than {limits.columns} columns")
    if rows > limits.rows:
        raise ExportError(f"{where}: more than {limits.rows} rows; split it")


def _look_ups(fields: Mapping[str, str], where: str) -> dict[str, Path]:
    return {name: path(told, f"{where}: {name}") for name, told in fields.items()}


def frame(
    good: Sequence[Entry], look_ups: Mapping[str, Path] | None, where: str
) -> pl.DataFrame:
    """Return `_row` and the columns of the entries' records, as text."""
    records = [entry.record for entry in good if entry.record is not None]
    if look_ups is not None:
        cells = {
            name: [as_text(look_up(record)) for record in records]
            for name, look_up in look_ups.items()
        }
    else:
        keys = dict.fromkeys(key for record in records for key in record)
        cells = {
            _name(key): [as_text(record.get(key)) for record in records] for key in keys
        }
    rows = pl.Series(ROW, [entry.row for entry in good], dtype=pl.Int64)
    with guarded(where):
        return pl.DataFrame([rows, *(_column(*column) for column in cells.items())])


def _name(key: str) -> str:
    return f"{ROW}[2]" if key == ROW else _encodable(key)


def _column(name: str, cells: Sequence[str | None]) -> pl.Series:
    """Return the column; half characters are spelled out, as `\\ud800`."""
    try:
        return pl.Series(name, cells, dtype=pl.String)
    except UnicodeEncodeError:
        whole = [None if cell is None else _encodable(cell) for cell in cells]
        return pl.Series(name, whole, dtype=pl.String)


def _encodable(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()
