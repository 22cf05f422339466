"""Of the versions of one row the latest, in every table that the row fills."""

from collections.abc import Mapping

import polars as pl

from cxmap.records import KEY, VERSION
from cxmap.tables import empty

OF_RECORDS = (
    "contact_records",
    "event_records",
    "survey_records",
    "customer_records",
    "order_records",
    "touchpoint_records",
    "name_records",
)
"""Tables whose rows carry a version."""

OF_ROWS = ("identifier_records", "reference_records", "identity_link_records")
"""Tables whose rows stay and fall with the row they came from."""


def latest(records: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the record tables without what a later version of a row superseded.

    Of equal `(source, part, record_key)` the greatest `(version_at,
    version_no, content)` stays,
    judged over all tables at once: what an older version said and the latest does
    not is gone. The same row of two loads counts once. Takes and returns tables of
    tables.RECORD_TABLES, missing ones as empty; the order of rows has no meaning.
    """
    tables = {name: records.get(name, empty(name)) for name in (*OF_RECORDS, *OF_ROWS)}
    columns = [*KEY, *VERSION]
    versions = pl.concat([tables[name].select(columns) for name in OF_RECORDS])
    losers = _superseded(versions)
    kept = {name: _without(tables[name], losers) for name in OF_RECORDS}
    winners = _without(versions, losers)
    rows = [*KEY, "content"]
    for name in OF_ROWS:
        kept[name] = _distinct(tables[name].join(winners, on=rows, how="semi"))

    return kept


def _superseded(versions: pl.DataFrame) -> pl.DataFrame:
    """Return the versions that are not the latest of their row, each once."""
    several = versions.select(pl.struct(KEY).is_duplicated()).to_series()
    columns = [*KEY, *VERSION]
    newest_first = [False] * len(KEY) + [True] * len(VERSION)
    contested = (
        versions.filter(several)
        .unique()
        .sort(columns, descending=newest_first, nulls_last=True)
    )

    return contested.filter(~pl.struct(KEY).is_first_distinct())


def _without(records: pl.DataFrame, losers: pl.DataFrame) -> pl.DataFrame:
    if losers.is_empty():
        return records

    return records.join(losers, on=losers.columns, how="anti", nulls_equal=True)


def _distinct(rows: pl.DataFrame) -> pl.DataFrame:
    """Return `rows` once each; where no two digests are equal, no two rows are."""
    return rows if rows.hash_rows().n_unique() == rows.height else rows.unique()
