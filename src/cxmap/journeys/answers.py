"""What customers answered about each contact, on one scale."""

from datetime import timedelta

import polars as pl

from cxmap.conditions import answer_height

ASKED = ("csat", "ces", "nps")
"""Kinds of answers that say how well it went."""

ANSWERED_WITHIN = timedelta(days=7)
"""An answer longer after the last touch no longer tells how the contact went."""


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
        answer_height()
        .filter(pl.col("survey_type") == kind)
        .min()
        .alias(f"{kind}_answer")
        for kind in ASKED
    )
