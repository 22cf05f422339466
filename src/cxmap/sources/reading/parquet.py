"""Parquet exports as text, so that a profile reads them like any other."""

import io

import polars as pl

from cxmap.errors import ExportError
from cxmap.sources.reading.shapes import REJECTS, ROW, Limits, Table
from cxmap.sources.reading.tidy import guarded, tidy


def read_parquet(data: bytes, limits: Limits, where: str) -> Table:
    """Return a Parquet file's rows as text; `_row` is the number of the record.

    Instants are ISO 8601 with `Z`, those without a zone have none; nested values are
    compact JSON. Raises ExportError for a damaged file or one beyond the limits.
    """
    with guarded(where):
        schema = pl.read_parquet_schema(io.BytesIO(data))
    if len(schema) > limits.columns:
        raise ExportError(f"{where}: more than {limits.columns} columns")
    with guarded(where):
        height = pl.scan_parquet(io.BytesIO(data)).select(pl.len()).collect().item()
        if height > limits.rows:
            raise ExportError(f"{where}: more than {limits.rows} rows; split it")
        found = pl.read_parquet(io.BytesIO(data))
        rows = as_text(found.rename({ROW: f"{ROW}[2]"}, strict=False))
    rows, long = tidy(rows.with_row_index(ROW, offset=1).cast({ROW: pl.Int64}), limits)

    return Table(
        rows=rows,
        rejects=pl.concat([REJECTS.to_frame(), long]).sort("row", "column"),
        records=rows.height,
        notes=() if rows.height else ("no rows",),
    )


def as_text(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table with every column as text, nothing rounded."""
    return table.select(_text(column).alias(column.name) for column in table)


def _text(column: pl.Series) -> pl.Series:
    dtype = column.dtype
    if isinstance(dtype, pl.Datetime):
        zone = dtype.time_zone is not None
        utc = column.dt.convert_time_zone("UTC") if zone else column
        return utc.dt.strftime("%Y-%m-%dT%H:%M:%S%.f" + ("Z" if zone else ""))
    if isinstance(dtype, pl.Duration):
        return column.dt.to_string("iso")
    if isinstance(dtype, pl.Binary):
        return _decoded(column)
    if dtype.is_nested():
        wrapped = pl.struct(column.alias("v")).struct.json_encode()
        bare = wrapped.str.strip_prefix('{"v":').str.strip_suffix("}")
        return pl.select(pl.when(column.is_not_null()).then(bare)).to_series()

    return column.cast(pl.String)


def _decoded(column: pl.Series) -> pl.Series:
    """Return bytes as the text they are, or in hexadecimal where one is none."""
    try:
        return column.cast(pl.String)
    except pl.exceptions.PolarsError:
        return column.bin.encode("hex")
