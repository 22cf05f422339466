"""Excel workbooks as text, so that a profile reads them like any other export."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from cxmap.errors import ConfigError, ExportError
from cxmap.sources.reading.delimited import TOTALS
from cxmap.sources.reading.dialect import unique
from cxmap.sources.reading.grid import HEAD, Grid, grid_of, in_words, placed
from cxmap.sources.reading.shapes import (
    REJECTS,
    ROW,
    Limits,
    Peek,
    ReadOptions,
    Table,
)
from cxmap.sources.reading.tidy import tidy
from cxmap.sources.reading.workbook import Workbook, open_workbook
from cxmap.text import nearest, safe

HEADERLESS = 20
ENOUGH = 0.6
"""Share of the fullest row's cells that a header has; a title has fewer."""

DEEPEST = 4
"""Rows that a header with merged cells may have."""


@dataclass(frozen=True)
class _Header:
    names: tuple[str, ...]
    raw_names: tuple[str, ...]
    duplicates: tuple[str, ...]
    preamble: int
    body: int
    """The first row below it, from 0."""


def read_xlsx(data: bytes, options: ReadOptions, limits: Limits, where: str) -> Table:
    """Return the table of a workbook: of the `sheet` named, else of the first with one.

    Every cell is text: numbers without `.0`, times as ISO 8601 without a zone, lengths
    of time as h:mm:ss. `_row` is the sheet's own number of the row. Errors, and
    formulas that nobody calculated, are rejected cells. Raises ExportError for what
    `open_workbook` refuses, and where no sheet has a table; ConfigError for a footer
    pattern that is none.
    """
    book = open_workbook(data, limits, where)
    grid, header = _chosen(book, options, limits, where)
    table = _table(grid, header, options, limits)

    return replace(
        table,
        preamble=header.preamble,
        notes=tuple(_notes(book, grid, table)),
        duplicate_headers=header.duplicates,
    )


def peek_xlsx(data: bytes, sheet: str | None, limits: Limits, where: str) -> Peek:
    """Return what the sheet named, else the first with a table, shows.

    Raises as `read_xlsx`.
    """
    options = ReadOptions(sheet=sheet)
    book = open_workbook(data, limits, where)
    grid, header = _chosen(book, options, limits, where)
    head = replace(grid, rows=grid.rows.head(header.body + HEAD))

    return Peek(
        format="xlsx",
        encoding="binary",
        delimiter=None,
        preamble=header.preamble,
        names=header.names,
        raw_names=header.raw_names,
        rows=_table(head, header, options, limits).rows,
        headerless_cells=grid.head[:HEADERLESS],
        sheet=grid.sheet.name,
    )


def _notes(book: Workbook, grid: Grid, table: Table) -> Iterator[str]:
    others = [one for one in book.sheets if one != grid.sheet]
    if others:
        yield (
            f"sheet {safe(grid.sheet.name)} was read, {len(others)} others were not; "
            "`sheet` names another one"
        )
    if book.since_1904:
        yield "the workbook counts its dates from 1904"
    if not table.rows.height:
        yield "no rows"


def _chosen(
    book: Workbook, options: ReadOptions, limits: Limits, where: str
) -> tuple[Grid, _Header]:
    """Return the sheet to read, and its header; hidden sheets only by their name."""
    candidates = list(book.sheets)
    if options.sheet is not None:
        candidates = [one for one in candidates if one.name == options.sheet]
        if not candidates:
            names = [one.name for one in book.sheets]
            near = nearest(options.sheet, names)
            cure = f"; the nearest is {safe(near)}" if near else ""
            raise ExportError(f"{where}: no sheet {safe(options.sheet)}{cure}")
    elif any(one.visible for one in candidates):
        candidates = [one for one in candidates if one.visible]
    bare = None
    for sheet in candidates:
        grid = grid_of(book, sheet, limits, where)
        header = _header(grid, options)
        if header is None:
            continue
        if grid.rows.height > header.body and len(header.names) > 1:
            return grid, header
        bare = bare or (grid, header)
    if bare is None:
        raise ExportError(f"{where}: no sheet holds a table; nothing but blank cells")

    return bare


def _header(grid: Grid, options: ReadOptions) -> _Header | None:
    """Return the header: the first row that fills about as many cells as any other.

    Titles above it fill fewer. Cells merged downwards make a header of several rows,
    of which the lowest filled cell names the column.
    """
    head = grid.head
    filled = [sum(map(bool, row)) for row in head]
    if not any(filled):
        return None
    if not options.header:
        wanted = options.columns or tuple(f"[{k + 1}]" for k in range(len(head[0])))
        wanted = (*wanted, *(f"[{k + 1}]" for k in range(len(wanted), len(head[0]))))
        names, duplicates = unique(wanted[: len(head[0])])
        return _Header(names, tuple(wanted), duplicates, 0, 0)
    first = next(k for k, cells in enumerate(filled) if cells >= ENOUGH * max(filled))
    depth = max((b - a + 1 for a, b in grid.marks.merged if a == first + 1), default=1)
    depth = depth if depth <= DEEPEST else 1
    cells = [
        _lowest(column) for column in zip(*head[first : first + depth], strict=True)
    ]
    names, duplicates = unique(cells)

    return _Header(names, tuple(cells), duplicates, first, first + depth)


def _lowest(cells: Sequence[str]) -> str:
    return next((cell for cell in reversed(cells) if cell.strip()), "")


def _table(grid: Grid, header: _Header, options: ReadOptions, limits: Limits) -> Table:
    marks = grid.marks
    numbered = grid.rows.with_row_index(ROW, offset=1).cast({ROW: pl.Int64})
    passed = max(options.header_rows - 1, 0) if options.header else 0
    below = numbered.slice(header.body + passed)
    unfit = placed(marks.unfit, grid.rows, marks).rename({"row": ROW})
    told = pl.any_horizontal(pl.exclude(ROW).is_not_null()) | pl.col(ROW).is_in(
        unfit[ROW].implode()
    )
    below = below.with_columns(_held=told)
    above = _above_footer(below, options.footer)
    footer = below.height - above
    kept = below.head(above).filter("_held").drop("_held")
    names = dict(zip(grid.rows.columns, header.names, strict=True))
    texts = kept.select(
        ROW,
        *(
            in_words(kept[old], since_1904=grid.since_1904).alias(new)
            for old, new in names.items()
        ),
    )
    rows, long = tidy(texts, limits)
    blamed = unfit.join(kept.select(ROW), on=ROW, how="semi").select(
        row=pl.col(ROW),
        column=(pl.col("place") - marks.first_place)
        .cast(pl.String)
        .replace_strict(names, default=None, return_dtype=pl.String),
        reason="reason",
        whole_row=pl.lit(False),
    )

    return Table(
        rows=rows,
        rejects=pl.concat([REJECTS.to_frame(), blamed, long]).sort("row", "column"),
        records=below.height,
        blank=above - kept.height,
        footer=footer,
    )


def _above_footer(below: pl.DataFrame, footer: str | None) -> int:
    """Return how many rows stand above the footer: totals after a blank row, or what
    the pattern finds in the first column.
    """
    after_gap = pl.col("_held").shift(1, fill_value=True).not_()
    pattern = TOTALS if footer is None else footer
    begins = pl.col("0").str.contains(pattern)
    try:
        hits = below.select(
            (begins & (after_gap | pl.lit(footer is not None))).arg_true()
        )
    except pl.exceptions.PolarsError:
        raise ConfigError(
            "footer: no regular expression; look-arounds are none"
        ) from None

    return int(hits.to_series()[0]) if hits.height else below.height
