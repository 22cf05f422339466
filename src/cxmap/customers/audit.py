"""The audit of who is who: how much is known, and where it could be wrong."""

from dataclasses import dataclass

import polars as pl

from cxmap.customers.bridges import Weak, weak_points
from cxmap.customers.evidence import LINK, OWNER, VALUE, Evidence, evidence
from cxmap.customers.hands import with_rules
from cxmap.customers.untrusted import lost, meetings, shared
from cxmap.names import BY_HAND
from cxmap.options import IdentityRules

PLACE = ("source", "channel")
REASONS = ("no_identifier", "shared_identifier", "flagged")


@dataclass(frozen=True)
class Audit:
    """What an analyst checks before believing any number about customers."""

    coverage: pl.DataFrame
    """source, channel, contacts, identified, no_identifier, shared_identifier,
    flagged: inbound contacts, and of how many the customer is known, or why not."""
    sizes: pl.DataFrame
    """identifiers, customers, contacts: how many have how many identifiers."""
    biggest: pl.DataFrame
    """customer_id, identifiers, records, contacts, sources, bridges, most
    identifiers first."""
    bridges: pl.DataFrame
    """customer_id, source, owner, owner_id, kind, namespace, pseudonym, to_pseudonym,
    near, far: edges whose loss leaves at least two contacts on both sides. The owner
    `link` is an explicit merge of two identifiers, the second in to_pseudonym; the
    owner `manual` a rule made by hand. near counts the contacts on the identifier's
    side; most at stake first."""
    articulations: pl.DataFrame
    """customer_id, kind, namespace, pseudonym, parts, contacts, rest: identifiers
    whose loss leaves several parts of at least two contacts; contacts in the biggest
    part, rest in all others."""
    shared: pl.DataFrame
    """kind, namespace, pseudonym, cut, records, contacts, external_ids, customers,
    stranded: identifiers that join nobody, and why; whom they met, and how many
    contacts they leave without a customer."""
    lost: pl.DataFrame
    """source, channel, kind, cut, contacts: contacts left without a customer, by
    what they hold; one with several counts for each."""


def audit(
    held: pl.DataFrame,
    links: pl.DataFrame,
    listed: pl.DataFrame,
    contacts: pl.DataFrame,
    *,
    rules: IdentityRules,
) -> Audit:
    """Return the audit of all customers.

    `held` (identifier_records) and `links` (identity_link_records) are what people
    were identified by under `rules`, `listed` (identifiers) and `contacts` what came
    of it.
    """
    told = with_rules(held, rules.by_hand, contacts["contact_id"], listed)
    known = evidence(told, links, listed)
    weak = weak_points(known)
    bridges = named_bridges(weak, known)
    met = meetings(held, listed, contacts, known)
    return Audit(
        coverage=coverage(contacts),
        sizes=_sizes(known, contacts),
        biggest=_biggest(known, contacts, bridges),
        bridges=bridges,
        articulations=named_articulations(weak, known),
        shared=shared(met, held),
        lost=lost(met),
    )


def coverage(contacts: pl.DataFrame) -> pl.DataFrame:
    """Return the table `coverage` of `Audit`."""
    unknown = pl.col("customer_id").is_null()
    why = {
        reason: (unknown & (pl.col("unidentified") == reason)).sum()
        for reason in REASONS
    }
    counted = (
        contacts.filter("inbound")
        .group_by(PLACE)
        .agg(contacts=pl.len(), identified=(~unknown).sum(), **why)
    )
    return _whole(counted).sort(PLACE)


def named_bridges(weak: Weak, known: Evidence) -> pl.DataFrame:
    """Return the table `bridges` of `Audit`."""
    named = weak.bridges.join(known.records, on="record").join(known.values, on="value")
    ends = named.join(_other_ends(named, known), on=["record", "value"], how="left")
    merge = pl.col("owner") == LINK
    twice = merge & (pl.col("pseudonym") > pl.col("to_pseudonym"))
    listed = ends.filter(~twice.fill_null(value=False)).with_columns(
        owner_id=pl.when(~merge).then("owner_id"),
        stake=pl.min_horizontal("near", "far"),
    )
    order = ["customer_id", *VALUE, *OWNER, "to_pseudonym"]
    ranked = listed.sort(
        "stake", *order, descending=[True] + [False] * len(order), nulls_last=True
    )
    return ranked.select("customer_id", *OWNER, *VALUE, "to_pseudonym", "near", "far")


def _other_ends(named: pl.DataFrame, known: Evidence) -> pl.DataFrame:
    """Return record, value, to_pseudonym: the second identifier of each merge."""
    merges = named.filter(pl.col("owner") == LINK).select("record", "value")
    pseudonyms = known.values.select(other="value", to_pseudonym="pseudonym")
    others = known.edges.select("record", other="value").join(pseudonyms, on="other")
    both = merges.join(others, on="record").filter(pl.col("value") != pl.col("other"))
    return both.select("record", "value", "to_pseudonym")


def named_articulations(weak: Weak, known: Evidence) -> pl.DataFrame:
    """Return the table `articulations` of `Audit`."""
    named = weak.articulations.join(known.values, on="value")
    order = ["customer_id", *VALUE]
    return named.sort("rest", *order, descending=[True] + [False] * len(order)).select(
        "customer_id", *VALUE, "parts", "contacts", "rest"
    )


def _counted(known: Evidence, contacts: pl.DataFrame) -> pl.DataFrame:
    """Return customer_id, identifiers and contacts of everybody."""
    met = known.values.filter(pl.col("kind") != BY_HAND)
    own = met.group_by("customer_id").agg(identifiers=pl.len())
    theirs = contacts.filter("inbound").group_by("customer_id").agg(contacts=pl.len())
    return own.join(theirs, on="customer_id", how="left").with_columns(
        pl.col("contacts").fill_null(0)
    )


def _sizes(known: Evidence, contacts: pl.DataFrame) -> pl.DataFrame:
    by_size = _counted(known, contacts).group_by("identifiers")
    sizes = by_size.agg(customers=pl.len(), contacts=pl.col("contacts").sum())
    return _whole(sizes).sort("identifiers")


def _biggest(
    known: Evidence, contacts: pl.DataFrame, bridges: pl.DataFrame
) -> pl.DataFrame:
    records = known.edges.select("record", "customer_id").unique()
    said = known.records.filter(~pl.col("owner").is_in([LINK, BY_HAND]))
    met = records.join(said, on="record")
    met_in = met.group_by("customer_id").agg(
        records=pl.len(), sources=pl.col("source").n_unique()
    )
    weak = bridges.group_by("customer_id").agg(bridges=pl.len())
    counted = _counted(known, contacts)
    for more in (met_in, weak):
        counted = counted.join(more, on="customer_id", how="left")
    names = ["identifiers", "records", "contacts", "sources", "bridges"]
    told = counted.select("customer_id", *(pl.col(name).fill_null(0) for name in names))
    order = ["identifiers", "records", "customer_id"]
    return _whole(told).sort(order, descending=[True, True, False])


def _whole(counted: pl.DataFrame) -> pl.DataFrame:
    """Return the table with its counts as the dictionary has them."""
    return counted.cast({pl.UInt32: pl.Int64})
