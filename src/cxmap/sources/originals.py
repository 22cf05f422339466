"""Rows of an export as they stand in it, for those who must see what was rejected."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import polars as pl

from cxmap.sources.read import DEFAULT_LIMITS, read
from cxmap.sources.reading.archives import show
from cxmap.sources.reading.delimited import head_lines
from cxmap.sources.reading.dialect import lay_out
from cxmap.sources.reading.encoding import Text
from cxmap.sources.reading.files import read_content
from cxmap.sources.reading.formats import format_of
from cxmap.sources.reading.json_records import (
    documents,
    entries_of_documents,
    in_lines,
)
from cxmap.sources.reading.json_values import compact
from cxmap.sources.reading.shapes import ROW, Limits, ReadOptions
from cxmap.sources.reading.triage import Body, triage


def originals(
    path: Path,
    options: ReadOptions,
    rows: Collection[int],
    limits: Limits = DEFAULT_LIMITS,
) -> Mapping[int, str]:
    """Return rows of an export, by the number that rejects have, as UTF-8 text.

    A record of a delimited file comes with all its lines; one of a JSON document, of
    Parquet or of a workbook as compact JSON. What could not be decoded is `?`. A row
    that the file does not hold (the one at which a document breaks off) is missing.
    Raises what `read` raises.
    """
    if not rows:
        return {}
    where = show(path)
    content = read_content(path, limits)
    kind, text = format_of(content.data, options, where)
    if kind == "delimited":
        found = _of_lines(text, options, rows)
    elif kind == "json":
        found = _of_json(text, options, limits, where)
    else:
        found = _of_cells(read(path, options, limits=limits).rows)
    wanted = set(rows)

    return {row: written.rstrip("\0") for row, written in found if row in wanted}


def _of_lines(
    text: Text, options: ReadOptions, rows: Collection[int]
) -> Iterator[tuple[int, str]]:
    layout = lay_out(head_lines(text.data), options)
    if layout is None:
        return
    width = len(layout.names)
    body = Body(text.data, layout.body, layout.dialect, width, options.ragged)
    spans, _ = triage(body)
    below = layout.body + 1
    wanted = spans.filter(pl.col("start").is_in([row - below for row in rows]))
    for start, length in wanted.select("start", "lines").iter_rows():
        lines = body.lines.slice(start, length)
        yield start + below, (body.eol or "\n").join(lines).removesuffix("\r")


def _of_json(
    text: Text, options: ReadOptions, limits: Limits, where: str
) -> Iterator[tuple[int, str]]:
    if in_lines(text.data):
        yield from enumerate(text.data.decode().split("\n"), 1)
        return
    found = documents(text, where)
    for entry in entries_of_documents(found, options.records, limits.json_depth):
        if entry.item is not None:
            yield entry.row, compact(entry.item)


def _of_cells(rows: pl.DataFrame) -> Iterator[tuple[int, str]]:
    for cells in rows.iter_rows(named=True):
        row = cells.pop(ROW)
        yield row, compact({name: cell for name, cell in cells.items() if cell})
