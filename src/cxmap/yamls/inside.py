"""Mistakes that only a whole shows, each at its own place inside it."""

from collections.abc import Iterable

Place = tuple[str | int, ...]
"""The keys and list positions that lead to a value."""


class WrongInsideError(ValueError):
    """What a check of a whole found, place by place; places start at that whole."""

    def __init__(self, found: Iterable[tuple[Place, str]]) -> None:
        self.found = tuple(dict.fromkeys(found))
        said = (f"{place[-1]}: {what}" if place else what for place, what in self.found)
        super().__init__("; ".join(dict.fromkeys(said)))
