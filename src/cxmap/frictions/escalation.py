"""Escalation."""

import polars as pl

from cxmap.definitions import friction


@friction(
    severity="medium",
    because="had to be escalated, times: {escalations}",
    inputs=("escalations",),
)
def escalation(*, at_least: int = 1) -> pl.Expr:
    """The need has to be raised to a higher tier, a supervisor or a higher priority.

    `at_least` so many times within one contact, as the export counts or dates it. An
    ordinary hand-over to another team is a `transfer`, none of this.

    Source: UiPath, escalation tags.
    """
    return pl.col("escalations") >= at_least
