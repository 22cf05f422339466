"""Windows as expressions: how long after each contact something may follow."""

from datetime import timedelta

import polars as pl

from cxmap.options import Window


def seconds(span: timedelta) -> int:
    """Return a duration in whole seconds."""
    return span // timedelta(seconds=1)


def window_seconds(window: Window) -> pl.Expr:
    """Return each contact's window, from its topic and channel_group; null is off.

    The deepest node at or above the topic wins, then the channel group, then the
    default. A rule whose default is None is off for all that is not named.
    """
    topic = pl.col("topic")
    deepest_first = sorted(window.topics, key=lambda node: (-len(node), node))
    return pl.coalesce(
        *(
            pl.when((topic == node) | topic.str.starts_with(f"{node}/")).then(
                pl.lit(seconds(window.topics[node]), pl.Int64())
            )
            for node in deepest_first
        ),
        *(
            pl.when(pl.col("channel_group") == group).then(
                pl.lit(seconds(span), pl.Int64())
            )
            for group, span in sorted(window.channel_groups.items())
        ),
        pl.lit(_default(window), pl.Int64()),
    )


def _default(window: Window) -> int | None:
    return None if window.default is None else seconds(window.default)


def clock(window: Window) -> pl.Expr:
    """Return where the gap after a contact begins, in seconds since the epoch."""
    column = "started_at" if window.start_clock == "start" else "last_touch_at"
    return pl.coalesce(column, "started_at").dt.epoch("s")
