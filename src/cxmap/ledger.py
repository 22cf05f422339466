"""The friction ledger: how often each friction shows, and what comes after it."""

from collections.abc import Iterable, Mapping

import polars as pl

from cxmap.definitions import Friction
from cxmap.scorecard import FrictionLine
from cxmap.scoring import Periods
from cxmap.tables import conform, empty


def friction_partials(
    points: pl.DataFrame,
    steps: pl.DataFrame,
    journeys: pl.DataFrame,
    names: Iterable[str],
    *,
    periods: Periods,
) -> pl.DataFrame:
    """Count the ledger: return the table friction_sums, a row a name and period.

    A point counts in the period in which its journey began, so that the flagged
    journeys are a share of the journeys. `contacts_after` are the contacts that
    follow the first point of that friction in each journey.
    """
    placed = points.join(
        steps.select("contact_id", "contacts_after"), on="contact_id", how="left"
    ).join(journeys.select("journey_id", "started_at"), on="journey_id", how="inner")
    named = pl.DataFrame({"friction": sorted(names)}, schema={"friction": pl.String})
    parts = []
    for period, (since, until) in periods.items():
        began = (pl.col("started_at") >= since) & (pl.col("started_at") < until)
        flagged = (
            placed.filter(began)
            .group_by("friction", "journey_id")
            .agg(pl.len().alias("points"), pl.col("contacts_after").max())
            .group_by("friction")
            .agg(pl.col("points", "contacts_after").sum(), pl.len().alias("flagged"))
        )
        parts.append(
            named.join(flagged, on="friction", how="left").with_columns(
                pl.col("points", "flagged", "contacts_after").fill_null(0),
                period=pl.lit(period),
                journeys=pl.lit(journeys.filter(began).height),
            )
        )

    return merge_frictions([conform(p, "friction_sums") for p in parts])


def merge_frictions(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Add up the friction_sums of several buckets, in a total order."""
    keys = ["friction", "period"]
    rest = ["points", "flagged", "journeys", "contacts_after"]
    every = pl.concat([empty("friction_sums"), *parts])

    return every.group_by(keys).agg(pl.col(rest).sum()).sort(keys)


def friction_lines(
    sums: pl.DataFrame,
    frictions: Mapping[str, tuple[Friction, pl.Expr]],
    *,
    severities: Mapping[str, str],
    period: str = "current",
) -> list[FrictionLine]:
    """Return the ledger of one period, the friction of most journeys first."""
    lines = [
        FrictionLine(
            friction=row["friction"],
            points=row["points"],
            journeys=row["flagged"],
            share=row["flagged"] / row["journeys"] if row["journeys"] else None,
            contacts_after=row["contacts_after"],
            severity=severities.get(
                row["friction"], frictions[row["friction"]][0].severity
            ),
        )
        for row in sums.filter(period=period).iter_rows(named=True)
    ]

    return sorted(lines, key=lambda line: (-line.journeys, line.friction))
