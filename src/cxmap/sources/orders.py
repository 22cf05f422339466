"""Orders, put together from all rows of an export that tell of them."""

import polars as pl

from cxmap.tables import RECORD

NUMBER = ["source", "source_order_id"]

ADDED = ("items", "refunded")
"""What each row tells only its share of: lines and refunds add up."""


def orders(records: pl.DataFrame) -> pl.DataFrame:
    """Return order_records, one row an order.

    A line, a refund and a parcel may each be a row of its own: rows with one number
    are one order, of which each says what it knows. Items and what was given back
    add up; of two rows that know the same, the later version counts.
    """
    several = records.select(pl.struct(NUMBER).is_duplicated()).to_series()
    if not several.any():
        return records

    said = [c for c in records.columns if c not in (*RECORD, *NUMBER, *ADDED)]
    whole = (
        records.filter(several)
        .sort(*NUMBER, "version_at", "version_no", "part", "record_key", "content")
        .group_by(NUMBER, maintain_order=True)
        .agg(
            pl.col([c for c in RECORD if c != "source"]).last(),
            pl.col(said).drop_nulls().last(),
            *(pl.when(pl.col(c).count() > 0).then(pl.col(c).sum()) for c in ADDED),
        )
    )

    return pl.concat([records.filter(~several), whole.select(records.columns)])
