"""Identifiers become customers: components of the graph of records and identifiers."""

from dataclasses import dataclass

import polars as pl

from cxmap.customers.shared import shared_addresses, shared_emails
from cxmap.graph import components
from cxmap.ids import digests
from cxmap.names import ADDRESSES, KEYS
from cxmap.options import IdentityRules
from cxmap.tables import conform

OWNER = ("owner", "source", "owner_id")
VALUE = ("kind", "namespace", "pseudonym")


@dataclass(frozen=True)
class Identified:
    """Who is who."""

    owners: pl.DataFrame
    """owner, source, owner_id, customer_id, unidentified: each record's person, or
    why there is none (flagged, shared_identifier, no_identifier)."""
    customers: pl.DataFrame
    """tables.CUSTOMERS, without contacts and segment."""
    identifiers: pl.DataFrame
    """tables.IDENTIFIERS; account and order numbers are no one's identity and
    are left out."""


def identify(
    identifiers: pl.DataFrame,
    identity_links: pl.DataFrame,
    *,
    rules: IdentityRules,
) -> Identified:
    """Return who is who.

    `identifiers` has a row for each identifier of each record (tables
    identifier_records: owner, source, owner_id, kind, namespace, pseudonym, flag,
    seen_at); `identity_links` are explicit merges (tables identity_link_records).
    A value flagged anywhere joins nobody anywhere. Shared values are found before
    anything is joined, all at once, so the result depends on no order.
    """
    met, values, owners = _coded(identifiers, identity_links)
    links = _linked(identity_links, values)
    values = _cut(met, values, links, rules)
    customer = _customers(met, values, links)
    values = values.with_columns(customer_id=customer, records=_counted(met, values))

    return Identified(
        owners=_owned(met, values, owners, rules),
        customers=_described(met, values, owners),
        identifiers=_listed(values),
    )


