"""What is true of records wherever they are kept: their load's name and the latest."""

from hashlib import sha256

import polars as pl

KEY = ("source", "part", "record_key")
"""What makes two records two versions of the same row."""

VERSION = ("version_at", "version_no", "content", "load_id", "row")
"""By what the latest is judged; of equal rows in two loads one is chosen by name."""


def load_id(content: str, source: str, mapping: str) -> str:
    """Return the id of a load: a digest of what was read, as what and how.

    `content` is the SHA-256 of the bytes parsed, `mapping` the hash of the resolved
    mapping. The order and the time of loading leave no trace in it.
    """
    named = "\0".join((content, source, mapping)).encode()

    return sha256(named).hexdigest()[:16]


def latest(records: pl.DataFrame | pl.LazyFrame) -> pl.LazyFrame:
    """Return the records that no later version of the same row supersedes.

    Of equal `(source, part, record_key)` the greatest `(version_at,
    version_no, content)` stays;
    no version time is older than any. The winner is a row of one export: all that
    this row brought to the table stays (several events, say), and an equal row of
    another load falls away. Takes and returns any table with the columns of
    `tables.RECORD`, in no particular order.
    """
    columns = [*KEY, *VERSION]
    newest_first = [False] * len(KEY) + [True] * len(VERSION)
    versions = records.lazy()
    winners = (
        versions.select(columns)
        .unique()
        .sort(columns, descending=newest_first, nulls_last=True)
        .unique(subset=KEY, keep="first", maintain_order=True)
    )

    return versions.join(winners, on=columns, how="semi", nulls_equal=True)
