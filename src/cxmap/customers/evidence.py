"""What made people one: records, the identifiers they hold, and explicit merges."""

from dataclasses import dataclass

import polars as pl

from cxmap.graph import NODE

OWNER = ("owner", "source", "owner_id")
VALUE = ("kind", "namespace", "pseudonym")
LINK = "link"
"""What stands as owner of an explicit merge of two identifiers."""


@dataclass(frozen=True)
class Evidence:
    """The graph of records and trusted identifiers, by number."""

    values: pl.DataFrame
    """value, kind, namespace, pseudonym, customer_id: what joined somebody."""
    records: pl.DataFrame
    """record, owner, source, owner_id, contacts: 1 for a contact, else 0. An explicit
    merge of two identifiers is a record that holds both; its owner is `link`."""
    edges: pl.DataFrame
    """record, value, customer_id, seen_at: the earliest time it says so."""


def evidence(held: pl.DataFrame, links: pl.DataFrame, listed: pl.DataFrame) -> Evidence:
    """Return who held what, of the identifiers in `listed` that have a customer.

    `held` (identifier_records) and `links` (identity_link_records) are what was
    judged, `listed` (identifiers) what came of it.
    """
    values = (
        listed.filter(pl.col("customer_id").is_not_null())
        .select(*VALUE, "customer_id")
        .with_columns(pl.col("namespace").fill_null(""))
        .with_columns(value=pl.int_range(pl.len(), dtype=NODE))
    )
    told = pl.concat([_told(held), _merges(links)])
    named = told.join(values.select(*VALUE, "value", "customer_id"), on=VALUE)
    grouped = named.group_by(OWNER, maintain_order=True).agg(
        "value", "customer_id", "seen_at"
    )
    proved = pl.col("value").list.n_unique() > 1
    records = grouped.filter((pl.col("owner") != LINK) | proved).with_columns(
        record=pl.int_range(pl.len(), dtype=NODE),
        contacts=(pl.col("owner") == "contact").cast(pl.Int64),
    )
    edges = records.explode("value", "customer_id", "seen_at")
    return Evidence(
        values,
        records.select("record", *OWNER, "contacts"),
        edges.group_by("record", "value", "customer_id").agg(pl.col("seen_at").min()),
    )


def _told(held: pl.DataFrame) -> pl.DataFrame:
    rows = held.select(*OWNER, *VALUE, "seen_at")
    return rows.with_columns(pl.col("namespace").fill_null(""))


def _merges(links: pl.DataFrame) -> pl.DataFrame:
    """Return each merge as a record that holds both of its ends."""
    space = pl.col("namespace").fill_null("")
    low = pl.min_horizontal("pseudonym", "to_pseudonym")
    high = pl.max_horizontal("pseudonym", "to_pseudonym")
    pair = pl.concat_str(space, low, high, separator=" ")
    return pl.concat(
        links.select(
            pl.lit(LINK).alias("owner"),
            "source",
            pair.alias("owner_id"),
            "kind",
            space.alias("namespace"),
            pl.col(end).alias("pseudonym"),
            "seen_at",
        )
        for end in ("pseudonym", "to_pseudonym")
    )
