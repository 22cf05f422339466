"""Identifiers become customers: components of the graph of records and identifiers."""

from dataclasses import dataclass

import polars as pl

from cxmap.customers.shared import shared_addresses, shared_emails
from cxmap.graph import NODE, components
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
    owners = _placed(met, values, owners)
    names = _names(values)

    return Identified(
        owners=_owned(owners, names),
        customers=_described(values, owners, names),
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
    told = pl.concat([rows.select(*VALUE, "flag", "seen_at"), linked])
    values = _values(told.with_row_index("row"))
    named = rows.select(OWNER).with_row_index("row")
    owners = named.group_by(OWNER, maintain_order=True).agg("row")
    owners = owners.with_columns(record=pl.int_range(pl.len(), dtype=NODE))
    met = pl.DataFrame(
        {
            "record": _numbers(owners, "record", told.height),
            "value": _numbers(values, "value", told.height),
            "seen_at": told["seen_at"],
        }
    )
    met = met.drop_nulls(["record", "value"]).unique()
    return met, values.drop("row"), owners.drop("row")


def _values(told: pl.DataFrame) -> pl.DataFrame:
    """Return the different values that can be a person's, numbered, with their rows."""
    return (
        told.filter(pl.col("kind").is_in([*KEYS, *ADDRESSES]))
        .group_by(VALUE)
        .agg(
            "row",
            flag=pl.col("flag").min(),
            first_seen_at=pl.col("seen_at").min(),
            last_seen_at=pl.col("seen_at").max(),
        )
        .with_columns(value=pl.int_range(pl.len(), dtype=NODE))
    )


def _numbers(groups: pl.DataFrame, name: str, rows: int) -> pl.Series:
    """Return for each row the number of the group that lists it, else null."""
    listed = groups.select(name, "row").explode("row")
    nowhere = pl.repeat(None, rows, dtype=NODE, eager=True)
    return nowhere.scatter(listed["row"], listed[name])


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
    trusted = values["cut"].is_null()
    central = values["kind"].is_in([*KEYS, "email"])
    anchors, roots = _joined(met, trusted & central, links)
    group = roots.gather(anchors)
    outer = met.filter((trusted & ~central).gather(met["value"]))
    meetings = outer.select(
        "value",
        "seen_at",
        kind=values["kind"].gather(outer["value"]),
        group=group.gather(outer["record"]),
    )
    core = values.filter(trusted & central)
    holds = core.select(group=roots.gather(core["value"]), kind="kind").unique()
    return meetings.drop_nulls("group").unique(), holds


def _joined(
    met: pl.DataFrame, joining: pl.Series, links: pl.DataFrame
) -> tuple[pl.Series, pl.Series]:
    """Return each record's anchor value, and the root of every value's component.

    `joining` tells which values join. A record is only the edges between its
    values: each joins one of them, whichever it is.
    """
    held = met.filter(joining.gather(met["value"]))
    records = met.select(pl.col("record").max() + 1).item() or 0
    none = pl.repeat(None, records, dtype=NODE, eager=True)
    anchors = none.scatter(held["record"], held["value"])
    spokes = pl.DataFrame({"a": anchors.gather(held["record"]), "b": held["value"]})
    both = joining.gather(links["value"]) & joining.gather(links["to_value"])
    merges = links.filter(both).select(a="value", b="to_value")
    edges = pl.concat([spokes, merges])
    return anchors, components(joining.len(), edges["a"], edges["b"])


def _people(met: pl.DataFrame, values: pl.DataFrame, links: pl.DataFrame) -> pl.Series:
    """Return the person of every value, by number; null where it was cut."""
    trusted = values["cut"].is_null()
    _, roots = _joined(met, trusted, links)
    return pl.select(pl.when(trusted).then(roots)).to_series()


def _names(values: pl.DataFrame) -> pl.Series:
    """Return the customer_id of each person, at the person's number."""
    since = pl.col("first_seen_at").dt.epoch("s").fill_null(NEVER)
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


def _placed(
    met: pl.DataFrame, values: pl.DataFrame, owners: pl.DataFrame
) -> pl.DataFrame:
    """Add to `owners` their person by number, and whether they hold cut values."""
    person = values["person"].gather(met["value"])
    cut = values["cut"].is_in(["shared_email", "shared_address"])
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


def _owned(owners: pl.DataFrame, names: pl.Series) -> pl.DataFrame:
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


def _described(
    values: pl.DataFrame, owners: pl.DataFrame, names: pl.Series
) -> pl.DataFrame:
    people = (
        values.drop_nulls("person")
        .group_by("person")
        .agg(
            first_seen_at=pl.col("first_seen_at").min(),
            last_seen_at=pl.col("last_seen_at").max(),
            identifiers=pl.len(),
        )
    )
    met_in = owners.select("person", "source").drop_nulls("person").unique()
    sources = met_in.group_by("person").agg(sources=pl.len())
    whole = people.join(sources, on="person", how="left")
    described = whole.with_columns(
        pl.col("sources").fill_null(0), customer_id=names.gather(whole["person"])
    )
    return conform(described.sort("customer_id"), "customers")


def _listed(met: pl.DataFrame, values: pl.DataFrame, names: pl.Series) -> pl.DataFrame:
    held = met.select("record", "value").unique().group_by("value").agg(n=pl.len())
    none = pl.repeat(0, values.height, dtype=NODE, eager=True)
    listed = values.with_columns(
        records=none.scatter(held["value"], held["n"].cast(NODE)),
        customer_id=names.gather(values["person"]),
    )
    return conform(listed, "identifiers").sort("pseudonym", "kind", "namespace")
