"""The friction score: what a journey's frictions weigh, by the company's own labels."""

from collections.abc import Mapping

import polars as pl

from cxmap.tables import conform

TOP = 3
"""So many frictions of a journey are named, the heaviest first."""


def weights_table(weights: Mapping[str, float]) -> pl.DataFrame:
    """Return friction and weight, a row each."""
    return pl.DataFrame(
        sorted(weights.items()),
        schema={"friction": pl.String, "weight": pl.Float64},
        orient="row",
    )


def scored(
    journeys: pl.DataFrame, points: pl.DataFrame, weights: Mapping[str, float]
) -> pl.DataFrame:
    """Return journeys with friction_score: the sum of the weights of their frictions.

    A friction counts once a journey, however many points it has; one without a weight
    counts nothing; a journey without friction scores 0.
    """
    met = points.select("journey_id", "friction").unique()
    sums = (
        met.join(weights_table(weights), on="friction")
        .sort("journey_id", "friction")
        .group_by("journey_id", maintain_order=True)
        .agg(friction_score=pl.col("weight").sum().round(6))
    )
    told = journeys.drop("friction_score").join(
        sums, on="journey_id", how="left", maintain_order="left"
    )

    return conform(
        told.with_columns(pl.col("friction_score").fill_null(0.0)), "journeys"
    )


def heaviest(points: pl.DataFrame, weights: Mapping[str, float]) -> pl.DataFrame:
    """Return journey_id and top_frictions: the three that add most to its score."""
    name, weight = pl.col("friction"), pl.col("weight").round(2).cast(pl.String)
    return (
        points.select("journey_id", "friction")
        .unique()
        .join(weights_table(weights).filter(pl.col("weight") > 0), on="friction")
        .sort("journey_id", "weight", "friction", descending=[False, True, False])
        .group_by("journey_id", maintain_order=True)
        .agg(
            top_frictions=pl.concat_str(name, pl.lit(" "), weight)
            .head(TOP)
            .str.join(", ")
        )
    )
