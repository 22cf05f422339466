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
    "name_records",
)
"""Tables whose rows carry a version."""

OF_ROWS = ("identifier_records", "reference_records", "identity_link_records")
"""Tables whose rows stay and fall with the row they came from."""


def latest(records: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the record tables without what a later version of a row superseded.

    Of equal `(source, part, record_key)` the greatest `(version_at, content)` stays,
    judged over all tables at once: what an older version said and the latest does
    not is gone. The same row of two loads counts once. Takes and returns tables of
    tables.RECORD_TABLES, missing ones as empty; the order of rows has no meaning.
    """
    tables = {name: records.get(name, empty(name)) for name in (*OF_RECORDS, *OF_ROWS)}
    columns = [*KEY, *VERSION]
    versions = pl.concat([tables[name].select(columns) for name in OF_RECORDS])
    winners = _winners(versions.unique())
    kept = {
        name: tables[name].join(winners, on=columns, how="semi", nulls_equal=True)
        for name in OF_RECORDS
    }
    rows = [*KEY, "content"]
    for name in OF_ROWS:
        kept[name] = tables[name].join(winners, on=rows, how="semi").unique()

    return kept


def _winners(versions: pl.DataFrame) -> pl.DataFrame:
    several = versions.select(pl.struct(KEY).is_duplicated()).to_series()
    columns = [*KEY, *VERSION]
    newest_first = [False] * len(KEY) + [True] * len(VERSION)
    contested = (
        versions.filter(several)
        .sort(columns, descending=newest_first, nulls_last=True)
        .unique(subset=KEY, keep="first", maintain_order=True)
    )

    return pl.concat([versions.filter(~several), contested])
