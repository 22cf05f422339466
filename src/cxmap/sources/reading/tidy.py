"""What every reader does with its cells: nothing empty, nothing too long."""

from collections.abc import Iterator
from contextlib import contextmanager

import polars as pl

from cxmap.errors import ExportError
from cxmap.sources.reading.shapes import REJECTS, ROW, Limits


@contextmanager
def guarded(where: str) -> Iterator[None]:
    """Turn whatever polars raises into an ExportError that quotes no data."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, UnicodeError):
        raise ExportError(f"{where}: cannot be read as the table it seems") from None


def tidy(rows: pl.DataFrame, limits: Limits) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows with empty and overlong cells null, and rejects for the latter.

    The rejects have the columns of `REJECTS`; the rows themselves all stay.
    """
    cells = pl.exclude(ROW).str.len_bytes()
    longest = rows.select(cells.max()).row(0, named=True) if rows.width > 1 else {}
    shortest = rows.select(cells.min()).row(0, named=True) if rows.width > 1 else {}
    empty = [name for name, size in shortest.items() if size == 0]
    long = [name for name, size in longest.items() if (size or 0) > limits.field_bytes]
    rejects = [_too_long(rows, name, limits) for name in long]
    keep = {name: pl.col(name) != "" for name in empty}
    for name in long:
        short = pl.col(name).str.len_bytes() <= limits.field_bytes
        keep[name] = keep.get(name, pl.lit(value=True)) & short
    nulled = [
        pl.when(good).then(pl.col(name)).alias(name) for name, good in keep.items()
    ]

    return rows.with_columns(nulled), pl.concat([REJECTS.to_frame(), *rejects])


def _too_long(rows: pl.DataFrame, name: str, limits: Limits) -> pl.DataFrame:
    return rows.filter(pl.col(name).str.len_bytes() > limits.field_bytes).select(
        row=pl.col(ROW),
        column=pl.lit(name),
        reason=pl.lit("field_too_long"),
        whole_row=pl.lit(value=False),
    )
