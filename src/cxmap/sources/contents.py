"""What each row says as one digest: the same in any file and on any machine."""

from collections.abc import Iterator

import polars as pl
import polars_hash

from cxmap.tables import WHEN

SEPARATOR = "\x1f"
LETTERS = 32
"""Of the 64 of a SHA-256. A row without a key is known by them alone: among a
billion rows two share them with a chance of one in 10^21, and nobody can write two
rows that do."""


def contents(rows: pl.DataFrame) -> pl.Series:
    """Return the digest of what each row says: 32 hexadecimal letters.

    A row says its filled columns by their names; columns without a value leave no
    trace, so that it does not matter which other columns a file has.
    """
    said = [
        piece
        for name in sorted(rows.columns)
        if rows[name].null_count() < rows.height
        for piece in _told(rows[name])
    ]
    if not said:
        return pl.Series("content", [""] * rows.height, pl.String)
    digest = polars_hash.concat_str(said).chash.sha2_256().str.head(LETTERS)
    told = rows.lazy().select(digest.alias("content")).collect(engine="streaming")

    return told["content"]


def _told(column: pl.Series) -> Iterator[pl.Expr]:
    """Yield SEPARATOR, name, `=` and value of each cell; nothing where it is null."""
    value = _spelled(column)
    name = pl.lit(f"{SEPARATOR}{column.name}=")
    if column.null_count():
        yield (name + value).fill_null("")
    else:
        yield name
        yield value


def _spelled(column: pl.Series) -> pl.Expr:
    """Return the cells as text that no version of polars writes in another way.

    Two cells have the same text only if they are equal, and no text can be taken
    for that of several columns.
    """
    value = pl.col(column.name)
    if column.dtype == WHEN:
        value = value.dt.epoch("s")
    elif column.dtype.is_float():
        value = pl.when(value != 0).then(value).otherwise(value.abs())
        value = value.reinterpret(dtype=pl.Int64)
    elif column.dtype == pl.String:
        if column.str.contains(SEPARATOR, literal=True).any():
            return value.str.replace_all(SEPARATOR, SEPARATOR * 2, literal=True)
        return value

    return value.cast(pl.String)
