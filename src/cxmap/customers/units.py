"""Units of more than one person: all people of an account or household."""

from dataclasses import replace

import polars as pl

from cxmap.customers.evidence import OWNER
from cxmap.customers.identify import Identified
from cxmap.customers.listing import NEVER
from cxmap.graph import NODE, components
from cxmap.ids import digests
from cxmap.options import IdentityRules
from cxmap.tables import conform

ACCOUNT = ("namespace", "pseudonym")


def in_units(
    people: Identified, identifiers: pl.DataFrame, *, rules: IdentityRules
) -> Identified:
    """Return `people` in which whoever shares an account is one customer.

    Customers whose records hold the same account_id (`identifiers`:
    identifier_records), flagged nowhere, form a unit, and so do those whom a chain of
    accounts holds together; a record without a person belongs to the unit of its
    account. Neither an account nor a chain of more people than `rules.account_cap`
    makes a unit. A person of no account is a unit of one, and keeps the own id. The
    accounts join the table identifiers, which says of those that make no unit why.
    With the unit `person` all stays as it is.
    """
    if rules.unit == "person":
        return people
    held = _held(people, identifiers)
    accounts = _cut(held, _accounts(held), rules.account_cap)
    named = _named(accounts)
    units = accounts.join(named, on="unit", how="left")
    belongs = held.join(units.select(*ACCOUNT, "unit_id"), on=ACCOUNT)
    belongs = belongs.drop_nulls("unit_id")
    owners = _owned(people.owners, belongs)

    return replace(
        people,
        owners=owners,
        customers=_described(people, belongs, owners),
        identifiers=_listed(people, belongs, units),
    )


def _held(people: Identified, identifiers: pl.DataFrame) -> pl.DataFrame:
    """Return which record, and so which person, holds which account."""
    rows = identifiers.filter(pl.col("kind") == "account_id").select(
        *OWNER, pl.col("namespace").fill_null(""), "pseudonym", "flag", "seen_at"
    )
    return rows.join(people.owners.select(*OWNER, "customer_id"), on=OWNER, how="left")


def _accounts(held: pl.DataFrame) -> pl.DataFrame:
    """Return each account: its people, flag, records and times."""
    return held.group_by(ACCOUNT).agg(
        people=pl.col("customer_id").drop_nulls().unique().sort(),
        cut=pl.col("flag").min(),
        records=pl.struct(OWNER).n_unique().cast(pl.Int64),
        first_seen_at=pl.col("seen_at").min(),
        last_seen_at=pl.col("seen_at").max(),
    )


def _cut(held: pl.DataFrame, accounts: pl.DataFrame, cap: int) -> pl.DataFrame:
    """Add `unit` by number, and to `cut` what holds more people together than `cap`."""
    whole = pl.col("cut").is_null()
    many = whole & (pl.col("people").list.len() > cap)
    marked = accounts.with_columns(cut=_large(many)).sort(ACCOUNT)
    placed = marked.with_columns(unit=_units(marked))
    people = placed.drop_nulls("unit").select("unit", "people").explode("people")
    sizes = people.group_by("unit").agg(size=pl.col("people").n_unique())
    chains = placed.join(sizes, on="unit", how="left")
    long = whole & (pl.col("size") > cap)

    return chains.with_columns(
        unit=pl.when(long.fill_null(value=False)).then(None).otherwise("unit"),
        cut=_large(long.fill_null(value=False)),
    ).drop("size")


def _large(many: pl.Expr) -> pl.Expr:
    return pl.when(many).then(pl.lit("large_account")).otherwise("cut")


def _units(accounts: pl.DataFrame) -> pl.Series:
    """Return the number of the unit of each account; null where it was cut."""
    numbered = accounts.with_row_index("account").filter(pl.col("cut").is_null())
    pairs = numbered.select("account", "people").explode("people").drop_nulls()
    names = pairs.select("people").unique().sort("people").with_row_index("person")
    edges = pairs.join(names, on="people")
    person = edges["person"].cast(NODE) + accounts.height
    roots = components(
        accounts.height + names.height, edges["account"].cast(NODE), person
    )
    free = accounts["cut"].is_null()
    unit = pl.DataFrame({"root": roots.head(accounts.height), "free": free})

    return unit.select(pl.when("free").then("root")).to_series()


def _named(accounts: pl.DataFrame) -> pl.DataFrame:
    """Return unit and unit_id: a digest of the account that was seen first."""
    since = pl.col("first_seen_at").dt.epoch("s").fill_null(NEVER)
    known = accounts.drop_nulls("unit").with_columns(since=since)
    first = known.sort("unit", "since", "pseudonym", "namespace").unique(
        "unit", keep="first", maintain_order=True
    )
    parts = [pl.col("since").cast(pl.String()), "pseudonym", "namespace"]
    content = first.select(content=pl.concat_str(parts, separator="|"))["content"]

    return first.select("unit").with_columns(unit_id=digests("a_", content))


def _owned(owners: pl.DataFrame, belongs: pl.DataFrame) -> pl.DataFrame:
    of_person = belongs.drop_nulls("customer_id").select("customer_id", "unit_id")
    of_person = of_person.unique("customer_id")
    own = belongs.group_by(OWNER).agg(own_id=pl.col("unit_id").min())
    placed = owners.join(
        of_person, on="customer_id", how="left", maintain_order="left"
    ).join(own, on=OWNER, how="left", maintain_order="left")
    unit = pl.coalesce("unit_id", "customer_id", "own_id")
    why = pl.when(pl.col("own_id").is_null()).then("unidentified")

    return placed.select(*OWNER, customer_id=unit, unidentified=why)


def _described(
    people: Identified, belongs: pl.DataFrame, owners: pl.DataFrame
) -> pl.DataFrame:
    """Return the table customers, its rows now units."""
    whose = belongs.drop_nulls("customer_id").select("customer_id", "unit_id").unique()
    known = people.customers.join(whose, on="customer_id", how="left").with_columns(
        customer_id=pl.coalesce("unit_id", "customer_id")
    )
    nameless = belongs.select(
        customer_id="unit_id",
        first_seen_at="seen_at",
        last_seen_at="seen_at",
        identifiers=pl.lit(0, pl.Int64),
    )
    columns = nameless.columns
    told = pl.concat([known.select(columns), nameless])
    units = told.group_by("customer_id").agg(
        pl.col("first_seen_at").min(),
        pl.col("last_seen_at").max(),
        pl.col("identifiers").sum(),
    )
    met_in = owners.drop_nulls("customer_id").group_by("customer_id")
    sources = met_in.agg(sources=pl.col("source").n_unique().cast(pl.Int64))

    return conform(units.join(sources, on="customer_id", how="left"), "customers").sort(
        "customer_id"
    )


def _listed(
    people: Identified, belongs: pl.DataFrame, units: pl.DataFrame
) -> pl.DataFrame:
    """Return the table identifiers: those of people, and accounts."""
    whose = belongs.drop_nulls("customer_id").select("customer_id", "unit_id").unique()
    own = people.identifiers.join(whose, on="customer_id", how="left").with_columns(
        customer_id=pl.coalesce("unit_id", "customer_id")
    )
    accounts = units.with_columns(kind=pl.lit("account_id"), customer_id="unit_id")
    listed = [conform(own, "identifiers"), conform(accounts, "identifiers")]

    return pl.concat(listed).sort("pseudonym", "kind", "namespace")
