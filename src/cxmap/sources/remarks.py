"""What is doubtful in the records of one file, in sentences without data."""

from collections.abc import Iterator, Mapping

import polars as pl

AFTER_START = (
    "answered_at",
    "first_response_at",
    "resolved_at",
    "closed_at",
    "ended_at",
    "last_message_at",
)
"""What cannot happen before a contact has begun."""

FAULTS = {
    "placeholder": "stands for nobody",
    "precision_lost": "digits lost in a spreadsheet",
    "mixed_script": "letters of several scripts",
    "malformed": "malformed",
}
"""Flags that speak of a fault in the export; a withheld number is none."""


def remarks(tables: Mapping[str, pl.DataFrame]) -> Iterator[str]:
    """Yield what is doubtful in a file's `contact_records` and `identifier_records`.

    Times before the start of their contact give no duration; identifiers that bear a
    flag join no people. Both are kept, and their rows counted here.
    """
    yield from _too_early(tables["contact_records"])
    yield from _flagged(tables["identifier_records"])


def _too_early(contacts: pl.DataFrame) -> Iterator[str]:
    early = contacts.select((pl.col(AFTER_START) < pl.col("started_at")).sum())
    for column, rows in early.row(0, named=True).items():
        if rows:
            yield f"{column}: {rows} earlier than the contact began; no duration"


def _flagged(identifiers: pl.DataFrame) -> Iterator[str]:
    flagged = identifiers.filter(pl.col("flag").is_in(list(FAULTS)))
    counted = flagged.group_by("kind", "flag").len()
    for kind, flag, rows in counted.sort("kind", "flag").iter_rows():
        yield f"{kind}: {rows} not used to join people: {FAULTS[flag]}"
