"""How well a grouping of things, or a choice among them, agrees with the true one."""

from collections import Counter
from collections.abc import Hashable, Mapping, Set
from dataclasses import dataclass

Groups = Mapping[str, Hashable]
"""The group of each item."""


@dataclass(frozen=True)
class Agreement:
    """How much of what was found is true, and how much of what is true was found.

    None where there is nobody to count.
    """

    precision: float | None
    recall: float | None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of the two."""
        if self.precision is None or self.recall is None:
            return None
        both = self.precision + self.recall

        return 2 * self.precision * self.recall / both if both else 0.0


def pairwise(found: Groups, true: Groups) -> Agreement:
    """Compare over all pairs of the items of `true`: together, or apart.

    Precision: of the pairs put together, those that belong together; recall: of the
    pairs that belong together, those put together. Large groups weigh most.
    """
    right = _pairs(Counter((found[item], group) for item, group in true.items()))
    put = _pairs(Counter(found[item] for item in true))
    belonging = _pairs(Counter(true.values()))

    return Agreement(_ratio(right, put), _ratio(right, belonging))


def bcubed(found: Groups, true: Groups) -> Agreement:
    """Compare item by item, then take the mean over the items of `true`.

    Precision of an item: of those in its group (itself among them), the share that
    truly belongs with it; recall: of those that truly belong with it, the share in
    its group. Every item weighs the same.
    """
    shared = Counter((found[item], group) for item, group in true.items())
    put = Counter(found[item] for item in true)
    belonging = Counter(true.values())
    precise = sum(n * n / put[group] for (group, _), n in shared.items())
    recalled = sum(n * n / belonging[group] for (_, group), n in shared.items())

    return Agreement(_ratio(precise, len(true)), _ratio(recalled, len(true)))


def chosen(found: Set[str], true: Set[str]) -> Agreement:
    """Compare two choices among the same items."""
    right = len(found & true)

    return Agreement(_ratio(right, len(found)), _ratio(right, len(true)))


def _pairs(sizes: Counter[Hashable]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())


def _ratio(part: float, whole: int) -> float | None:
    return part / whole if whole else None
