"""JSON records side by side: a column of text for each path."""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from types import NoneType
from typing import Any

import polars as pl

from cxmap.sources.reading.json_records import Entry
from cxmap.sources.reading.json_values import Path, Walk, as_text
from cxmap.sources.reading.shapes import ROW
from cxmap.sources.reading.tidy import guarded

TOGETHER = 2_000
"""Rows gathered as Python texts before they become columns."""

TEXTS = frozenset({str, NoneType})
NUMBERS = frozenset({int, NoneType})

Record = Mapping[str, Any]
Column = Sequence[str | None]


class Nowhere(dict[str, Any]):
    """Stands where a way leads to no object: every key of it holds nothing."""

    def __missing__(self, key: str) -> None:
        """Hold nothing."""


NOWHERE: Record = Nowhere()


class Gathered:
    """Columns of text that grow with every few records.

    Records are large and their texts are small: whoever hands over few records at a
    time and lets go of them needs little memory, and finds them in the cache.
    """

    def __init__(self, names: Sequence[str], where: str) -> None:
        self.names = dict.fromkeys(names)
        """The columns so far, in the order they were first seen."""
        self._where = where
        self._frames: list[pl.DataFrame] = []
        self._clear()

    def _clear(self) -> None:
        self._rows: list[int] = []
        self._cells: dict[str, list[str | None]] = {name: [] for name in self.names}

    def add(self, rows: Sequence[int], cells: Mapping[str, Column]) -> None:
        """Append rows by their numbers; cells that are not given hold nothing."""
        for name in cells:
            if name not in self._cells:
                self._cells[name] = [None] * len(self._rows)
                self.names[name] = None
        nothing = (None,) * len(rows)
        for name, column in self._cells.items():
            column.extend(cells.get(name, nothing))
        self._rows += rows
        if len(self._rows) >= TOGETHER:
            self._settle()

    def frame(self) -> pl.DataFrame:
        """Return `_row` and every column, as text."""
        self._settle()
        schema = pl.Schema({ROW: pl.Int64(), **dict.fromkeys(self.names, pl.String())})

        return pl.concat([schema.to_frame(), *self._frames], how="diagonal").rechunk()

    def _settle(self) -> None:
        rows = pl.Series(ROW, self._rows, dtype=pl.Int64)
        with guarded(self._where):
            columns = [_column(*column) for column in self._cells.items()]
            self._frames.append(pl.DataFrame([rows, *columns]))
        self._clear()


def frame(good: Sequence[Entry], where: str) -> pl.DataFrame:
    """Return `_row` and a column of text for each key of the entries' records."""
    gathered = Gathered((), where)
    records = [entry.record for entry in good if entry.record is not None]
    cells = Cells(all_keys(records))
    gathered.add([entry.row for entry in good], cells.of(records))

    return gathered.frame()


class Cells:
    """What paths find in records, as it was written: a column of text for each path."""

    def __init__(self, look_ups: Mapping[str, Path]) -> None:
        """Sort the paths by the objects they end in, so that each is walked to once."""
        self._searched: dict[str, Path] = {}
        self._levels: dict[tuple[str, ...], dict[str, str]] = {(): {}}
        for name, look_up in look_ups.items():
            if isinstance(look_up, Walk):
                *above, last = look_up.keys
                self._levels.setdefault(tuple(above), {})[name] = last
            else:
                self._searched[name] = look_up

    def of(self, records: Sequence[Record]) -> dict[str, Column]:
        """Return the columns by name."""
        found: dict[str, Column] = {}
        held: dict[tuple[str, ...], Sequence[Record]] = {(): records}
        for above, names in self._levels.items():
            columns = _get(_holders(above, held), tuple(names.values()))
            found.update(zip(names, map(_texts, columns), strict=True))
        for name, look_up in self._searched.items():
            found[name] = _texts([look_up(record) for record in records])

        return found


def all_keys(records: Sequence[Record]) -> dict[str, Path]:
    """Return a path to each top-level key."""
    keys = dict.fromkeys(key for record in records for key in record)

    return {_name(key): Walk((key,)) for key in keys}


def _holders(
    keys: tuple[str, ...], held: dict[tuple[str, ...], Sequence[Record]]
) -> Sequence[Record]:
    """Return the objects at the end of a way; where there is none, NOWHERE."""
    if keys not in held:
        (found,) = _get(_holders(keys[:-1], held), keys[-1:])
        held[keys] = [one if type(one) is dict else NOWHERE for one in found]

    return held[keys]


def _get(holders: Sequence[Record], keys: tuple[str, ...]) -> Sequence[Sequence[Any]]:
    """Return the column of each key; most records of an export hold the same keys."""
    if len(keys) < 2 or not holders:
        return [[one.get(key) for one in holders] for key in keys]
    try:
        return tuple(zip(*map(itemgetter(*keys), holders), strict=True))
    except KeyError:
        return [[one.get(key) for one in holders] for key in keys]


def _texts(found: Sequence[Any]) -> Column:
    kinds = set(map(type, found))
    if kinds <= TEXTS:
        return found
    if kinds <= NUMBERS:
        return [None if one is None else repr(one) for one in found]

    return [one if type(one) is str else as_text(one) for one in found]


def _name(key: str) -> str:
    return f"{ROW}[2]" if key == ROW else _encodable(key)


def _column(name: str, cells: Column) -> pl.Series:
    """Return the column; half characters are spelled out, as `\\ud800`."""
    try:
        return pl.Series(name, cells, dtype=pl.String)
    except UnicodeEncodeError:
        whole = [None if cell is None else _encodable(cell) for cell in cells]
        return pl.Series(name, whole, dtype=pl.String)


def _encodable(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()
