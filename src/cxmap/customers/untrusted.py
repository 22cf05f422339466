"""Identifiers that join nobody: whom they met, and who is left unknown for it."""

import polars as pl

from cxmap.customers.evidence import OWNER, VALUE, Evidence


def meetings(
    held: pl.DataFrame, listed: pl.DataFrame, contacts: pl.DataFrame, known: Evidence
) -> pl.DataFrame:
    """Return which record holds which identifier that joins nobody.

    owner, source, owner_id, kind, namespace, pseudonym, cut, customer_id, and of a
    contact its contact_id and channel; customer_id is whose the record is all the
    same. `held` (identifier_records), `listed` (identifiers), `contacts`.
    """
    space = pl.col("namespace").fill_null("")
    cut = listed.filter(pl.col("cut").is_not_null()).select(*VALUE, "cut")
    rows = held.select(*OWNER, *VALUE).with_columns(space).unique()
    met = rows.join(cut.with_columns(space), on=VALUE)
    owners = known.edges.select("record", "customer_id").unique("record")
    whose = owners.join(known.records, on="record").select(*OWNER, proved="customer_id")
    told = contacts.select(
        pl.lit("contact").alias("owner"),
        "source",
        pl.col("source_contact_id").alias("owner_id"),
        "contact_id",
        "customer_id",
        "channel",
    )
    known_by = met.join(told, on=OWNER, how="left").join(whose, on=OWNER, how="left")
    customer = pl.coalesce("customer_id", "proved")
    return known_by.with_columns(customer_id=customer).drop("proved")


def shared(met: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """Return the identifiers of `meetings`, most contacts without a customer first.

    kind, namespace, pseudonym, cut, records, contacts, external_ids, customers,
    stranded.
    """
    known = held.filter((pl.col("kind") == "external_id") & pl.col("flag").is_null())
    external = known.select(*OWNER, external="pseudonym").unique()
    beside = met.join(external, on=OWNER).group_by(VALUE)
    stranded = pl.col("contact_id").is_not_null() & pl.col("customer_id").is_null()
    counted = met.group_by(*VALUE, "cut").agg(
        records=pl.len(),
        contacts=pl.col("contact_id").count(),
        customers=pl.col("customer_id").drop_nulls().n_unique(),
        stranded=stranded.sum(),
    )
    whole = counted.join(
        beside.agg(external_ids=pl.col("external").n_unique()), on=VALUE, how="left"
    ).with_columns(pl.col("external_ids").fill_null(0))
    order = ["stranded", "customers", "contacts", *VALUE]
    ranked = whole.sort(order, descending=[True] * 3 + [False] * len(VALUE))
    return ranked.select(
        *VALUE,
        "cut",
        *(
            pl.col(name).cast(pl.Int64)
            for name in ("records", "contacts", "external_ids", "customers", "stranded")
        ),
    )


def lost(met: pl.DataFrame) -> pl.DataFrame:
    """Return source, channel, kind, cut, contacts: those left without a customer."""
    unknown = pl.col("contact_id").is_not_null() & pl.col("customer_id").is_null()
    grouped = met.filter(unknown).group_by("source", "channel", "kind", "cut")
    counted = grouped.agg(contacts=pl.col("contact_id").n_unique().cast(pl.Int64))
    return counted.sort("source", "channel", "kind", "cut")
