"""What the readers take and give: options, limits, a raw export, a peek."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

Format = Literal["auto", "delimited", "json", "parquet", "xlsx"]

ROW = "_row"
"""The column that says where in the file a row began."""

REJECTS = pl.Schema(
    {
        "row": pl.Int64(),
        "column": pl.String(),
        "reason": pl.String(),
        "whole_row": pl.Boolean(),
    }
)
"""Columns of a reader's rejects, as in the table `rejects`."""


@dataclass(frozen=True)
class ReadOptions:
    """How a profile says its files are written; what it leaves out is found out."""

    format: Format = "auto"
    """`json` covers a document, one object a line, and objects end to end."""
    encoding: tuple[str, ...] = ()
    """Legacy encodings, tried in order where a file is not UTF-8."""
    delimiter: str | None = None
    header: bool = True
    """False: no header; the names are `columns`."""
    columns: tuple[str, ...] = ()
    header_rows: int = 1
    """The first names the columns, the others are passed over."""
    ragged: bool = False
    """Whether a row may be shorter than the header; missing cells are null."""
    records: str | None = None
    """JMESPath to the array of records in a JSON document."""
    footer: str | None = None
    """Regular expression: rows from the first cell that matches on are no records."""
    quote: str | None = '"'
    sheet: str | None = None
    """Of a workbook; without it the first visible sheet that holds a table."""


@dataclass(frozen=True)
class Items:
    """A list inside a JSON record whose items are rows of their own."""

    path: tuple[str, ...]
    """From the record to the list; of several, each leads on from the items before."""
    fields: Mapping[str, str]
    """Columns found in an item, by path."""
    up: Mapping[str, str]
    """Columns found in the record, by path."""


@dataclass(frozen=True)
class Limits:
    """What a file may ask of this machine before it is refused."""

    bytes: int = 2 * 1024**3
    """Of the file, and of what it unpacks to."""
    ratio: int = 200
    """Unpacked to packed size, once more than `ratio_from` bytes are unpacked."""
    ratio_from: int = 8 * 1024**2
    columns: int = 512
    field_bytes: int = 1024**2
    """A longer cell is rejected; its row stays."""
    json_depth: int = 64
    rows: int = 50_000_000


@dataclass(frozen=True)
class Table:
    """What one reader makes of a file's content: a `RawExport` in the making."""

    rows: pl.DataFrame
    rejects: pl.DataFrame
    records: int
    blank: int = 0
    footer: int = 0
    delimiter: str | None = None
    preamble: int = 0
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    duplicate_headers: tuple[str, ...] = ()
    lists: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    under: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RawExport:
    """One file as rows of text, and an account of everything that is not among them."""

    rows: pl.DataFrame
    """`_row` (first physical line or record number, from 1), then every column as
    String; null where the file holds nothing."""
    rejects: pl.DataFrame
    """Columns of `REJECTS`."""
    records: int
    """rows + rejected rows + footer + blank, always."""
    blank: int
    footer: int
    sha256: str
    """Of the bytes that were parsed: those a gzip file unpacks to."""
    encoding: str
    delimiter: str | None
    preamble: int
    """Physical lines before the header."""
    format: str
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """Those of the notes by which the file holds less than it should."""
    duplicate_headers: tuple[str, ...] = ()
    """Names that more than one column bears; the second is `name[2]` in `rows`."""
    lists: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    """JSON: the items of lists inside the records, by name, as `rows`."""
    under: Mapping[str, str] = field(default_factory=dict)
    """By column: what further header rows say below its name."""


@dataclass(frozen=True)
class Peek:
    """What the head of a file shows, for telling which system wrote it."""

    format: str
    encoding: str
    delimiter: str | None
    preamble: int
    names: tuple[str, ...]
    """As the columns of `rows` are called."""
    raw_names: tuple[str, ...]
    """As the header spells them."""
    rows: pl.DataFrame
    """The first rows, as `RawExport.rows`."""
    keys: frozenset[str] = frozenset()
    """JSON: top-level keys of the first records."""
    wrapper: str | None = None
    """JSON: the key under which the records lie."""
    headerless_cells: list[list[str]] = field(default_factory=list)
    """The first lines split into cells, for files without a header."""
    sheet: str | None = None
    """Of a workbook: the sheet that shows this."""
    quote: str | None = None
    """What quotes the fields, where any are."""
    line_ends: str | None = None
    """LF, CR LF, CR or mixed."""
