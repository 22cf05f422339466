"""Out of hours."""

import polars as pl

from cxmap.definitions import friction
from cxmap.frictions.abandon import abandon
from cxmap.frictions.slow_first_response import slow_first_response
from cxmap.frictions.unanswered import unanswered


@friction(
    severity="medium",
    because="began outside the opening hours, and waited {waited_seconds}",
    groups=("voice", "chat", "messaging", "social", "written"),
    inputs=("in_hours",),
)
def out_of_hours() -> pl.Expr:
    """The customer comes when nobody is there, and it goes wrong.

    A contact that began outside the opening hours it falls under and was given up,
    never answered, or answered too late: abandon, unanswered and slow_first_response
    say so, with their defaults whatever the config sets for them. The hours are those
    of `hours:` in the config; exactly at the closing time is outside, at the opening
    time inside.

    One that was answered in time all the same is no friction, nor is one of which
    only the day is told.

    Source: cxmap's own.
    """
    went_wrong = [one.bind({}) for one in (abandon, unanswered, slow_first_response)]

    return ~pl.col("in_hours") & pl.any_horizontal(
        condition.fill_null(False) for condition in went_wrong
    )
