"""Unidentified contacts that explicitly belong to a known customer's contacts."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from cxmap.graph import components
from cxmap.references import memberships


@dataclass(frozen=True)
class Inherited:
    """Contacts after inheritance, and the references that join nobody."""

    contacts: pl.DataFrame
    """The contacts in their order, customer_id and unidentified filled anew."""
    conflicts: pl.DataFrame
    """contact_id, customer_id, group: contacts that meet in one case, chain or
    contact referred to, and yet belong to different customers; customer_id is
    null for the unidentified among them."""


def inherit(
    contacts: pl.DataFrame, references: pl.DataFrame, *, apart: Iterable[str] = ()
) -> Inherited:
    """Return `contacts` in which the unidentified take the customer they refer to.

    Unidentified contacts that hang together by references or cases inherit if all
    the known contacts they reach are one customer's. Where they reach several,
    nobody inherits and nothing is joined. Nor do those inherit that a rule made by
    hand keeps `apart` (contact_ids) from somebody.
    """
    known = contacts.select("customer_id").with_row_index("at")
    members = memberships(contacts, references).join(known, on="at")
    bound = _bound(members, contacts.height)
    reach = _customers_of(bound)
    heirs = bound.filter(pl.col("customer_id").is_null())
    heirs = heirs.join(reach.filter(pl.col("customers") == 1), on="cluster")
    barred = known.filter(contacts["contact_id"].is_in(sorted(apart))).select("at")
    heirs = (
        heirs.select("at", inherited="heir").unique().join(barred, on="at", how="anti")
    )

    filled = (
        contacts.with_row_index("at")
        .join(heirs, on="at", how="left", maintain_order="left")
        .with_columns(
            customer_id=pl.coalesce("customer_id", "inherited"),
            unidentified=pl.when(pl.col("inherited").is_null()).then("unidentified"),
        )
        .drop("at", "inherited")
    )
    return Inherited(filled, _conflicts(filled, members))


def _bound(members: pl.DataFrame, contacts: int) -> pl.DataFrame:
    """Return the memberships with `cluster`: groups tied by unidentified contacts.

    Known contacts tie nothing together: a customer's two cases stay two.
    """
    groups = members["group"].n_unique()
    stranger = members.filter(pl.col("customer_id").is_null())
    roots = components(contacts + groups, stranger["at"], contacts + stranger["group"])
    return members.with_columns(cluster=roots.gather(contacts + members["group"]))


def _customers_of(bound: pl.DataFrame) -> pl.DataFrame:
    known = bound.filter(pl.col("customer_id").is_not_null())
    return known.group_by("cluster").agg(
        customers=pl.col("customer_id").n_unique(), heir=pl.col("customer_id").min()
    )


def _conflicts(contacts: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Return the members of groups, or of tied groups, that span customers."""
    now = contacts.select("contact_id", "customer_id").with_row_index("at")
    members = members.select("at", "group", "name").join(now, on="at")
    bound = _bound(members, contacts.height)
    split = _customers_of(bound).filter(pl.col("customers") > 1)
    disputed = bound.join(split, on="cluster", how="semi")
    return (
        disputed.select("contact_id", "customer_id", group="name")
        .unique()
        .sort("group", "contact_id")
    )
