"""What identification says: whose each record is, the customers, the identifiers."""

import polars as pl

from cxmap.customers.evidence import OWNER
from cxmap.graph import NODE
from cxmap.ids import digests
from cxmap.names import BY_HAND
from cxmap.tables import conform

NEVER = 1 << 40
"""In place of the time a value was first seen, where no record says it."""


TOGETHER = ("shared_email", "shared_address", "too_large", "manual", "apart")
"""Why a value joins nobody that several people may use."""


def named(values: pl.DataFrame) -> pl.Series:
    """Return the customer_id of each person, at the person's number."""
    made = (pl.col("kind") == BY_HAND).cast(NODE)
    since = pl.col("first_seen_at").dt.epoch("s").fill_null(NEVER) + made
    known = values.with_columns(since=since).drop_nulls("person")
    nobody = pl.repeat(None, values.height, dtype=NODE, eager=True)
    earliest = known.group_by("person").agg(pl.col("since").min())
    earliest_of = nobody.scatter(earliest["person"], earliest["since"])
    first = known.filter(known["since"] == earliest_of.gather(known["person"]))
    content = [pl.col("since").cast(pl.String()), "pseudonym", "kind", "namespace"]
    told = first.select("person", content=pl.concat_str(content, separator="|"))
    told = told.group_by("person").agg(pl.col("content").min())
    named = told.select("person", customer_id=digests("c_", told["content"]))
    # Texts that polars scatters are counted as different within groups: join.
    everyone = pl.int_range(values.height, dtype=NODE, eager=True).to_frame("person")

    return everyone.join(named, on="person", how="left", maintain_order="left")[
        "customer_id"
    ]


def placed(
    met: pl.DataFrame, values: pl.DataFrame, owners: pl.DataFrame
) -> pl.DataFrame:
    """Add to `owners` their person by number, and whether they hold cut values."""
    person = values["person"].gather(met["value"])
    cut = values["cut"].is_in(TOGETHER)
    shared = cut.fill_null(value=False).gather(met["value"])
    flagged = values["flag"].is_not_null().gather(met["value"])
    known = person.is_not_null()
    nobody = pl.repeat(None, owners.height, dtype=NODE, eager=True)
    no = pl.repeat(value=False, n=owners.height, eager=True)
    record = met["record"]
    return owners.with_columns(
        person=nobody.scatter(record.filter(known), person.filter(known)),
        shared=no.clone().scatter(record.filter(shared), values=True),
        flagged=no.clone().scatter(record.filter(flagged), values=True),
    )


def owned(owners: pl.DataFrame, names: pl.Series) -> pl.DataFrame:
    """Return the table `owners` of `Identified`."""
    why = (
        pl.when(pl.col("person").is_not_null())
        .then(None)
        .when("shared")
        .then(pl.lit("shared_identifier"))
        .when("flagged")
        .then(pl.lit("flagged"))
        .otherwise(pl.lit("no_identifier"))
    )
    return owners.select(
        *OWNER, customer_id=names.gather(owners["person"]), unidentified=why
    )


def described(
    values: pl.DataFrame, owners: pl.DataFrame, names: pl.Series
) -> pl.DataFrame:
    """Return the table `customers` of `Identified`."""
    people = (
        values.drop_nulls("person")
        .group_by("person")
        .agg(
            first_seen_at=pl.col("first_seen_at").min(),
            last_seen_at=pl.col("last_seen_at").max(),
            identifiers=(pl.col("kind") != BY_HAND).sum(),
        )
    )
    met_in = owners.select("person", "source").drop_nulls("person").unique()
    sources = met_in.group_by("person").agg(sources=pl.len())
    whole = people.join(sources, on="person", how="left")
    described = whole.with_columns(
        pl.col("sources").fill_null(0), customer_id=names.gather(whole["person"])
    )
    return conform(described.sort("customer_id"), "customers")


def listed(met: pl.DataFrame, values: pl.DataFrame, names: pl.Series) -> pl.DataFrame:
    """Return the table `identifiers` of `Identified`."""
    held = met.select("record", "value").unique().group_by("value").agg(n=pl.len())
    none = pl.repeat(0, values.height, dtype=NODE, eager=True)
    listed = values.with_columns(
        records=none.scatter(held["value"], held["n"].cast(NODE)),
        customer_id=names.gather(values["person"]),
    )
    return conform(listed, "identifiers").sort("pseudonym", "kind", "namespace")
