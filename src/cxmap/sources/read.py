"""The readers' front door: one file in, rows of text and a full account out."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cxmap.sources.reading.archives import show
from cxmap.sources.reading.delimited import read_delimited
from cxmap.sources.reading.files import read_content
from cxmap.sources.reading.formats import format_of
from cxmap.sources.reading.json_table import NO_LISTS, read_json
from cxmap.sources.reading.parquet import read_parquet
from cxmap.sources.reading.peek import peek
from cxmap.sources.reading.shapes import (
    REJECTS,
    ROW,
    Items,
    Limits,
    Peek,
    RawExport,
    ReadOptions,
)
from cxmap.sources.reading.xes import read_xes
from cxmap.sources.reading.xlsx import read_xlsx

__all__ = [
    "REJECTS",
    "ROW",
    "Items",
    "Limits",
    "Peek",
    "RawExport",
    "ReadOptions",
    "peek",
    "read",
]

DEFAULT_OPTIONS = ReadOptions()
DEFAULT_LIMITS = Limits()


def read(
    path: Path,
    options: ReadOptions = DEFAULT_OPTIONS,
    *,
    fields: Mapping[str, str] | None = None,
    lists: Mapping[str, Items] = NO_LISTS,
    limits: Limits = DEFAULT_LIMITS,
) -> RawExport:
    """Return one export file as rows of text, rejects and a balanced count.

    `fields` names, for JSON, each column's path: dots walk down, anything more is
    JMESPath; without it every top-level key is a column. `lists` names, for JSON,
    lists whose items are rows of their own. Raises ExportError for a
    file that must be refused whole, BusyError for one still being written,
    ConfigError for a path or a pattern in the options that is none.
    """
    where = show(path)
    content = read_content(path, limits)
    with ThreadPoolExecutor(max_workers=1) as aside:
        digest = aside.submit(content.sha256)
        kind, text = format_of(content.data, options, where)
        if kind == "parquet":
            table = read_parquet(content.data, limits, where)
        elif kind == "xlsx":
            table = read_xlsx(content.data, options, limits, where)
        elif kind == "xes":
            table = read_xes(content.data, limits, where)
        elif kind == "json":
            table = read_json(text, options, fields, limits, where, lists=lists)
        else:
            table = read_delimited(text, options, limits, where)

    return RawExport(
        rows=table.rows,
        rejects=table.rejects,
        records=table.records,
        blank=table.blank,
        footer=table.footer,
        sha256=digest.result(),
        encoding=text.encoding,
        delimiter=table.delimiter,
        preamble=table.preamble,
        format=kind,
        notes=(*text.notes, *table.notes),
        warnings=table.warnings,
        duplicate_headers=table.duplicate_headers,
        lists=table.lists,
        under=table.under,
    )