def _coded(
    identifiers: pl.DataFrame, identity_links: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return who met what by number (met: record, value, seen_at), values, records."""
    rows = identifiers.select(*OWNER, *VALUE, "flag", "seen_at")
    linked = pl.concat(
        identity_links.select(
            "kind",
            "namespace",
            pl.col(end).alias("pseudonym"),
            pl.lit(None, pl.String()).alias("flag"),
            "seen_at",
        )
        for end in ("pseudonym", "to_pseudonym")
    )
    personal = pl.col("kind").is_in([*KEYS, *ADDRESSES])
    values = (
        pl.concat([rows.select(*VALUE, "flag", "seen_at"), linked])
        .filter(personal)
        .group_by(VALUE)
        .agg(
            flag=pl.col("flag").min(),
            first_seen_at=pl.col("seen_at").min(),
            last_seen_at=pl.col("seen_at").max(),
        )
        .with_row_index("value")
    )
    owners = rows.select(OWNER).unique().with_row_index("record")
    met = (
        rows.join(owners, on=OWNER, nulls_equal=True)
        .join(values.select(*VALUE, "value"), on=VALUE, nulls_equal=True)
        .select("record", "value", "seen_at", "source")
    )
    return met, values, owners


def _linked(identity_links: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    """Return the explicit merges (value, to_value) of values that are trusted."""
    trusted = values.filter(pl.col("flag").is_null()).select(*VALUE, "value")
    onto = trusted.rename({"pseudonym": "to_pseudonym", "value": "to_value"})
    return (
        identity_links.join(trusted, on=VALUE, nulls_equal=True)
        .join(onto, on=["kind", "namespace", "to_pseudonym"], nulls_equal=True)
        .select("value", "to_value")
        .unique()
    )


def _cut(
    met: pl.DataFrame, values: pl.DataFrame, links: pl.DataFrame, rules: IdentityRules
) -> pl.DataFrame:
    """Add `cut`, why a value joins nobody, and `joins`."""
    values = values.with_columns(cut=pl.col("flag"))
    if rules.level == "strict":
        address = pl.col("kind").is_in(ADDRESSES) & pl.col("cut").is_null()
        return _marked(values, values.filter(address)["value"], "not_a_key")

    emails = shared_emails(met, values, links, cap=rules.email_cap)
    values = _marked(values, emails, "shared_email")
    meetings, holds = _groups(met, values, links)
    addresses = shared_addresses(meetings, holds, rules=rules)
    return _marked(values, addresses, "shared_address")


def _marked(values: pl.DataFrame, cut: pl.Series, reason: str) -> pl.DataFrame:
    found = pl.col("cut").is_null() & pl.col("value").is_in(cut.implode())
    reasons = pl.when(found).then(pl.lit(reason)).otherwise("cut")
    return values.with_columns(cut=reasons)


def _groups(
    met: pl.DataFrame, values: pl.DataFrame, links: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return which address met which group when, and the kinds each group holds.

    A group is a component of keys and e-mails; records that hold neither belong to
    none.
    """
    trusted = values.filter(pl.col("cut").is_null()).select("value", "kind")
    central = pl.col("kind").is_in([*KEYS, "email"])
    core = trusted.filter(central)
    anchored, roots = _joined(met, core, links, values.height)
    group = anchored.select("record", group=roots.gather(anchored["anchor"]))
    meetings = (
        met.join(trusted.filter(~central), on="value")
        .join(group, on="record")
        .select("value", "kind", "group", "seen_at")
        .unique()
    )
    holds = core.select(group=roots.gather(core["value"]), kind="kind").unique()
    return meetings, holds


def _joined(
    met: pl.DataFrame, joining: pl.DataFrame, links: pl.DataFrame, nodes: int
) -> tuple[pl.DataFrame, pl.Series]:
    """Return each record's anchor value, and the root of every value's component.

    A record is only the edges between its values: each joins the smallest one.
    """
    held = met.join(joining.select("value"), on="value", how="semi")
    held = held.select("record", "value").unique()
    anchored = held.group_by("record").agg(anchor=pl.col("value").min())
    spokes = held.join(anchored, on="record").select(a="anchor", b="value")
    chosen = joining["value"].implode()
    both = pl.col("value").is_in(chosen) & pl.col("to_value").is_in(chosen)
    merges = links.filter(both).select(a="value", b="to_value")
    edges = pl.concat([spokes.filter(pl.col("a") != pl.col("b")).unique(), merges])
    return anchored, components(nodes, edges["a"], edges["b"])


def _customers(
    met: pl.DataFrame, values: pl.DataFrame, links: pl.DataFrame
) -> pl.Series:
    """Return the customer_id of every value; null where it was cut."""
    trusted = values.filter(pl.col("cut").is_null())
    _, roots = _joined(met, trusted, links, values.height)
    seen = pl.col("first_seen_at").dt.to_string("iso:strict").fill_null("never")
    name = pl.concat_str([seen, "pseudonym", "kind", "namespace"], separator="|")
    rooted = trusted.select(root=roots.gather(trusted["value"]), name=name)
    first = rooted.group_by("root").agg(pl.col("name").min()).sort("name")
    first = first.with_columns(customer_id=digests("c_", first["name"]))

    by_value = pl.DataFrame({"value": values["value"], "root": roots}).with_columns(
        root=pl.when(values["cut"].is_null()).then("root")
    )
    named = by_value.join(first, on="root", how="left", maintain_order="left")
    return named["customer_id"]


def _counted(met: pl.DataFrame, values: pl.DataFrame) -> pl.Series:
    """Return in how many records each value was met."""
    counts = met.group_by("value").agg(records=pl.col("record").n_unique())
    counted = values.join(counts, on="value", how="left", maintain_order="left")
    return counted["records"].fill_null(0)


def _owned(
    met: pl.DataFrame,
    values: pl.DataFrame,
    owners: pl.DataFrame,
    rules: IdentityRules,
) -> pl.DataFrame:
    """Return the table `owners` of `Identified`."""
    shared = pl.col("cut").is_in(["shared_email", "shared_address"]).any()
    flagged = pl.col("flag").is_not_null().any()
    found = (
        met.join(values.select("value", "cut", "flag", "customer_id"), on="value")
        .group_by("record")
        .agg(pl.col("customer_id").min(), shared=shared, flagged=flagged)
    )
    why = (
        pl.when(pl.col("customer_id").is_not_null())
        .then(None)
        .when("shared")
        .then(pl.lit("shared_identifier"))
        .when("flagged")
        .then(pl.lit("flagged"))
        .otherwise(pl.lit("no_identifier"))
    )
    return (
        owners.join(found, on="record", how="left")
        .select(*OWNER, "customer_id", unidentified=why)
        .sort(OWNER)
    )


def _described(
    met: pl.DataFrame, values: pl.DataFrame, owners: pl.DataFrame
) -> pl.DataFrame:
    known = values.filter(pl.col("customer_id").is_not_null())
    sources = (
        met.select("value", "source")
        .unique()
        .join(known.select("value", "customer_id"), on="value")
        .group_by("customer_id")
        .agg(sources=pl.col("source").n_unique())
    )
    described = known.group_by("customer_id").agg(
        first_seen_at=pl.col("first_seen_at").min(),
        last_seen_at=pl.col("last_seen_at").max(),
        identifiers=pl.len(),
    )
    whole = described.join(sources, on="customer_id", how="left")
    counted = whole.with_columns(pl.col("sources").fill_null(0))
    return conform(counted.sort("customer_id"), "customers")


def _listed(values: pl.DataFrame) -> pl.DataFrame:
    return conform(values, "identifiers").sort(VALUE)
