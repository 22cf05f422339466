"""Which columns of a table fit a terminal: whole ids and times, or none at all."""

from collections.abc import Sequence

from rich.cells import cell_len

BETWEEN = 2
"""Blank columns between two columns of a table."""

LONGEST_WORD = 20
"""A word up to here is never broken in a column that may wrap."""


def least_width(header: str, cells: Sequence[str], *, firm: bool) -> int:
    """Return how few columns will do: the longest cell, or word of one that wraps."""
    words = [word for cell in (header, *cells) for word in cell.split()]
    longest_word = max(map(cell_len, words), default=0)
    if firm:
        return max([*map(cell_len, cells), *map(cell_len, header.split())], default=0)

    return min(longest_word, LONGEST_WORD)


def fitting(
    least: Sequence[tuple[str, int]], spare: Sequence[str], width: int | None
) -> list[str]:
    """Return the names of the columns to show, in their order.

    `least` holds each column's name and least width. Where they do not fit, those
    in `spare` are left out, the first of it first. None: everything fits.
    """
    kept = [name for name, _ in least]
    needed = dict(least)
    for name in spare:
        taken = sum(needed[one] for one in kept) + BETWEEN * (len(kept) - 1)
        if width is None or taken <= width:
            break
        if name in kept:
            kept.remove(name)

    return kept
