"""Which of many findings can be believed, when the worst of many were picked."""

from collections.abc import Sequence

FALSE = 0.05
"""Which share of what is believed may be false."""


def believed(chances: Sequence[float], *, false: float = FALSE) -> list[bool]:
    """Say of each finding whether it can be believed, beside all the others.

    `chances` are p-values: how likely chance alone brings each finding. Of those
    believed at most the share `false` is expected to be false (Benjamini–Hochberg).
    """
    return [chance <= false for chance in adjusted(chances)]


def adjusted(chances: Sequence[float]) -> list[float]:
    """Return the smallest share of false findings at which each one is believed."""
    if not all(0 <= chance <= 1 for chance in chances):
        raise ValueError("a chance lies between 0 and 1")

    many = len(chances)
    rising = sorted(range(many), key=lambda place: (chances[place], place))
    least, found = 1.0, [1.0] * many
    for rank in range(many, 0, -1):
        place = rising[rank - 1]
        least = min(least, chances[place] * (many / rank))
        found[place] = least

    return found
