"""A look at the head of a file, for telling which system wrote it."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import polars as pl

from cxmap.errors import ExportError
from cxmap.sources.reading.archives import MAGIC, is_archive, members, show
from cxmap.sources.reading.delimited import head_lines, read_delimited
from cxmap.sources.reading.dialect import lay_out
from cxmap.sources.reading.encoding import Text
from cxmap.sources.reading.fields import Dialect, records
from cxmap.sources.reading.files import read_content, read_head
from cxmap.sources.reading.formats import format_of
from cxmap.sources.reading.json_frame import frame
from cxmap.sources.reading.json_table import find_entries
from cxmap.sources.reading.parquet import as_text
from cxmap.sources.reading.shapes import ROW, Limits, Peek, ReadOptions
from cxmap.sources.reading.tidy import guarded
from cxmap.sources.reading.xes import peek_xes
from cxmap.sources.reading.xlsx import peek_xlsx

ROWS = 200
KEYED = 50
HEADERLESS = 20

ANY = ReadOptions()
DEFAULT_LIMITS = Limits()


def peek(
    path: Path, *, sheet: str | None = None, limits: Limits = DEFAULT_LIMITS
) -> Peek:
    """Return what the head of a file shows; a workbook is read whole, for its `sheet`.

    Raises ExportError for what `read` would refuse at sight.
    """
    where = show(path)
    data, whole = read_head(path)
    if data.startswith(MAGIC) and is_archive(path):
        names = members(path, limits)
        raise ExportError(f"{where}: an archive; give a file in it: {show(names[0])}")
    kind, text = format_of(data, ANY, where, whole=whole)
    if kind == "parquet":
        return _peek_parquet(path, where)
    if kind == "xlsx":
        return peek_xlsx(read_content(path, limits).data, sheet, limits, where)
    if kind == "xes":
        return peek_xes(data, limits, where)
    if kind == "json":
        return _peek_json(text, limits, where, whole=whole)

    return _peek_delimited(text, limits, where, whole=whole)


def _peek_parquet(path: Path, where: str) -> Peek:
    with guarded(where):
        rows = as_text(pl.scan_parquet(path).head(ROWS).collect())
    names = tuple(rows.columns)
    rows = rows.with_row_index(ROW, offset=1).cast({ROW: pl.Int64})

    return Peek(
        format="parquet",
        encoding="binary",
        delimiter=None,
        preamble=0,
        names=names,
        raw_names=names,
        rows=rows,
    )


def _peek_json(text: Text, limits: Limits, where: str, *, whole: bool) -> Peek:
    found = find_entries(text, ANY, limits, where, whole=whole)
    good = [entry for entry in islice(found.entries, ROWS) if entry.record is not None]
    rows = frame(good, where)
    names = tuple(name for name in rows.columns if name != ROW)
    keys = {key for entry in good[:KEYED] for key in entry.record or ()}

    return Peek(
        format="json",
        encoding=text.encoding,
        delimiter=None,
        preamble=0,
        names=names,
        raw_names=names,
        rows=rows,
        keys=frozenset(keys),
        wrapper=found.wrapper,
    )


def _peek_delimited(text: Text, limits: Limits, where: str, *, whole: bool) -> Peek:
    data = text.data
    if not whole:
        data = data[: data.rfind(b"\n") + 1] or data
    lines = head_lines(data)
    layout = lay_out(lines, ANY)
    if layout is None:
        raise ExportError(f"{where}: no header found; nothing but blank lines")
    head = Text(("\n".join(lines) + "\n").encode(), text.encoding)
    table = read_delimited(head, ANY, limits, where)
    first = records(lines[:HEADERLESS], layout.dialect)

    return Peek(
        format="delimited",
        encoding=text.encoding,
        delimiter=layout.dialect.delimiter,
        preamble=layout.preamble,
        names=layout.names,
        raw_names=layout.raw_names,
        rows=table.rows.head(ROWS),
        headerless_cells=[cells for _, _, cells in first],
        quote=_quote(layout.dialect, lines),
        line_ends=_line_ends(text),
    )


def _quote(dialect: Dialect, lines: Sequence[str]) -> str | None:
    quoted = dialect.quote is not None and any(dialect.quote in one for one in lines)
    return dialect.quote if quoted else None


def _line_ends(text: Text) -> str | None:
    feeds, both = text.data.count(b"\n"), text.data.count(b"\r\n")
    if not feeds:
        return None
    if text.carriage_returns:
        return "CR"
    if both in (0, feeds):
        return "CR LF" if both else "LF"

    return "mixed"
