"""Who is who, against a plain-Python reading of the rules and networkx."""

import random
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

import networkx as nx
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from cxmap.customers.identify import Identified, identify
from cxmap.options import IdentityRules
from cxmap.tables import schema

START = datetime(2020, 1, 1, tzinfo=UTC)
KEYS = ("source_customer_id", "external_id")
ADDRESSES = ("email", "phone", "device", "anonymous_id", "social_handle")

Value = tuple[str, str, str]
Record = tuple[str, str, str]


@dataclass(frozen=True)
class Held:
    """One identifier of one record."""

    record: Record
    value: Value
    flag: str | None
    seen_at: datetime | None


@dataclass(frozen=True)
class Drawn:
    held: list[Held]
    merged: list[tuple[Value, Value, datetime]]
    rules: IdentityRules


def draw(seed: int) -> Drawn:
    dice = random.Random(seed)  # noqa: S311
    size = dice.choice([3, 6, 10])
    held = []
    for number in range(dice.randrange(40)):
        source = dice.choice("ab")
        record = (dice.choice(["contact", "customer"]), source, str(number))
        months = dice.choice([0, 0, 1, 30, 60])
        seen = START + timedelta(days=30 * months + dice.randrange(20))
        held += [
            Held(
                record,
                draw_value(dice, size, source),
                dice.choice([None] * 25 + ["placeholder", "withheld"]),
                dice.choice([seen] * 9 + [None]),
            )
            for _ in range(dice.randrange(1, 4))
        ]
    values = sorted({one.value for one in held})
    pairs = [
        (one, (one[0], one[1], dice.choice(values)[2]), START)
        for one in (dice.sample(values, min(len(values), 2)) if size > 3 else [])
    ]
    rules = IdentityRules(
        level=dice.choice(["strict", "normal", "normal", "normal", "loose"]),
        email_cap=dice.choice([1, 2]),
        caps={"phone": dice.choice([2, 4]), "device": 2, "social_handle": 2},
        apart=timedelta(days=730),
        weak_evidence=dice.random() < 0.7,
    )
    return Drawn(held, pairs, rules)


def draw_value(dice: random.Random, size: int, source: str) -> Value:
    kind = dice.choice([*KEYS, *ADDRESSES, "email", "phone", "phone", "account_id"])
    spaced = kind in ("source_customer_id", "social_handle")
    return kind, source if spaced else "", f"{kind[0]}{dice.randrange(size)}"


def run(drawn: Drawn) -> Identified:
    columns = ["owner", "source", "owner_id", "kind", "namespace", "pseudonym"]
    columns += ["flag", "seen_at"]
    rows = [(*one.record, *one.value, one.flag, one.seen_at) for one in drawn.held]
    links = [(*one, other[2], seen_at) for one, other, seen_at in drawn.merged]
    linked = ["kind", "namespace", "pseudonym", "to_pseudonym", "seen_at"]
    return identify(
        pl.DataFrame(rows, schema=typed("identifier_records", columns), orient="row"),
        pl.DataFrame(
            links, schema=typed("identity_link_records", linked), orient="row"
        ),
        rules=drawn.rules,
    )


def typed(table: str, names: list[str]) -> dict[str, pl.DataType]:
    return {name: schema(table)[name] for name in names}


