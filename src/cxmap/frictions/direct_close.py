"""Direct close."""

import polars as pl

from cxmap.conditions import (
    CASE_DONE,
    CASE_GONE,
    NO_CONTACT,
    WRITTEN,
    ever_answered,
)
from cxmap.definitions import friction


@friction(
    severity="medium",
    because="closed without a word",
    groups=("messaging", "social", "written"),
    inputs=("replies|agent_messages",),
)
def direct_close() -> pl.Expr:
    """A case is closed and nobody has written to the customer.

    Solved or closed, with no answer by a person that the export knows of, and none by
    a bot that finished the job. Where the export does not tell how many answers there
    were, nobody can say so; merged, deleted and spam cases have their answer
    elsewhere, or need none.

    Source: UiPath, tags of tickets created and closed at once.
    """
    none = pl.coalesce("replies", "agent_messages") == 0
    by_machine = pl.col("disposition").is_in(["bot_handled", "self_served"])
    gone = NO_CONTACT | CASE_GONE | by_machine.fill_null(False)

    return WRITTEN & CASE_DONE & none & ~ever_answered() & ~gone
