"""Chance that falls the same way on every machine."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

Face = TypeVar("Face")


class Dice:
    """Draws that depend on the words they are named with, and on nothing else.

    Only `Random.random` is used: of all that the module offers it alone is promised
    to give the same numbers under every Python. Each person and each need rolls
    dice of its own, so that one more person changes nobody else.
    """

    def __init__(self, *words: object) -> None:
        seed = "/".join(str(word) for word in words)
        self._roll = Random(seed).random  # noqa: S311 - a demo, no secret

    def chance(self, share: float) -> bool:
        """Return true in `share` of all cases."""
        return self._roll() < share

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int(self._roll() * (high - low + 1))

    def pick(self, faces: Sequence[Face]) -> Face:
        """Return one of `faces`, each equally likely."""
        return faces[self.whole(0, len(faces) - 1)]

    def weighted(self, faces: Mapping[Face, float]) -> Face:
        """Return one of `faces`, each as likely as its weight says."""
        left = self._roll() * sum(faces.values())
        chosen = next(iter(faces))
        for face, weight in faces.items():
            chosen = face
            left -= weight
            if left < 0:
                break

        return chosen

    def along(self, quantiles: Sequence[int]) -> int:
        """Return a whole number spread like `quantiles`, the least to the greatest.

        The quantiles are equally far apart: three of them are minimum, median and
        maximum. Between them the numbers lie on a straight line.
        """
        place = self._roll() * (len(quantiles) - 1)
        below = int(place)
        low, high = quantiles[below], quantiles[below + 1]

        return low + int((place - below) * (high - low))
