"""JSON records side by side: a column of text for each path."""

from collections.abc import Mapping, Sequence

import polars as pl

from cxmap.sources.reading.json_records import Entry
from cxmap.sources.reading.json_values import Path, as_text
from cxmap.sources.reading.shapes import ROW
from cxmap.sources.reading.tidy import guarded


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
