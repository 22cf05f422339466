"""Names for things that have none of their own: digests of their content."""

import polars as pl
import polars_hash

LETTERS = 16
"""Of a digest's 64: among ten million ids one chance in three hundred thousand that
any two are the same."""


def lot(names: pl.Expr, many: int) -> pl.Expr:
    """Return a number below `many` for each name; null stays null.

    Equal names draw the same on every machine and in every run: by their last bytes.
    """
    digits = names.str.encode("hex").str.tail(8)
    return digits.str.to_integer(base=16, dtype=pl.Int64) % many


def digests(prefix: str, contents: pl.Series) -> pl.Series:
    """Return an id for each text: `prefix` and sixteen letters; null stays null.

    Equal texts have equal ids on every machine and in every run.
    """
    named = polars_hash.col(contents.name).chash.sha2_256().str.head(LETTERS)

    return contents.to_frame().select(prefix + named).to_series().alias(contents.name)
