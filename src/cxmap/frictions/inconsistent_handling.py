"""Inconsistent handling."""

import polars as pl

from cxmap.definitions import Measure, baseline, friction
from cxmap.measures import count

GOOD = ("resolved", "presumed")
BAD = ("unresolved", "abandoned", "unanswered")
ENDED = (pl.col("contacts_after") == 0) & pl.col("outcome").is_in([*GOOD, *BAD])
RESOLVED = ENDED & pl.col("outcome").is_in(GOOD)


@baseline(over="steps", by=("topic", "channel_group"))
def ended_here() -> Measure:
    """How many journeys of a topic ended on a channel group, well or not."""
    return count(ENDED, among=ENDED)


@baseline(over="steps", by=("topic", "channel_group"))
def resolved_here() -> Measure:
    """How many of them were resolved."""
    return count(RESOLVED, among=ENDED)


@baseline(over="steps", by=("topic",))
def ended_anywhere() -> Measure:
    """How many journeys of a topic ended, on any channel group, well or not."""
    return count(ENDED, among=ENDED)


@baseline(over="steps", by=("topic",))
def resolved_anywhere() -> Measure:
    """How many of them were resolved."""
    return count(RESOLVED, among=ENDED)


@friction(
    severity="medium",
    because="{topic} is settled on other channels more often than on {channel_group}",
    inputs=("topic",),
    needs=("ended_anywhere", "ended_here", "resolved_anywhere", "resolved_here"),
)
def inconsistent_handling(*, effect: int = 20, at_least: int = 30) -> pl.Expr:
    """What other channels settle for this topic, this channel did not settle.

    A journey that ended badly (unresolved, abandoned or unanswered) on a channel group
    on which journeys of its topic are resolved less often than on the others, by an
    effect of `effect` hundredths or more: Cramér's V of channel (this one or another)
    by end (resolved or not). Both sides must hold `at_least` so many ended journeys:
    below that an effect may be chance. Counted over everything held, by the topic and
    channel of a journey's last contact, to which the point belongs.

    Source: consistency across channels; Cramér's V after the χ² of a 2 × 2 table.
    """
    here, good_here, whole, good = (
        pl.col(f"baseline_{name}")
        for name in (
            "ended_here",
            "resolved_here",
            "ended_anywhere",
            "resolved_anywhere",
        )
    )
    elsewhere, good_elsewhere = whole - here, good - good_here
    bad_here, bad_elsewhere = here - good_here, elsewhere - good_elsewhere
    spread = here * elsewhere * good * (whole - good)
    apart = good_elsewhere * bad_here - good_here * bad_elsewhere
    v = pl.when(spread > 0).then(apart / spread.sqrt())
    enough = (here >= at_least) & (elsewhere >= at_least)
    badly = ENDED & ~pl.col("outcome").is_in(GOOD)

    return badly & pl.col("topic").is_not_null() & enough & (100 * v >= effect)
