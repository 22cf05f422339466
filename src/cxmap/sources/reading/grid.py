"""A sheet's cells as text, before anybody knows what is a header."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from cxmap.errors import ExportError
from cxmap.sources.reading.marks import Marks, marks_of, shared_bytes
from cxmap.sources.reading.packing import refuse_bomb
from cxmap.sources.reading.shapes import Limits
from cxmap.sources.reading.workbook import Sheet, Workbook
from cxmap.text import safe

HEAD = 200

ROOMY = 4_000_000
SPARSE = 50
"""A sheet may span `ROOMY` cells, or so many times those that hold something."""

MOMENT = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d+)?$"
MIDNIGHT = " 00:00:00"
CLOCK = "%Y-%m-%d %H:%M:%S%.f"
SPAN = {False: r"^(1899-12-31|1900-\d\d-\d\d) ", True: r"^1904-\d\d-\d\d "}
"""How a length of time looks as a moment, by whether days count from 1904."""
FIRST = {False: datetime(1899, 12, 31), True: datetime(1904, 1, 1)}
LEAP = datetime(1900, 3, 1)
"""From here on a day more has passed: spreadsheets believe in a 29 February 1900."""


@dataclass(frozen=True)
class Grid:
    """A sheet's cells as text, before anybody knows what is a header."""

    sheet: Sheet
    since_1904: bool
    rows: pl.DataFrame
    """A column `0`, `1` … for each of the sheet's, from its first row on."""
    marks: Marks

    @property
    def head(self) -> list[list[str]]:
        """The first rows; a cell that holds nothing is empty."""
        return [
            [cell or "" for cell in row] for row in self.rows.head(HEAD).iter_rows()
        ]


def grid_of(book: Workbook, sheet: Sheet, limits: Limits, where: str) -> Grid:
    """Return a sheet's cells; ExportError where it is damaged or beyond the limits."""
    import fastexcel

    place = f"{where}: sheet {safe(sheet.name)}"
    marks = marks_of(book.xml(sheet.member))
    if marks.area > max(ROOMY, SPARSE * marks.cells):
        raise ExportError(
            f"{place}: spans far more cells than it fills; delete what lies far from "
            "the table"
        )
    if marks.last_place - marks.first_place >= limits.columns:
        raise ExportError(f"{place}: more than {limits.columns} columns")
    if marks.rows > limits.rows:
        raise ExportError(f"{place}: more than {limits.rows} rows; split it")
    refuse_bomb(shared_bytes(book.strings, marks), len(book.data), limits, place)
    if not marks.cells:
        return Grid(sheet, book.since_1904, pl.DataFrame(), marks)
    with _calm(place):
        loaded = fastexcel.read_excel(book.data).load_sheet(
            sheet.name, header_row=None, skip_rows=0, dtypes="string"
        )
        rows = loaded.to_polars()
    rows = rows.rename({name: str(k) for k, name in enumerate(rows.columns)})
    rows = rows.with_columns(pl.when(pl.all() != "").then(pl.all()).name.keep())

    return Grid(sheet, book.since_1904, _with_numbers(rows, marks), marks)


@contextmanager
def _calm(place: str) -> Iterator[None]:
    """Turn whatever the parser raises into an ExportError that quotes no data."""
    import fastexcel

    try:
        yield
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError):
        broken = True
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        broken = True
    else:
        broken = False
    if broken:
        raise ExportError(f"{place}: damaged; save the workbook again")


def _with_numbers(rows: pl.DataFrame, marks: Marks) -> pl.DataFrame:
    """Put in place of every number that a reader garbles the text that is right."""
    spelled = placed(marks.numbers, rows, marks)
    for (place,), numbers in spelled.group_by("place"):
        name = str(int(str(place)) - marks.first_place)
        places = (numbers["row"] - 1).cast(pl.UInt32)
        rows = rows.with_columns(rows[name].scatter(places, numbers["text"]))

    return rows


def placed(cells: pl.DataFrame, rows: pl.DataFrame, marks: Marks) -> pl.DataFrame:
    """Return the cells that lie among the rows; none where the places do not fit."""
    fits = rows.width == marks.last_place - marks.first_place + 1
    inside = pl.col("place").is_between(marks.first_place, marks.last_place)

    return cells.filter(inside & (pl.col("row") <= rows.height) & pl.lit(fits))


def in_words(column: pl.Series, *, since_1904: bool) -> pl.Series:
    """Return the cells with lengths of time as h:mm:ss and whole days as dates.

    A reader gives both as moments: the one as a day of the first year, the other at
    midnight, which says no more than the day where no cell of the column has another
    time.
    """
    moment = column.str.contains(MOMENT).fill_null(False)
    if not moment.any():
        return column
    span = moment & column.str.contains(SPAN[since_1904]).fill_null(False)
    days = moment & ~span
    cells = pl.col("cell")
    if days.any() and column.filter(days).str.ends_with(MIDNIGHT).all():
        cells = pl.when(days).then(cells.str.head(10)).otherwise(cells)
    stamp = pl.col("cell").str.to_datetime(CLOCK, strict=False)
    leap = pl.when((stamp >= LEAP) & pl.lit(not since_1904)).then(timedelta(days=1))
    passed = stamp - FIRST[since_1904] + leap.otherwise(timedelta())
    seconds = (passed.dt.total_milliseconds() + 500) // 1000

    return (
        column.alias("cell")
        .to_frame()
        .select(pl.when(span).then(_clock(seconds)).otherwise(cells))
        .to_series()
    )


def _clock(seconds: pl.Expr) -> pl.Expr:
    two = [
        (part % 60).cast(pl.String).str.zfill(2) for part in (seconds // 60, seconds)
    ]

    return pl.concat_str((seconds // 3600).cast(pl.String), *two, separator=":")
