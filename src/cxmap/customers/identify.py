"""Identifiers become customers: components of the graph of records and identifiers."""

from dataclasses import dataclass

import polars as pl

from cxmap.customers.evidence import OWNER, VALUE
from cxmap.customers.hands import Hands, hands, with_merged
from cxmap.customers.listing import described, listed, named, owned, placed
from cxmap.customers.parting import Joined, parting
from cxmap.customers.shared import shared_addresses, shared_emails
from cxmap.graph import NODE, components
from cxmap.names import ADDRESSES, BY_HAND, KEYS
from cxmap.options import IdentityRules

CENTRAL = (*KEYS, BY_HAND, "email")
"""What makes the groups that other addresses meet."""

COUNTED = (*KEYS, "email", "phone", "social_handle")
"""Of what one person has few; browsers come and go."""


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
    contacts: pl.Series | None = None,
) -> Identified:
    """Return who is who.

    `identifiers` has a row for each identifier of each record (tables
    identifier_records: owner, source, owner_id, kind, namespace, pseudonym, flag,
    seen_at); `identity_links` are explicit merges (tables identity_link_records);
    `contacts` the contact_ids that rules made by hand may name, beside those that
    hold an identifier. A value flagged anywhere joins nobody anywhere. Shared values
    are found before anything is joined, all at once, so the result depends on no
    order.
    """
    told = with_merged(identifiers, rules.by_hand, contacts)
    met, values, owners = _coded(told, identity_links)
    ruled = hands(rules.by_hand, met, values, owners)
    links = pl.concat([_linked(identity_links, values), ruled.merged])
    values = _cut(met, values, links, rules, ruled)
    values = _bounded(met, values, links, rules)
    values = _parted(met, values, links, ruled)
    owners = placed(met, values, owners)
    names = named(values)

    return Identified(
        owners=owned(owners, names),
        customers=described(values, owners, names),
        identifiers=listed(met, values, names),
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
        told.filter(pl.col("kind").is_in([*KEYS, *ADDRESSES, BY_HAND]))
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
    met: pl.DataFrame,
    values: pl.DataFrame,
    links: pl.DataFrame,
    rules: IdentityRules,
    ruled: Hands,
) -> pl.DataFrame:
    """Add `cut`: why a value joins nobody."""
    values = _marked(values.with_columns(cut=pl.col("flag")), ruled.cut, "manual")
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
    central = values["kind"].is_in(CENTRAL)
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


def _bounded(
    met: pl.DataFrame, values: pl.DataFrame, links: pl.DataFrame, rules: IdentityRules
) -> pl.DataFrame:
    """Add `person` by number; of whom is too large to be one only keys join."""
    values = values.with_columns(person=_people(met, values, links))
    few = values.filter(pl.col("kind").is_in(COUNTED)).drop_nulls("person")
    sizes = few.group_by("person").agg(size=pl.len())
    large = sizes.filter(pl.col("size") > (rules.largest or values.height))
    if large.is_empty():
        return values
    theirs = values.filter(pl.col("kind").is_in(ADDRESSES))
    addresses = theirs.join(large, on="person", how="semi")["value"]
    values = _marked(values, addresses, "too_large")

    return values.with_columns(person=_people(met, values, links))


def _parted(
    met: pl.DataFrame, values: pl.DataFrame, links: pl.DataFrame, ruled: Hands
) -> pl.DataFrame:
    """Cut what holds those together who are kept apart by hand."""
    if not ruled.apart:
        return values
    trusted = values["cut"].is_null()
    anchors, _ = _joined(met, trusted, links)
    both = trusted.gather(links["value"]) & trusted.gather(links["to_value"])
    known = Joined(
        met=met.filter(trusted.gather(met["value"])).select("record", "value"),
        merged=links.filter(both),
        values=values,
        person_of_record=values["person"].gather(anchors),
        person_of_value=values["person"],
    )
    apart = pl.Series(parting(known, ruled.apart), dtype=NODE)
    values = _marked(values, apart, "apart")

    return values.with_columns(person=_people(met, values, links))


def _people(met: pl.DataFrame, values: pl.DataFrame, links: pl.DataFrame) -> pl.Series:
    """Return the person of every value, by number; null where it was cut."""
    trusted = values["cut"].is_null()
    _, roots = _joined(met, trusted, links)
    return pl.select(pl.when(trusted).then(roots)).to_series()
