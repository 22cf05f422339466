"""Why a customer is one person: records, identifiers, and what holds them."""

from dataclasses import dataclass

import polars as pl

from cxmap.customers.audit import named_articulations, named_bridges
from cxmap.customers.bridges import weak_points
from cxmap.customers.evidence import LINK, OWNER, VALUE, Evidence, evidence
from cxmap.customers.hands import rules_about, with_rules
from cxmap.customers.untrusted import meetings, shared
from cxmap.names import BY_HAND
from cxmap.options import IdentityRules

BRIDGED = ("near", "far")


@dataclass(frozen=True)
class Provenance:
    """One customer, and every reason for it."""

    records: pl.DataFrame
    """source, owner, owner_id, seen_at, identifiers, by: its records, earliest first;
    by identifier, by hand (`manual`), or, without any of its identifiers, through
    the `case` or contact it refers to."""
    identifiers: pl.DataFrame
    """kind, namespace, pseudonym, first_seen_at, last_seen_at, records."""
    edges: pl.DataFrame
    """source, owner, owner_id, kind, namespace, pseudonym, seen_at, bridge, near,
    far: which record holds which identifier; the kind `manual` is held by contacts
    that a rule merged, and the owner `manual` is that rule; near and far count the
    contacts on the identifier's side and on the other, where the edge is a bridge."""
    links: pl.DataFrame
    """source, kind, namespace, pseudonym, to_pseudonym, seen_at, bridge, near, far:
    the explicit merges."""
    splits: pl.DataFrame
    """kind, namespace, pseudonym, parts, contacts, rest: what would split it."""
    cut: pl.DataFrame
    """kind, namespace, pseudonym, cut, records, contacts, external_ids, customers,
    stranded: identifiers its records hold that join nobody, and whom they met."""
    rules: pl.DataFrame
    """rule, people, because: what a rule file says of any of its contacts and
    identifiers; rule is merge, apart or cut."""


def provenance(
    customer_id: str,
    held: pl.DataFrame,
    links: pl.DataFrame,
    listed: pl.DataFrame,
    contacts: pl.DataFrame,
    *,
    rules: IdentityRules,
) -> Provenance:
    """Return why the customer is one person.

    `held` (identifier_records) and `links` (identity_link_records) are what people
    were identified by under `rules`, `listed` (identifiers) and `contacts` what came
    of it. Of `held` the rows that `around` leaves suffice.
    """
    own = listed.filter(pl.col("customer_id") == customer_id)
    told = with_rules(held, rules.by_hand, contacts["contact_id"], listed)
    known = evidence(told, links, own)
    weak = weak_points(known)
    bridges = named_bridges(weak, known).drop("customer_id")
    cut = _cut(held, links, listed, contacts, known)
    mine = pl.col("customer_id") == customer_id
    theirs = contacts.filter(mine)["contact_id"]
    met = own.select(VALUE)
    return Provenance(
        records=_records(customer_id, known, contacts),
        identifiers=own.filter(pl.col("kind") != BY_HAND)
        .select(*VALUE, "first_seen_at", "last_seen_at", "records")
        .sort("first_seen_at", *VALUE, nulls_last=True),
        edges=_edges(known, bridges),
        links=_links(links, known, bridges),
        splits=named_articulations(weak, known).drop("customer_id"),
        cut=cut,
        rules=rules_about(rules.by_hand, theirs, pl.concat([met, cut.select(VALUE)])),
    )


def around(customer_id: str, held: pl.LazyFrame, listed: pl.DataFrame) -> pl.LazyFrame:
    """Return the rows of `held` that tell of one customer.

    They are the rows of its records, and of every record that holds an identifier
    these hold. `held` (identifier_records), `listed` (identifiers).
    """
    own = listed.filter(pl.col("customer_id") == customer_id)["pseudonym"]
    theirs = held.filter(pl.col("pseudonym").is_in(own.implode())).select(OWNER)
    values = held.join(theirs.unique(), on=OWNER, how="semi").select("pseudonym")
    meeting = held.join(values.unique(), on="pseudonym", how="semi").select(OWNER)
    return held.join(meeting.unique(), on=OWNER, how="semi")


