"""What follows from a channel and a direction alone."""

import polars as pl

from cxmap.names import CHANNEL_GROUPS


def channel_group(channel: pl.Expr) -> pl.Expr:
    """Return the channel group of each channel; one that is not known is `other`."""
    groups: dict[str, list[str]] = {}
    for name, group in CHANNEL_GROUPS.items():
        groups.setdefault(group, []).append(name)
    found: pl.Expr = pl.lit("other")
    for group, channels in groups.items():
        found = pl.when(channel.is_in(channels)).then(pl.lit(group)).otherwise(found)

    return found


def inbound() -> pl.Expr:
    """Whether the customer came: a call of ours stands for no case of theirs."""
    return ~pl.col("direction").is_in(["outbound", "internal"]).fill_null(value=False)
