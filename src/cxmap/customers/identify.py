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

NEVER = 1 << 40
"""In place of the time a value was first seen, where no record says it."""


@dataclass(frozen=True)
class Identified:
    """Who is who."""

    owners: pl.DataFrame
    """owner, source, owner_id, customer_id, unidentified: each record's person, or
    why there is none (flagged, shared_identifier, no_identifier); in the order in
    which the records were first named."""
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
    values = values.with_columns(person=_people(met, values, links))
    names = _names(values)

    return Identified(
        owners=_owned(met, values, owners, names),
        customers=_described(met, values, owners, names),
        identifiers=_listed(met, values, names),
    )


def _coded(
    identifiers: pl.DataFrame, identity_links: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return who met what by number (met: record, value, seen_at), values, records."""
    space = pl.col("namespace").fill_null("")
    rows = identifiers.select(*OWNER, *VALUE, "flag", "seen_at").with_columns(space)
    linked = pl.concat(
        identity_links.select(
            "kind",
            space,
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
    owners = rows.select(OWNER).unique(maintain_order=True).with_row_index("record")
    met = (
        rows.join(owners, on=OWNER)
        .join(values.select(*VALUE, "value"), on=VALUE)
        .select("record", "value", "seen_at")
        .unique()
    )
    return met, values, owners


def _linked(identity_links: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    """Return the explicit merges (value, to_value) of values that are trusted."""
    trusted = values.filter(pl.col("flag").is_null()).select(*VALUE, "value")
    onto = trusted.rename({"pseudonym": "to_pseudonym", "value": "to_value"})
    return (
        identity_links.with_columns(pl.col("namespace").fill_null(""))
        .join(trusted, on=VALUE)
        .join(onto, on=["kind", "namespace", "to_pseudonym"])
        .select("value", "to_value")
        .unique()
    )


def _cut(
    met: pl.DataFrame, values: pl.DataFrame, links: pl.DataFrame, rules: IdentityRules
) -> pl.DataFrame:
    """Add `cut`: why a value joins nobody."""
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
    held = held.select("record", "value")
    anchored = held.group_by("record").agg(anchor=pl.col("value").min())
    spokes = held.join(anchored, on="record").select(a="anchor", b="value")
    chosen = joining["value"].implode()
    both = pl.col("value").is_in(chosen) & pl.col("to_value").is_in(chosen)
    merges = links.filter(both).select(a="value", b="to_value")
    edges = pl.concat([spokes, merges])
    return anchored, components(nodes, edges["a"], edges["b"])


def _people(met: pl.DataFrame, values: pl.DataFrame, links: pl.DataFrame) -> pl.Series:
    """Return the person of every value, by number; null where it was cut."""
    cut = values["cut"]
    _, roots = _joined(met, values.filter(cut.is_null()), links, values.height)
    person = pl.when(cut.is_null()).then(roots.gather(values["value"]))
    return pl.select(person).to_series()


def _names(values: pl.DataFrame) -> pl.Series:
    """Return the customer_id of each person, at the person's number."""
    known = values.filter(pl.col("person").is_not_null())
    since = pl.col("first_seen_at").dt.epoch("s").fill_null(NEVER)
    earliest = known.group_by("person").agg(since=since.min())
    first = known.with_columns(since=since).join(earliest, on=["person", "since"])
    content = [pl.col("since").cast(pl.String()), "pseudonym", "kind", "namespace"]
    told = first.select("person", content=pl.concat_str(content, separator="|"))
    told = told.group_by("person").agg(pl.col("content").min())

    nameless = pl.repeat(None, values.height, dtype=pl.String(), eager=True)
    return nameless.scatter(told["person"], digests("c_", told["content"]))


def _owned(
    met: pl.DataFrame, values: pl.DataFrame, owners: pl.DataFrame, names: pl.Series
) -> pl.DataFrame:
    """Return the table `owners` of `Identified`."""
    told = values.select(
        "value",
        "person",
        shared=pl.col("cut").is_in(["shared_email", "shared_address"]),
        flagged=pl.col("flag").is_not_null(),
    )
    found = (
        met.select("record", "value")
        .join(told, on="value")
        .group_by("record")
        .agg(pl.col("person").min(), pl.col("shared").any(), pl.col("flagged").any())
    )
    why = (
        pl.when(pl.col("person").is_not_null())
        .then(None)
        .when("shared")
        .then(pl.lit("shared_identifier"))
        .when("flagged")
        .then(pl.lit("flagged"))
        .otherwise(pl.lit("no_identifier"))
    )
    owned = owners.join(found, on="record", how="left", maintain_order="left")
    return owned.select(
        *OWNER, customer_id=names.gather(owned["person"]), unidentified=why
    )


def _described(
    met: pl.DataFrame, values: pl.DataFrame, owners: pl.DataFrame, names: pl.Series
) -> pl.DataFrame:
    known = values.filter(pl.col("person").is_not_null())
    people = known.group_by("person").agg(
        first_seen_at=pl.col("first_seen_at").min(),
        last_seen_at=pl.col("last_seen_at").max(),
        identifiers=pl.len(),
    )
    sources = (
        met.select("record", "value")
        .join(owners.select("record", "source"), on="record")
        .join(known.select("value", "person"), on="value")
        .select("person", "source")
        .unique()
        .group_by("person")
        .agg(sources=pl.len())
    )
    whole = people.join(sources, on="person", how="left")
    described = whole.with_columns(
        pl.col("sources").fill_null(0), customer_id=names.gather(whole["person"])
    )
    return conform(described.sort("customer_id"), "customers")


def _listed(met: pl.DataFrame, values: pl.DataFrame, names: pl.Series) -> pl.DataFrame:
    held = met.select("record", "value").unique().group_by("value")
    listed = values.join(held.agg(records=pl.len()), on="value", how="left")
    listed = listed.with_columns(
        pl.col("records").fill_null(0), customer_id=names.gather(listed["person"])
    )
    return conform(listed, "identifiers").sort("pseudonym", "kind", "namespace")
