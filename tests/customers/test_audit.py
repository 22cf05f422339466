"""The audit of identity and why one customer is one, against plain counting."""

import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.byhand import ByHand, Rule
from cxmap.customers.audit import Audit, audit
from cxmap.customers.identify import Identified, identify
from cxmap.customers.provenance import around, provenance
from cxmap.options import IdentityRules
from cxmap.tables import schema

START = datetime(2026, 1, 1, tzinfo=UTC)
VALUE = ("kind", "namespace", "pseudonym")
OWNER = ("owner", "source", "owner_id")

seeds = st.integers(0, 2**32)


class Case:
    """Records drawn at random, and what was identified of them."""

    def __init__(self, seed: int, by_hand: ByHand | None = None) -> None:
        dice = random.Random(seed)  # noqa: S311
        size = dice.choice([3, 6])
        rows = []
        for number in range(dice.randrange(25)):
            owner = dice.choice(["contact", "contact", "contact", "customer"])
            seen = START + timedelta(days=dice.randrange(30))
            for _ in range(dice.randrange(1, 4)):
                kind = dice.choice(["external_id", "email", "email", "phone", "phone"])
                flag = dice.choice([None] * 12 + ["withheld"])
                value = f"{kind[:2]}{dice.randrange(size)}"
                rows.append((owner, "s", str(number), kind, "", value, flag, seen))
        names = [*OWNER, *VALUE, "flag", "seen_at"]
        space = {name: schema("identifier_records")[name] for name in names}
        self.rows = rows
        self.held = pl.DataFrame(rows, schema=space, orient="row")
        pairs = [
            ("s", "external_id", "", f"ex{dice.randrange(size)}", "ex9", START)
            for _ in range(dice.randrange(2))
        ]
        names = ["source", *VALUE, "to_pseudonym", "seen_at"]
        space = {name: schema("identity_link_records")[name] for name in names}
        self.links = pl.DataFrame(pairs, schema=space, orient="row")
        self.rules = IdentityRules(by_hand=by_hand or ByHand())
        self.contacts_held = sorted({r[2] for r in rows if r[0] == "contact"}, key=int)
        self.contacts_held += ["900", "901"]
        self.found: Identified = identify(
            self.held,
            self.links,
            rules=self.rules,
            contacts=pl.Series([f"s:{number}" for number in self.contacts_held]),
        )
        self.contacts = self._contacts(dice)

    def _contacts(self, dice: random.Random) -> pl.DataFrame:
        owners = self.found.owners.filter(owner="contact")
        whose = {row["owner_id"]: row for row in owners.iter_rows(named=True)}
        none = {"customer_id": None, "unidentified": "no_identifier"}
        return pl.DataFrame(
            [
                {
                    "contact_id": f"s:{number}",
                    "source": "s",
                    "source_contact_id": number,
                    "customer_id": whose.get(number, none)["customer_id"],
                    "unidentified": whose.get(number, none)["unidentified"],
                    "channel": dice.choice(["voice", "email"]),
                    "inbound": dice.random() < 0.8,
                    "started_at": START,
                }
                for number in self.contacts_held
            ],
            schema_overrides={"customer_id": pl.String, "unidentified": pl.String},
        )

    def audit(self) -> Audit:
        listed = self.found.identifiers
        return audit(self.held, self.links, listed, self.contacts, rules=self.rules)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_coverage_counts_every_inbound_contact_once(seed: int) -> None:
    case = Case(seed)
    expected = Counter(
        (row["channel"], row["unidentified"] or "identified")
        for row in case.contacts.iter_rows(named=True)
        if row["inbound"]
    )

    for row in case.audit().coverage.iter_rows(named=True):
        names = ("identified", "no_identifier", "shared_identifier", "flagged")
        assert {n: row[n] for n in names} == {
            n: expected[row["channel"], n] for n in names
        }
        assert row["contacts"] == sum(row[n] for n in names)
    assert case.audit().coverage["contacts"].sum() == sum(expected.values())


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_every_customer_is_counted_by_its_size(seed: int) -> None:
    case = Case(seed)
    found = case.audit()

    customers = case.found.customers
    own = dict(customers.select("customer_id", "identifiers").iter_rows())
    sizes = found.sizes.select("identifiers", "customers")
    assert dict(sizes.iter_rows()) == Counter(own.values())
    biggest = found.biggest.select("customer_id", "identifiers", "records", "contacts")
    whose = dict(case.found.owners.select("owner_id", "customer_id").iter_rows())
    inbound = case.contacts.filter("inbound")["customer_id"].to_list()
    assert {row[0]: row[1:] for row in biggest.iter_rows()} == {
        customer: (
            count,
            sum(one == customer for one in whose.values()),
            inbound.count(customer),
        )
        for customer, count in own.items()
    }
    assert biggest["identifiers"].to_list() == sorted(own.values(), reverse=True)


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_what_joins_nobody_says_whom_it_met(seed: int) -> None:
    case = Case(seed)
    cut = {
        (row["kind"], row["pseudonym"]): row["cut"]
        for row in case.found.identifiers.iter_rows(named=True)
        if row["cut"]
    }
    whose = {
        (owner, number): customer
        for owner, _, number, customer, _ in case.found.owners.iter_rows()
    }
    met: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    external: dict[tuple[str, str], set[str]] = defaultdict(set)
    for owner, _, number, kind, _, value, flag, _ in case.rows:
        met[kind, value].add((owner, number))
        if kind == "external_id" and flag is None:
            external[owner, number].add(value)

    found = case.audit().shared

    assert found.height == len(cut)
    for row in found.iter_rows(named=True):
        records = met[row["kind"], row["pseudonym"]]
        contacts = [record for record in records if record[0] == "contact"]
        assert row["cut"] == cut[row["kind"], row["pseudonym"]]
        assert row["records"] == len(records)
        assert row["contacts"] == len(contacts)
        assert row["customers"] == len({whose[r] for r in records} - {None})
        assert row["stranded"] == sum(whose[record] is None for record in contacts)
        assert row["external_ids"] == len({x for r in records for x in external[r]})


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_what_is_lost_is_counted_by_what_it_held(seed: int) -> None:
    case = Case(seed)
    found = case.audit()
    channels = dict(case.contacts.select("source_contact_id", "channel").iter_rows())
    unknown = case.contacts.filter(pl.col("customer_id").is_null())
    lost = set(unknown["source_contact_id"])
    cut = {
        (row["kind"], row["pseudonym"]): row["cut"]
        for row in case.found.identifiers.iter_rows(named=True)
    }
    expected: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for owner, _, number, kind, _, value, _, _ in case.rows:
        if owner == "contact" and number in lost:
            expected[channels[number], kind, cut[kind, value]].add(number)

    assert {row[:3]: row[3] for row in found.lost.drop("source").iter_rows()} == {
        key: len(numbers) for key, numbers in expected.items()
    }


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_one_customer_is_told_whole_and_from_its_own_rows_alone(seed: int) -> None:
    case = Case(seed)
    listed = case.found.identifiers
    for customer in case.found.customers["customer_id"]:
        near = around(customer, case.held.lazy(), listed).collect()
        whole, part = (
            provenance(
                customer, held, case.links, listed, case.contacts, rules=case.rules
            )
            for held in (case.held, near)
        )
        for name in whole.__dataclass_fields__:
            assert getattr(whole, name).equals(getattr(part, name)), name
        trusted = {
            (row["kind"], row["pseudonym"])
            for row in listed.iter_rows(named=True)
            if row["customer_id"] == customer
        }
        expected = {
            (owner, number, kind, value)
            for owner, _, number, kind, _, value, _, _ in case.rows
            if (kind, value) in trusted
        }
        edges = whole.edges.select("owner", "owner_id", "kind", "pseudonym")
        assert set(edges.iter_rows()) == expected
        assert edges.height == len(expected)
        records = whole.records.select("owner", "owner_id")
        assert set(records.iter_rows()) == {edge[:2] for edge in expected}
        weak = case.audit().bridges.filter(customer_id=customer).height
        assert whole.edges["bridge"].sum() + whole.links["bridge"].sum() == weak
        theirs = {record[:2] for record in expected}
        dark = {
            (kind, value)
            for owner, _, number, kind, _, value, _, _ in case.rows
            if (owner, number) in theirs and (kind, value) not in trusted
        }
        assert set(whole.cut.select("kind", "pseudonym").iter_rows()) == dark
        shared = case.audit().shared
        assert whole.cut.equals(
            shared.join(whole.cut, on=VALUE, how="semi", maintain_order="left")
        )


