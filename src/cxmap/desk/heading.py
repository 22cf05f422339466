"""Whether the first row of a strange file names its columns, or is somebody's data."""

import re
from collections.abc import Sequence

from cxmap.sources.reading.shapes import Peek

LONGEST = 64
DATE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|\d{1,2}:\d{2}")
DIGITS = 5
"""A name with so many digits is a number, a phone or a date in disguise."""


def headings(peek: Peek) -> tuple[str, ...] | None:
    """Return the names of a file's columns; None where they may be data.

    Names of JSON and Parquet stand apart from the data; a delimited file must show by
    a column of numbers, dates or addresses under a word that its first row is a
    header.
    """
    names = tuple(name.strip() for name in peek.raw_names)
    distinct = len({name.casefold() for name in names}) == len(names)
    if not names or not distinct or not all(map(_may_be_a_name, names)):
        return None
    if peek.format == "delimited" and not _over_data(peek):
        return None

    return names


def is_table(peek: Peek) -> bool:
    """Tell whether a file has columns at all; running text has none."""
    return peek.format != "delimited" or len(peek.raw_names) > 1


def _may_be_a_name(cell: str) -> bool:
    digits = sum(character.isdigit() for character in cell)
    return (
        0 < len(cell) <= LONGEST
        and "@" not in cell
        and digits < DIGITS
        and any(map(str.isalpha, cell))
        and not DATE.search(cell)
    )


def _over_data(peek: Peek) -> bool:
    """Tell whether the cells below a name are of another kind than a name."""
    return any(
        _are_data(cells)
        for name in peek.names
        if (cells := peek.rows[name].drop_nulls().to_list())
    )


def _are_data(cells: Sequence[str]) -> bool:
    filled = [cell for cell in map(str.strip, cells) if cell]
    return bool(filled) and not any(map(_may_be_a_name, filled))