def _records(customer_id: str, known: Evidence, contacts: pl.DataFrame) -> pl.DataFrame:
    kinds = known.values.select("value", own=pl.col("kind") != BY_HAND)
    met = (
        known.edges.join(kinds, on="value")
        .group_by("record")
        .agg(
            pl.col("seen_at").min(),
            identifiers=pl.col("own").sum().cast(pl.Int64),
            manual=(~pl.col("own")).any(),
        )
    )
    said = ~pl.col("owner").is_in([LINK, BY_HAND])
    proved = known.records.join(met, on="record").filter(said)
    theirs = contacts.filter(pl.col("customer_id") == customer_id).select(
        pl.lit("contact").alias("owner"),
        "source",
        pl.col("source_contact_id").alias("owner_id"),
        seen_at="started_at",
    )
    heirs = theirs.join(proved, on=OWNER, how="anti")
    by_hand = pl.col("manual") & (pl.col("identifiers") == 0)
    by = pl.when(by_hand).then(pl.lit("manual")).otherwise(pl.lit("identifier"))
    whole = pl.concat(
        [
            proved.select(*OWNER, "seen_at", "identifiers", by=by),
            heirs.with_columns(identifiers=pl.lit(0, pl.Int64), by=pl.lit("case")),
        ],
    )
    order = ["seen_at", "source", "owner", "owner_id"]
    return whole.sort(order, nulls_last=True).select(
        "source", "owner", "owner_id", "seen_at", "identifiers", "by"
    )


def _edges(known: Evidence, bridges: pl.DataFrame) -> pl.DataFrame:
    held = known.edges.join(known.records, on="record").join(known.values, on="value")
    own = held.filter(pl.col("owner") != LINK).select(*OWNER, *VALUE, "seen_at")
    weak = bridges.filter(pl.col("owner") != LINK).drop("to_pseudonym")
    told = own.join(weak, on=[*OWNER, *VALUE], how="left").with_columns(
        bridge=pl.col("near").is_not_null()
    )
    return told.select(
        "source", "owner", "owner_id", *VALUE, "seen_at", "bridge", *BRIDGED
    ).sort("seen_at", "source", "owner", "owner_id", *VALUE, nulls_last=True)


def _links(links: pl.DataFrame, known: Evidence, bridges: pl.DataFrame) -> pl.DataFrame:
    """Return the explicit merges of the customer's identifiers, whichever end first."""
    ends = ["source", *VALUE, "to_pseudonym"]
    onto = ["kind", "namespace", "to_pseudonym"]
    theirs = known.values.with_columns(to_pseudonym="pseudonym")
    spaced = links.with_columns(pl.col("namespace").fill_null(""))
    mine = spaced.join(theirs, on=VALUE, how="semi").join(theirs, on=onto, how="semi")
    low = pl.min_horizontal("pseudonym", "to_pseudonym")
    high = pl.max_horizontal("pseudonym", "to_pseudonym")
    own = mine.with_columns(low=low, high=high)
    pair = ["source", "kind", "namespace", "low", "high"]
    weak = bridges.filter(pl.col("owner") == LINK).select(
        "source", "kind", "namespace", *BRIDGED, low=low, high=high
    )
    told = own.join(weak, on=pair, how="left")
    return (
        told.select(*ends, "seen_at", *BRIDGED, bridge=pl.col("near").is_not_null())
        .unique()
        .sort("seen_at", *ends, nulls_last=True)
        .select(*ends, "seen_at", "bridge", *BRIDGED)
    )


def _cut(
    held: pl.DataFrame,
    links: pl.DataFrame,
    listed: pl.DataFrame,
    contacts: pl.DataFrame,
    known: Evidence,
) -> pl.DataFrame:
    """Return the cut identifiers of the customer's records, with all whom they met."""
    spaced = held.with_columns(pl.col("namespace").fill_null(""))
    theirs = spaced.join(known.records, on=OWNER, how="semi").select(VALUE)
    near = listed.join(theirs.unique(), on=VALUE, how="semi")
    met = spaced.join(near, on=VALUE, how="semi").select(OWNER)
    there = spaced.join(met.unique(), on=OWNER, how="semi")
    people = listed.join(there.select(VALUE).unique(), on=VALUE, how="semi")
    everyone = evidence(there, links, people)
    return shared(meetings(there, near, contacts, everyone), there)
