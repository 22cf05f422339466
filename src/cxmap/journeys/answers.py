"""What customers answered about each contact, on one scale."""

from datetime import timedelta

import polars as pl

ASKED = ("csat", "ces", "nps")
"""Kinds of answers that say how well it went."""

ANSWERED_WITHIN = timedelta(days=7)
"""An answer longer after the last touch no longer tells how the contact went."""


def height() -> pl.Expr:
    """Return how good an answer is, from 0 (worst possible) to 1 (best).

    A scale on which high is bad is turned round. Null where there is no answer, or
    no scale that it stands on.
    """
    lowest, highest = pl.col("scale_min"), pl.col("scale_max")
    good = pl.col("high_is_good").fill_null(value=True)
    above_worst = (
        pl.when(good)
        .then(pl.col("score") - lowest)
        .otherwise(highest - pl.col("score"))
    )
    return pl.when(highest > lowest).then(above_worst / (highest - lowest))


def worst_answers(surveys: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """Return contact_id and its worst answer of each kind, as `csat_answer` and so on.

    `surveys` are attributed to `contacts`; a contact nobody answered about has no
    row. An answer without a time counts.
    """
    touches = contacts.select(
        "contact_id", touched=pl.coalesce("last_touch_at", "started_at")
    )
    late = pl.col("responded_at") - pl.col("touched") > ANSWERED_WITHIN
    timely = surveys.drop_nulls("contact_id").join(touches, on="contact_id")
    answered = timely.filter(~late.fill_null(value=False))

    return answered.group_by("contact_id").agg(
        height().filter(pl.col("survey_type") == kind).min().alias(f"{kind}_answer")
        for kind in ASKED
    )
