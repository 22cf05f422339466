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

    `at_least` so many times within one contact, as the export counts or dates it, or
    as its history (the versions of the case, or its changes) tells by the priority:
    low below normal, high, urgent, however they are spelt. The first priority of a case
    raises nothing, and a word that nobody knows never does. An ordinary hand-over to
    another team is a `transfer`, none of this.

    Source: UiPath, escalation tags.
    """
    return pl.col("escalations") >= at_least