def test_what_was_merged_by_hand_says_so() -> None:
    rule = Rule(("s:900", "s:901"), "one voice")
    case = Case(1, ByHand(merge=(rule,)))
    whose = dict(case.contacts.select("contact_id", "customer_id").iter_rows())
    assert whose["s:900"] == whose["s:901"] is not None

    told = provenance(
        whose["s:900"],
        case.held,
        case.links,
        case.found.identifiers,
        case.contacts,
        rules=case.rules,
    )

    assert told.records["by"].to_list() == ["manual", "manual"]
    assert told.edges["kind"].unique().to_list() == ["manual"]
    assert told.identifiers.is_empty()
    assert told.rules.rows() == [("merge", ["s:900", "s:901"], "one voice")]


@pytest.mark.parametrize("named", ["s:7", "email emaaaaaa"])
def test_rules_about_others_are_not_told(named: str) -> None:
    rules = ByHand(merge=(Rule(("s:900", "s:901")),), cut=(Rule((named,)),))
    case = Case(1, rules)
    whose = dict(case.contacts.select("contact_id", "customer_id").iter_rows())
    told = provenance(
        str(whose["s:900"]),
        case.held,
        case.links,
        case.found.identifiers,
        case.contacts,
        rules=case.rules,
    )

    assert told.rules["rule"].to_list() == ["merge"]


def test_who_inherited_a_contact_through_its_case_is_told() -> None:
    case = Case(4)
    customer = case.found.customers["customer_id"][0]
    heir = (pl.col("contact_id") == "s:900") | (pl.col("customer_id") == customer)
    contacts = case.contacts.with_columns(
        customer_id=pl.when(heir).then(pl.lit(customer)).otherwise("customer_id")
    )
    told = provenance(
        customer,
        case.held,
        case.links,
        case.found.identifiers,
        contacts,
        rules=case.rules,
    )

    by = dict(told.records.select("owner_id", "by").iter_rows())
    assert by.pop("900") == "case"
    assert set(by.values()) == {"identifier"}


def test_nobody_has_an_empty_audit() -> None:
    nothing = Case(0).held.clear()
    links = pl.DataFrame(schema=schema("identity_link_records"))
    rules = IdentityRules()
    listed = identify(nothing, links, rules=rules).identifiers
    contacts = pl.DataFrame(schema=schema("contacts"))

    found = audit(nothing, links, listed, contacts, rules=rules)

    for name in found.__dataclass_fields__:
        assert getattr(found, name).is_empty(), name
