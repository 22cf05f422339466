"""What each row says as one digest: the same in any file and on any machine."""

from collections.abc import Iterator

import polars as pl
import polars_hash

from cxmap.tables import WHEN

SEPARATOR = "\x1f"
LETTERS = 32
"""Of the 64 of a SHA-256. A row without a key is known by them alone: that any two of
a billion share them has a chance of one in 10^20, and to write two that do takes 2^64
attempts."""


def contents(rows: pl.DataFrame) -> pl.Series:
    """Return the digest of what each row says: 32 hexadecimal letters.

    A row says its filled columns by their names; columns without a value leave no
    trace, so that it does not matter which other columns a file has.
    """
    doubled = _with_separator(rows)
    said = [
        piece
        for name in sorted(rows.columns)
        if rows[name].null_count() < rows.height
        for piece in _told(rows[name], doubled=name in doubled)
    ]
    if not said:
        return pl.Series("content", [""] * rows.height, pl.String)
    digest = polars_hash.concat_str(said).chash.sha2_256().str.head(LETTERS)
    told = rows.lazy().select(digest.alias("content")).collect(engine="streaming")

    return told["content"]


def _with_separator(rows: pl.DataFrame) -> frozenset[str]:
    """Return the columns of text in which SEPARATOR itself occurs."""
    found = pl.col(pl.String).str.contains(SEPARATOR, literal=True).any()
    told = rows.select(found)

    return frozenset(name for name in told.columns if told[name][0])


def _told(column: pl.Series, *, doubled: bool) -> Iterator[pl.Expr]:
    """Yield SEPARATOR, name, `=` and value of each cell; nothing where it is null."""
    value = _spelled(column, doubled=doubled)
    name = pl.lit(f"{SEPARATOR}{column.name}=")
    if column.null_count():
        yield (name + value).fill_null("")
    else:
        yield name
        yield value


def _spelled(column: pl.Series, *, doubled: bool) -> pl.Expr:
    """Return the cells as text that no version of polars writes in another way.

    Two cells have the same text only if they are equal, and no text can be taken
    for that of several columns: in one that holds SEPARATOR it stands `doubled`.
    """
    value = pl.col(column.name)
    if doubled:
        return value.str.replace_all(SEPARATOR, SEPARATOR * 2, literal=True)
    if column.dtype == WHEN:
        value = value.dt.epoch("s")
    elif column.dtype.is_float():
        value = pl.when(value != 0).then(value).otherwise(value.abs())
        value = value.reinterpret(dtype=pl.Int64)

    return value.cast(pl.String)
