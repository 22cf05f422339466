"""From when to when each source is held, and up to when silence can be believed."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import polars as pl

from cxmap.options import Coverage
from cxmap.tables import COUNT, FLAG, TEXT, WHEN

LEAST_LAG = timedelta(days=3)
GAPS = 3
"""A source lags by more than this many of its 95th-percentile gaps."""


def coverage(
    contacts: pl.DataFrame, declared: Mapping[str, Coverage], *, now: datetime
) -> pl.DataFrame:
    """Return source, since_at, until_at, contacts, lags and complete, by source.

    Without a declared `covered`, a source is held from its first to its last start
    not later than `now`. It lags when it ends more than max(3 d, 3 × the
    95th-percentile gap between its starts) before the latest end of all.
    """
    starts = contacts.select("source", "started_at").sort("source", "started_at")
    known = starts.filter(pl.col("started_at") <= now).group_by("source")
    held = known.agg(
        first_at=pl.col("started_at").first(),
        last_at=pl.col("started_at").last(),
        contacts=pl.len().cast(COUNT),
        gap=_p95(pl.col("started_at").diff().drop_nulls()),
    )
    spoken = _declared(declared)
    everyone = pl.concat([held.select("source"), spoken.select("source")]).unique()
    whole = (
        everyone.join(held, on="source", how="left")
        .join(spoken, on="source", how="left")
        .with_columns(
            since_at=pl.coalesce("since", "first_at"),
            until_at=pl.coalesce("until", "last_at"),
        )
    )
    allowed = pl.max_horizontal(pl.lit(LEAST_LAG), GAPS * pl.col("gap"))
    behind = pl.col("until_at").max() - pl.col("until_at")

    return whole.select(
        "source",
        "since_at",
        "until_at",
        pl.col("contacts").fill_null(0),
        lags=(behind > allowed).fill_null(value=False),
        complete=pl.col("complete").fill_null(value=False),
    ).sort("source")


def horizon(
    held: pl.DataFrame, *, now: datetime, sources: Collection[str] | None = None
) -> datetime | None:
    """Return the instant up to which silence can be believed; None: nothing held.

    The earliest end of the `sources` (all, unless named) that neither lag nor are
    complete; where none is left, the latest end. Never later than `now`.
    """
    needed = held.drop_nulls("until_at")
    if sources is not None:
        needed = needed.filter(pl.col("source").is_in(list(sources)))
    binding = needed.filter(~pl.col("lags") & ~pl.col("complete"))["until_at"]
    last = binding.min() if binding.len() else needed["until_at"].max()

    return min(last, now) if isinstance(last, datetime) else None


def with_coverage(
    contacts: pl.DataFrame, held: pl.DataFrame, *, now: datetime
) -> pl.DataFrame:
    """Return `contacts` with source_since_at and source_horizon_at.

    What a source alone can tell, such as whether its case was answered, is judged
    up to the source's own end, whether it lags or is complete, and never up to
    another's. Like the horizon of all it is never later than `now`.
    """
    known = held.select(
        "source",
        source_since_at="since_at",
        source_horizon_at=pl.col("until_at").clip(upper_bound=pl.lit(now, WHEN)),
    )
    fresh = contacts.drop("source_since_at", "source_horizon_at", strict=False)

    return fresh.join(known, on="source", how="left", maintain_order="left")


def _p95(gaps: pl.Expr) -> pl.Expr:
    """Return the nearest-rank 95th percentile; null of nothing."""
    rank = (gaps.len() * 19 + 19) // 20
    return gaps.sort().get(rank.cast(pl.Int64()) - 1, null_on_oob=True)


def _declared(declared: Mapping[str, Coverage]) -> pl.DataFrame:
    rows = [(name, c.since, c.until, c.complete) for name, c in declared.items()]
    columns = {"source": TEXT, "since": WHEN, "until": WHEN, "complete": FLAG}
    return pl.DataFrame(rows, schema=columns, orient="row")
