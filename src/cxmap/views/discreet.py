"""What may be passed on: nothing of what rests on too few customers."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from cxmap.comparison import Comparison, Figure, Movement, Part
from cxmap.discretion import companion
from cxmap.scorecard import FrictionLine, Score

SHARED = ("md",)
"""Forms meant to be passed on: small cells are hidden in them."""

NOWHERE = Figure(None, 0, None, None, 0)


One = TypeVar("One", Score, FrictionLine)


def with_companions(segments: Sequence[One]) -> tuple[One, ...]:
    """Return the segments of one number, marking what would give a small one away.

    Where one is suppressed alone, the one of fewest customers beside it is, too.
    """
    sizes = {
        place: one.customers for place, one in enumerate(segments) if one.customers
    }
    small = {at for at in sizes if segments[at].suppressed}
    also = companion(sizes, small)

    return tuple(
        replace(one, suppressed=True) if at in also else one
        for at, one in enumerate(segments)
    )


def scores_with_companions(scores: Sequence[Score]) -> tuple[Score, ...]:
    """Return the scores, those that would give a small segment away marked as such."""
    cut: dict[str, list[Score]] = {}
    for score in scores:
        if score.by:
            cut.setdefault(score.kpi, []).append(score)
    marked = {kpi: iter(with_companions(segments)) for kpi, segments in cut.items()}

    return tuple(next(marked[s.kpi]) if s.by else s for s in scores)


def shareable(told: Comparison) -> Comparison:
    """Return the comparison without any figure of what rests on too few customers."""
    small = {m.kpi for m in told.movements if m.suppressed}

    return replace(
        told,
        movements=tuple(_hidden(m) if m.suppressed else m for m in told.movements),
        parts=tuple(
            _hidden_part(p) if p.suppressed or p.kpi in small else p for p in told.parts
        ),
        findings=tuple(one for one in told.findings if one.kpi not in small),
    )


def unhidden(told: Comparison) -> Comparison:
    """Return the comparison as its analyst sees it: small cells are no secret there."""
    return replace(
        told,
        movements=tuple(replace(m, suppressed=False) for m in told.movements),
        parts=tuple(replace(p, suppressed=False) for p in told.parts),
    )


def _hidden(movement: Movement) -> Movement:
    return replace(
        movement,
        a=NOWHERE,
        b=NOWHERE,
        marked=False,
        change=None,
        change_low=None,
        change_high=None,
        mix=None,
        mix_low=None,
        mix_high=None,
        rate=None,
        rate_low=None,
        rate_high=None,
        simpson=None,
    )


def _hidden_part(part: Part) -> Part:
    return replace(
        part,
        n_a=0,
        n_b=0,
        weight_a=0.0,
        weight_b=0.0,
        value_a=None,
        value_b=None,
        mix=None,
        rate=None,
        contribution=None,
        low=None,
        high=None,
        share=None,
        suppressed=True,
    )
