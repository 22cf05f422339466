"""What gives a small cell away, and is hidden with it."""

from collections.abc import Collection, Hashable, Mapping
from typing import Any, TypeVar

Cell = TypeVar("Cell", bound=Hashable)


def companion(sizes: Mapping[Cell, Any], small: Collection[Cell]) -> set[Cell]:
    """Return the cell to hide beside one that is hidden alone: the smallest other.

    Of cells that make up a whole, a single hidden one could be reckoned from the
    whole and all the others. `sizes` says by what they are ordered; none is returned
    where several are hidden, or none.
    """
    others = [cell for cell in sizes if cell not in small]
    if len(small) != 1 or not others:
        return set()

    return {min(others, key=lambda cell: (sizes[cell], str(cell)))}