def cuts(drawn: Drawn) -> dict[Value, str]:
    """Why each value joins nobody, by the rules read one after the other."""
    cut: dict[Value, str] = {}
    for one in drawn.held:
        if one.flag is not None:
            cut[one.value] = min(one.flag, cut.get(one.value, one.flag))
    rules = drawn.rules
    met: dict[Record, set[Value]] = defaultdict(set)
    for one in drawn.held:
        if one.value not in cut and one.value[0] in (*KEYS, *ADDRESSES):
            met[one.record].add(one.value)
    everything = {value for values in met.values() for value in values}
    everything |= {v for a, b, _ in drawn.merged for v in (a, b) if v not in cut}
    everything = {value for value in everything if value[0] != "account_id"}
    if rules.level == "strict":
        return cut | {v: "not_a_key" for v in everything if v[0] in ADDRESSES}

    merges = nx.Graph([(a, b) for a, b, _ in drawn.merged if not {a, b} & set(cut)])
    merges.add_nodes_from(everything)
    person = {
        value: min(part) for part in nx.connected_components(merges) for value in part
    }
    shared_emails = emails_shared(met, person, rules.email_cap)
    cut |= dict.fromkeys(shared_emails, "shared_email")
    group = core_groups(met, merges, cut)
    times: dict[Value, dict[int, list[datetime | None]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for one in drawn.held:
        outer = one.value[0] in ADDRESSES and one.value[0] != "email"
        if one.record in group and outer and one.value not in cut:
            times[one.value][group[one.record]].append(one.seen_at)
    kinds: dict[int, set[str]] = defaultdict(set)
    for node, number in group.items():
        if node not in met:
            kinds[number].add(node[0])
    shared = {v for v in times if is_shared(v, times, kinds, rules)}
    return cut | dict.fromkeys(shared, "shared_address")


def emails_shared(
    met: dict[Record, set[Value]], person: dict[Value, Value], cap: int
) -> set[Value]:
    """E-mails met with more than `cap` external ids, merged ones counted once."""
    with_email: dict[Value, set[Value]] = defaultdict(set)
    for values in met.values():
        for email in (value for value in values if value[0] == "email"):
            external = {person[v] for v in values if v[0] == "external_id"}
            with_email[email] |= external
    return {email for email, people in with_email.items() if len(people) > cap}


def core_groups(
    met: dict[Record, set[Value]], merges: nx.Graph, cut: dict[Value, str]
) -> dict[Value | Record, int]:
    """The number of the component of keys and e-mails that each node is in."""
    core = nx.Graph(merges.subgraph(v for v in merges if central(v) and v not in cut))
    for record, values in met.items():
        for value in values:
            if central(value) and value not in cut:
                core.add_edge(record, value)
    return {
        node: number
        for number, part in enumerate(nx.connected_components(core))
        for node in part
    }


def central(value: Value) -> bool:
    return value[0] in (*KEYS, "email")


def is_shared(
    value: Value,
    times: dict[Value, dict[int, list[datetime | None]]],
    kinds: dict[int, set[str]],
    rules: IdentityRules,
) -> bool:
    groups = set(times[value])
    if len(groups) > rules.caps.get(value[0], 10**9):
        return True
    if rules.level == "loose":
        return False
    for one, other in combinations(sorted(groups), 2):
        if all("external_id" in kinds[group] for group in (one, other)):
            return True
        own = all(
            "email" in kinds[group]
            or any(v[0] == "phone" and set(times[v]) == {group} for v in times)
            for group in (one, other)
        )
        if rules.weak_evidence and own:
            return True
        gaps = [
            abs(a - b)
            for a in times[value][one]
            for b in times[value][other]
            if a is not None and b is not None
        ]
        if gaps and min(gaps) > rules.apart:
            return True
    return False


def people(drawn: Drawn, cut: dict[Value, str]) -> list[set[Value | Record]]:
    graph = nx.Graph()
    for one in drawn.held:
        if one.value[0] in (*KEYS, *ADDRESSES) and one.value not in cut:
            graph.add_edge(one.record, one.value)
    for a, b, _ in drawn.merged:
        for value in (a, b):
            if value not in cut:
                graph.add_node(value)
        if not {a, b} & set(cut) and {a[0], b[0]} <= {*KEYS, *ADDRESSES}:
            graph.add_edge(a, b)
    return list(nx.connected_components(graph))


seeds = st.integers(0, 2**32)


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_customers_are_the_components_left_after_the_cuts(seed: int) -> None:
    drawn = draw(seed)
    cut = cuts(drawn)
    held = {one.record for one in drawn.held}
    expected = {frozenset(part & held) for part in people(drawn, cut) if part & held}

    found = run(drawn).owners.drop_nulls("customer_id")

    records = defaultdict(set)
    for *record, customer, _ in found.iter_rows():
        records[customer].add(tuple(record))
    assert {frozenset(part) for part in records.values()} == expected


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_every_identifier_says_whose_it_is_or_why_it_was_cut(seed: int) -> None:
    drawn = draw(seed)
    cut = cuts(drawn)

    found = run(drawn).identifiers

    for row in found.iter_rows(named=True):
        value = (row["kind"], row["namespace"], row["pseudonym"])
        assert row["cut"] == cut.get(value)
        assert (row["customer_id"] is None) == (value in cut)
        records = {one.record for one in drawn.held if one.value == value}
        assert row["records"] == len(records)
    assert "account_id" not in found["kind"]


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_who_is_left_unidentified_says_why(seed: int) -> None:
    drawn = draw(seed)
    cut = cuts(drawn)
    flagged = {one.value for one in drawn.held if one.flag is not None}

    for *record, customer, why in run(drawn).owners.iter_rows():
        values = {one.value for one in drawn.held if one.record == tuple(record)}
        personal = {value for value in values if value[0] != "account_id"}
        if personal - set(cut):
            assert customer is not None
            assert why is None
            continue
        shared = any(cut[value].startswith("shared") for value in personal)
        expected = (
            "shared_identifier"
            if shared
            else "flagged"
            if personal & flagged
            else "no_identifier"
        )
        assert (customer, why) == (None, expected)


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_no_order_of_rows_changes_anything(seed: int) -> None:
    drawn = draw(seed)
    dice = random.Random(seed)  # noqa: S311
    held = dice.sample(drawn.held, len(drawn.held))
    again = run(replace(drawn, held=held + held[:3], merged=drawn.merged[::-1]))

    once = run(drawn)
    key = ["owner", "source", "owner_id"]
    assert_frame_equal(again.owners.sort(key), once.owners.sort(key))
    assert_frame_equal(again.customers, once.customers)
    assert_frame_equal(again.identifiers, once.identifiers)
