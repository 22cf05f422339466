"""What contacts refer to: every case, chain or contact named is a group of contacts."""

from types import MappingProxyType

import polars as pl

SAYS = MappingProxyType({"merged_into": "merged", "transferred_from": "transfer"})
"""What a reference says of the hop between two contacts; all others: same_case."""

NO_LINK = ("related_to",)
"""References that only say that two contacts have something in common: many people
may suffer from one problem, and none of them becomes another for it."""


def memberships(contacts: pl.DataFrame, references: pl.DataFrame) -> pl.DataFrame:
    """Return at, group, name and says: which explicit groups contacts belong to.

    `at` is the row of `contacts` (contact_id, case_id), `name` what is referred to
    as `namespace:number`, `group` a number of its own for each name. A contact
    belongs to its case, to whatever it refers to (`references`: source,
    source_contact_id, kind, to_source, to_id), and to the group that bears its own
    contact_id (there `says` is null; a contact that names itself says
    nothing). Groups of one contact are left out.
    """
    numbers = contacts.select("contact_id").with_row_index("at")
    cases = contacts.select("case_id").with_row_index("at").drop_nulls()
    in_case = cases.select("at", name="case_id", says=pl.lit("same_case"))

    links = pl.col("to_id").is_not_null() & ~pl.col("kind").is_in(NO_LINK)
    referring = references.filter(links).select(
        contact_id=pl.concat_str("source", pl.lit(":"), "source_contact_id"),
        name=pl.concat_str(
            pl.coalesce("to_source", "source"), pl.lit(":"), pl.col("to_id")
        ),
        says=_says(),
    )
    others = referring.filter(pl.col("contact_id") != pl.col("name"))
    referred = others.join(numbers, on="contact_id").select("at", "name", "says")

    named = pl.concat([in_case, referred])
    own = named.select(contact_id="name").unique().join(numbers, on="contact_id")
    own = own.select("at", name="contact_id", says=pl.lit(None, pl.String()))
    members = pl.concat([named, own])
    spread = members.group_by("name").agg(
        several=pl.col("at").min() < pl.col("at").max()
    )
    groups = spread.filter("several").select("name").with_row_index("group")
    return members.join(groups, on="name").select("at", "group", "name", "says")


def _says() -> pl.Expr:
    kind = pl.col("kind")
    says = pl.lit("same_case")
    for name, word in SAYS.items():
        says = pl.when(kind == name).then(pl.lit(word)).otherwise(says)

    return says
