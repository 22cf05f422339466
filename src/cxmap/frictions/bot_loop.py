"""Bot loop."""

import polars as pl

from cxmap.definitions import friction


@friction(
    severity="medium",
    because="the bot said or understood the same again and again: {bot_repeats} times",
    inputs=("bot_repeats",),
)
def bot_loop(*, at_least: int = 3) -> pl.Expr:
    """The bot goes round in circles.

    One intent, or its answer for what it does not understand, shows `at_least` so
    many times in one session. Exports that do not name what the bot said or
    understood cannot show it. Whether it then handed over makes no difference.

    Source: equ-ai, loops of one intent or fallback.
    """
    return pl.col("bot_repeats") >= at_least
