"""Which records belong to people who were forgotten, and the records without them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from cxmap import tables

ROW = ("source", "part", "record_key", "content")
"""What names one row of an export in every table it brought something to."""

CONTACT = ("source", "source_contact_id")

Records = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Forgotten:
    """What must go: rows that name a forgotten person, and contacts they were in."""

    rows: pl.DataFrame
    """Columns of `ROW`."""
    contacts: pl.DataFrame
    """Columns of `CONTACT`."""

    @property
    def nobody(self) -> bool:
        """Whether nothing has to go."""
        return self.rows.is_empty()


def tombstone(pseudonyms: Iterable[str], at: datetime) -> pl.DataFrame:
    """Return `tombstones` of identifiers that are forgotten at a time."""
    names = sorted(set(pseudonyms))
    rows = {"pseudonym": names, "forgotten_at": [at] * len(names)}

    return pl.DataFrame(rows, schema=tables.schema("tombstones"))


def merged(tombstones: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return `tombstones` as one table: each identifier with its latest time."""
    return (
        pl.concat(tombstones)
        .group_by("pseudonym")
        .agg(pl.col("forgotten_at").max())
        .sort("pseudonym")
    )


def find(
    identifiers: pl.DataFrame, identity_links: pl.DataFrame, tombstones: pl.DataFrame
) -> Forgotten:
    """Return what must go of the records with these identifiers.

    Takes `identifier_records`, `identity_link_records` and `tombstones`. A row goes
    if it took place up to the time of forgetting, or at a time it does not say. A
    contact goes whole: its other rows are about the same person.
    """
    held = _named(identifiers, "pseudonym", tombstones)
    linked = [
        _named(identity_links, end, tombstones).select(ROW)
        for end in ("pseudonym", "to_pseudonym")
    ]
    contacts = held.filter(pl.col("owner") == "contact").select(
        "source", pl.col("owner_id").alias("source_contact_id")
    )

    return Forgotten(
        rows=pl.concat([held.select(ROW), *linked]).unique(),
        contacts=contacts.drop_nulls().unique(),
    )


def _named(
    records: pl.DataFrame, column: str, tombstones: pl.DataFrame
) -> pl.DataFrame:
    buried = tombstones.rename({"pseudonym": column})
    old = pl.col("seen_at").is_null() | (pl.col("seen_at") <= pl.col("forgotten_at"))

    return records.join(buried, on=column, how="inner").filter(old)


def without(records: pl.DataFrame, forgotten: Forgotten) -> pl.DataFrame:
    """Return a record table without what must go; `rejects` stay as they are."""
    if forgotten.nobody or not set(ROW) <= set(records.columns):
        return records
    kept = records.join(
        forgotten.rows, on=ROW, how="anti", nulls_equal=True, maintain_order="left"
    )
    if "source_contact_id" in kept.columns:
        return _outside(kept, CONTACT, forgotten.contacts)
    if "owner_id" in kept.columns:
        theirs = forgotten.contacts.with_columns(owner=pl.lit("contact"))
        return _outside(kept, ("source", "owner_id", "owner"), theirs)

    return kept


def _outside(
    records: pl.DataFrame, columns: tuple[str, ...], contacts: pl.DataFrame
) -> pl.DataFrame:
    named = contacts.rename({"source_contact_id": columns[1]})

    return records.join(named, on=columns, how="anti", maintain_order="left")


def rows_named(frames: Records) -> int:
    """Return how many rows of exports the record tables hold something of."""
    named = [
        frame.select(ROW) for frame in frames.values() if set(ROW) <= set(frame.columns)
    ]

    return pl.concat(named).n_unique() if named else 0
