"""Accounts and households as units beside people, against a plain graph."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import networkx as nx
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cxmap.customers.identify import Identified, identify
from cxmap.customers.units import in_units
from cxmap.options import IdentityRules
from cxmap.tables import schema

START = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNTS = IdentityRules(unit="account")


def identifiers(*records: str) -> pl.DataFrame:
    """Return the rows of records 0, 1 … such as `email=e1 account_id=a!malformed`."""
    rows = []
    for number, record in enumerate(records):
        for word in record.split():
            kind, value = word.split("=")
            name, _, flag = value.partition("!")
            seen = START + timedelta(days=number)
            owner = ("contact", "s" if number % 2 else "t", str(number))
            rows.append((*owner, kind, "", name, flag or None, seen))
    names = ["owner", "source", "owner_id", "kind", "namespace", "pseudonym", "flag"]
    space = {n: schema("identifier_records")[n] for n in [*names, "seen_at"]}
    return pl.DataFrame(rows, schema=space, orient="row")


def met(*records: str, rules: IdentityRules = ACCOUNTS) -> Identified:
    rows = identifiers(*records)
    linked = ["kind", "namespace", "pseudonym", "to_pseudonym", "seen_at"]
    links = pl.DataFrame(schema={n: schema("identity_link_records")[n] for n in linked})
    return in_units(identify(rows, links, rules=rules), rows, rules=rules)


def units(found: Identified) -> str:
    known = found.owners.drop_nulls("customer_id")
    parts = known.sort("owner_id").group_by("customer_id").agg("owner_id")
    return " | ".join(sorted(" ".join(part) for part in parts["owner_id"]))


def test_colleagues_are_one_unit_and_two_people() -> None:
    records = ("email=e1 account_id=a", "email=e2 account_id=a", "email=e1", "email=e3")

    assert units(met(*records)) == "0 1 2 | 3"
    assert units(met(*records, rules=IdentityRules())) == "0 2 | 1 | 3"


def test_a_person_of_no_account_keeps_the_own_id() -> None:
    found = met("email=e1", "email=e2 account_id=a").owners["customer_id"].to_list()

    assert found[0] == identify_alone("email=e1")
    assert [name[:2] for name in found] == ["c_", "a_"]


def identify_alone(record: str) -> str:
    return str(met(record).owners["customer_id"][0])


def test_a_contact_that_names_the_account_alone_belongs_to_it() -> None:
    found = met(
        "account_id=a phone=p!withheld", "email=e1 account_id=a", "account_id=b"
    )

    assert units(found) == "0 1 | 2"
    assert found.owners["unidentified"].to_list() == [None] * 3
    assert found.customers["identifiers"].sort().to_list() == [0, 1]


def test_a_person_of_two_accounts_joins_them() -> None:
    chain = ("email=e1 account_id=a", "email=e2 account_id=a", "email=e2 account_id=b")

    assert units(met(*chain, "email=e3 account_id=b")) == "0 1 2 3"


def test_a_flagged_account_joins_nobody() -> None:
    records = ("email=e1 account_id=a", "email=e2 account_id=a!placeholder")
    found = met(*records)

    assert units(found) == "0 | 1"
    accounts = found.identifiers.filter(kind="account_id")
    assert accounts.select("customer_id", "cut").rows() == [(None, "placeholder")]


def test_an_account_of_too_many_people_joins_nobody_and_is_told() -> None:
    records = [f"email=e{n} account_id=a" for n in range(3)]
    rules = replace(ACCOUNTS, account_cap=2)

    assert units(met(*records[:2], rules=rules)) == "0 1"
    found = met(*records, "account_id=a", rules=rules)
    assert units(found) == "0 | 1 | 2"
    accounts = found.identifiers.filter(kind="account_id")
    assert accounts.select("customer_id", "cut").rows() == [(None, "large_account")]


def test_a_chain_of_accounts_of_too_many_people_joins_nobody() -> None:
    chain = [f"email=e{n} account_id=a{n} account_id=a{n + 1}" for n in range(5)]
    rules = replace(ACCOUNTS, account_cap=4)

    assert units(met(*chain, rules=rules)) == "0 | 1 | 2 | 3 | 4"
    assert units(met(*chain[:4], rules=rules)) == "0 1 2 3"


def test_orders_make_no_unit() -> None:
    assert units(met("email=e1 order_number=o", "email=e2 order_number=o")) == "0 | 1"


def test_nobody_is_no_unit() -> None:
    assert met().customers.is_empty()


def test_an_account_lists_whose_it_is() -> None:
    found = met("email=e1 account_id=a", "email=e2 account_id=a", "email=e2")

    unit = found.customers["customer_id"].item()
    assert set(found.identifiers["customer_id"]) == {unit}
    assert found.identifiers.filter(kind="account_id")["records"].to_list() == [2]
    assert found.customers.select("identifiers", "sources").rows() == [(2, 2)]
    assert found.customers["last_seen_at"].item() == START + timedelta(days=2)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_units_are_the_components_of_people_and_accounts(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    kinds = ["email=e", "email=e", "account_id=a", "account_id=a", "phone=p"]
    size = dice.choice([3, 9])
    records = [
        " ".join(
            f"{dice.choice(kinds)}{dice.randrange(size)}"
            for _ in range(dice.randrange(1, 4))
        )
        for _ in range(dice.randrange(1, 16))
    ]
    people = met(*records, rules=IdentityRules()).owners
    whose = dict(people.select("owner_id", "customer_id").iter_rows())
    graph: nx.Graph[str] = nx.Graph()
    for number, record in enumerate(records):
        person = whose[str(number)]
        if person is not None:
            graph.add_edge(str(number), person)
        accounts = [word for word in record.split() if word.startswith("account")]
        # A contact without a person belongs to one of its accounts, and joins none.
        for account in accounts if person else accounts[:1]:
            graph.add_edge(str(number), account)

    found = met(*records)
    if all(whose.values()):
        parts = [
            sorted(node for node in part if node.isdigit())
            for part in nx.connected_components(graph)
        ]
        assert units(found) == " | ".join(sorted(" ".join(part) for part in parts))
    again = met(*records)
    assert_frame_equal(found.owners, again.owners)
    unknown = found.owners.filter(pl.col("customer_id").is_null())
    assert unknown["unidentified"].null_count() == 0
    for number in unknown["owner_id"]:
        assert "account" not in records[int(number)]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32))
def test_the_order_of_rows_means_nothing(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    records = [
        f"email=e{dice.randrange(6)} account_id=a{dice.randrange(6)}" for _ in range(8)
    ]
    rows = identifiers(*records)
    shuffled = rows.sample(rows.height, shuffle=True, seed=seed % 2**31)
    links = pl.DataFrame(schema=schema("identity_link_records"))
    once, again = (
        in_units(identify(held, links, rules=ACCOUNTS), held, rules=ACCOUNTS)
        for held in (rows, shuffled)
    )

    assert_frame_equal(once.owners.sort("owner_id"), again.owners.sort("owner_id"))
    assert_frame_equal(once.customers, again.customers)
    assert_frame_equal(once.identifiers, again.identifiers)
