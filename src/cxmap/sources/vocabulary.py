"""Words of an export that its profile does not map, kept so that somebody can map them.

A word is a category that many rows share. What looks like somebody's data is left out,
however it got into such a column.
"""

from collections.abc import Sequence

import polars as pl

from cxmap.tables import conform, empty

LONGEST = 64
"""Characters of a word; longer ones are sentences."""
MOST = 200
"""Words of one column of a file that are kept, the commonest first."""

PERSONAL = r"@|\d.*\d.*\d.*\d.*\d"
"""Addresses, and as many digits as a phone or a customer number has."""

WORDS = ("column", "value", "rows")


def words_in(column: str, texts: pl.Series) -> pl.DataFrame:
    """Return `WORDS`: the categories among the texts of a column, and their rows."""
    text = pl.col("value")
    category = (text.str.len_chars() <= LONGEST) & ~text.str.contains(PERSONAL)
    return (
        texts.drop_nulls()
        .alias("value")
        .to_frame()
        .group_by("value")
        .agg(rows=pl.len().cast(pl.Int64))
        .filter(category)
        .sort(pl.col("rows").neg(), "value")
        .head(MOST)
        .select(pl.lit(column).alias("column"), "value", "rows")
    )


def vocabulary(found: Sequence[pl.DataFrame], source: str, part: str) -> pl.DataFrame:
    """Return `vocabulary_records` of the words found in one part of a file.

    A word that two values of one column meet counts as often as the one that met it
    more.
    """
    if not found:
        return empty("vocabulary_records")
    together = (
        pl.concat(found).group_by("column", "value").agg(pl.col("rows").max())
    ).sort("column", "value")

    return conform(
        together.with_columns(source=pl.lit(source), part=pl.lit(part)),
        "vocabulary_records",
    )
