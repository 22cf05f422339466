"""What an analyst says by hand: merges, splits and cuts, against plain graphs."""

import random
from datetime import UTC, datetime
from itertools import combinations

import networkx as nx
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.byhand import ByHand, Rule
from cxmap.customers.hands import findings
from cxmap.customers.identify import Identified, identify
from cxmap.customers.parting import WEAKEST_FIRST
from cxmap.options import IdentityRules
from cxmap.tables import schema

START = datetime(2026, 1, 1, tzinfo=UTC)
DIGITS, BACK = str.maketrans("0189", "wxyz"), str.maketrans("wxyz", "0189")
LETTERS = "abcdefghijklmnopqrstuvwxyz"

Graph = nx.Graph  # type: ignore[type-arg]

seeds = st.integers(0, 2**32)


def letters(word: str) -> str:
    """Return a pseudonym that begins with the word, in letters that those have."""
    return word.translate(DIGITS).ljust(26, "q")


def met(
    *records: str,
    merge: tuple[tuple[str, ...], ...] = (),
    apart: tuple[tuple[str, ...], ...] = (),
    cut: tuple[str, ...] = (),
    known: tuple[str, ...] = (),
    rules: IdentityRules | None = None,
) -> Identified:
    """Identify contacts s:0, s:1 … such as `email=e1 phone=p1`, under rules."""
    rows = [
        ("contact", "s", str(number), kind, "", letters(value), None, START)
        for number, record in enumerate(records)
        for kind, value in (word.split("=") for word in record.split())
    ]
    held = ["owner", "source", "owner_id", "kind", "namespace", "pseudonym", "flag"]
    linked = ["kind", "namespace", "pseudonym", "to_pseudonym", "seen_at"]
    given = rules or IdentityRules(level="loose", caps={}, email_cap=99)
    return identify(
        pl.DataFrame(
            rows,
            schema={n: schema("identifier_records")[n] for n in [*held, "seen_at"]},
            orient="row",
        ),
        pl.DataFrame(schema={n: schema("identity_link_records")[n] for n in linked}),
        rules=IdentityRules(
            level=given.level,
            caps=given.caps,
            email_cap=given.email_cap,
            largest=given.largest,
            by_hand=ByHand(
                merge=tuple(Rule(people) for people in merge),
                apart=tuple(Rule(people) for people in apart),
                cut=tuple(Rule((name,)) for name in cut),
            ),
        ),
        contacts=pl.Series([f"s:{n}" for n in range(len(records))] + list(known)),
    )


def people(found: Identified) -> str:
    known = found.owners.drop_nulls("customer_id")
    parts = known.sort("owner_id").group_by("customer_id").agg("owner_id")
    return " | ".join(sorted(" ".join(part) for part in parts["owner_id"]))


def cuts(found: Identified) -> dict[str, str]:
    joined = found.identifiers.drop_nulls("cut")
    words = joined.select(pl.col("pseudonym").str.head(2), "cut")
    return {word.translate(BACK): why for word, why in words.iter_rows()}


def test_contacts_that_share_nothing_are_one_person_if_a_rule_says_so() -> None:
    found = met("email=e1", "phone=p1", "email=e2", merge=(("s:0", "s:1"),))

    assert people(found) == "0 1 | 2"
    assert found.customers["identifiers"].sort().to_list() == [1, 2]


def test_a_contact_and_an_identifier_are_merged() -> None:
    rule = ("s:0", "phone " + letters("p1")[:8])

    assert people(met("email=e1", "phone=p1", "phone=p1", merge=(rule,))) == "0 1 2"


def test_identifiers_alone_are_merged() -> None:
    rule = (
        f"email {letters('e1')}",
        f"phone {letters('p1')}",
        f"email {letters('e9')}",
    )

    assert people(met("email=e1", "phone=p1", "email=e2", merge=(rule,))) == "0 1 | 2"


def test_chains_of_merges_are_one_person() -> None:
    chain = (("s:0", "s:1"), ("s:1", "s:2"), ("s:2", "s:3"))

    assert people(met(*["email=e0", "email=e1", "", "phone=p"], merge=chain)) == (
        "0 1 2 3"
    )


def test_a_contact_without_any_identifier_is_found_by_its_merge() -> None:
    found = met("email=e1", "", merge=(("s:0", "s:1"),))

    assert people(found) == "0 1"
    assert people(met("", "", merge=(("s:0", "s:1"),))) == "0 1"


def test_a_merge_with_a_contact_that_is_not_held_changes_nothing() -> None:
    merged = met("email=e1", "email=e2", merge=(("s:0", "t:7"),))

    assert people(merged) == "0 | 1"
    alone = met("email=e1", "email=e2")
    assert merged.customers["customer_id"].equals(alone.customers["customer_id"])


def test_a_merge_renames_nobody_but_the_later_one() -> None:
    before = met("email=e1", "email=e2").owners["customer_id"].to_list()
    after = met("email=e1", "email=e2", merge=(("s:0", "s:1"),)).owners["customer_id"]

    assert after[0] == after[1]
    assert after[0] in before


def test_external_ids_of_merged_contacts_count_once() -> None:
    three = [f"external_id=x{n} email=e1" for n in (1, 2, 3)]
    rules = IdentityRules()

    assert people(met(*three, "email=e1", rules=rules)) == "0 | 1 | 2"
    merged = met(*three, "email=e1", rules=rules, merge=(("s:0", "s:1"),))
    assert people(merged) == "0 1 2 3"


def test_an_identifier_cut_by_hand_joins_nobody() -> None:
    rule = (f"phone {letters('p1')[:8]}",)
    found = met("email=e1 phone=p1", "email=e2 phone=p1", "phone=p1", cut=rule)

    assert people(found) == "0 | 1"
    assert cuts(found) == {"p1": "manual"}
    assert found.owners["unidentified"].to_list()[2] == "shared_identifier"


def test_whom_one_phone_joins_the_phone_parts() -> None:
    found = met("email=e1 phone=p1", "email=e2 phone=p1", apart=(("s:0", "s:1"),))

    assert people(found) == "0 | 1"
    assert cuts(found) == {"p1": "apart"}


def test_of_equal_evidence_the_weaker_kind_goes() -> None:
    records = ("external_id=x1 email=e1", "email=e1 device=d1", "device=d1 email=e2")

    assert cuts(met(*records, apart=(("s:0", "s:2"),))) == {"d1": "apart"}


def test_fewest_identifiers_go_first() -> None:
    two = ("email=e1 phone=p1", "phone=p1 device=d1 device=d2", "device=d1 device=d2")
    found = met(*two, apart=(("s:0", "s:2"),))

    assert cuts(found) == {"p1": "apart"}


def test_an_identifier_that_is_an_end_itself_goes_last() -> None:
    phone = f"phone {letters('p1')}"

    chain = met("email=e1", "email=e1 phone=p1", apart=(("s:0", phone),))
    assert cuts(chain) == {"e1": "apart"}
    direct = met("email=e1 phone=p1", "phone=p1", apart=(("s:0", phone),))
    assert cuts(direct) == {"p1": "apart"}


def test_merges_stay_when_others_are_parted() -> None:
    found = met(
        "email=e1",
        "phone=p1",
        "email=e1",
        merge=(("s:0", "s:1"),),
        apart=(("s:0", "s:2"),),
    )

    assert people(found) == "0 1"
    assert cuts(found) == {"e1": "apart"}


def test_nobody_is_parted_who_is_two_already() -> None:
    found = met("email=e1", "email=e2", apart=(("s:0", "s:1"), ("s:0", "s:9")))

    assert cuts(found) == {}


def test_what_only_a_merge_holds_together_nothing_parts() -> None:
    """Contacts are merged under one name, and kept apart under another."""
    found = met(
        "email=e1",
        "email=e2",
        merge=(("s:0", f"email {letters('e2')}"),),
        apart=(("s:0", "s:1"),),
    )

    assert people(found) == "0"
    assert cuts(found) == {"e2": "apart"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("s:9", "nothing held is named so"),
        ("t:0", "nothing held is named so"),
        ("phone aaaaaaaa", "nothing held is named so"),
        ("email bbqqqqqq", "2 identifiers begin so; write more letters"),
    ],
)
def test_a_name_that_finds_nothing_or_several_is_told(name: str, said: str) -> None:
    found = met("email=b", "email=bb", "phone=p1")
    one, two = letters("bb"), letters("bbqqqqqqx")
    listed = found.identifiers.filter(pl.col("kind") == "email").with_columns(
        pseudonym=pl.Series([one, two])
    )
    contacts = pl.DataFrame({"contact_id": ["s:0"], "customer_id": ["c"]})
    rules = ByHand(cut=(Rule((name,)),), merge=(Rule(("s:0", name)),))

    assert list(findings(rules, contacts, listed)) == [f"{name}: {said}"]


def test_those_who_stay_one_person_are_told() -> None:
    contacts = pl.DataFrame({"contact_id": ["s:0", "s:1"], "customer_id": ["c", "c"]})
    rules = ByHand(apart=(Rule(("s:0", "s:1")),))
    told = list(findings(rules, contacts, met().identifiers))

    assert told == ["s:0 and s:1: still one person, by what was merged"]
    parted = contacts.with_columns(customer_id=pl.Series(["c", "d"]))
    assert list(findings(rules, parted, met().identifiers)) == []


def drawn(seed: int) -> tuple[list[str], tuple[str, str]]:
    """Return records and two contacts to keep apart, that hold different things."""
    dice = random.Random(seed)  # noqa: S311
    values = [
        f"{dice.choice(WEAKEST_FIRST)}={dice.choice('jklm')}{LETTERS[n]}"
        for n in range(dice.choice([3, 5, 7]))
    ]
    records = [
        " ".join(dice.sample(values, dice.choice([1, 2, 2, 3])))
        for _ in range(dice.randrange(2, 12))
    ]
    return records, ("s:0", "s:1")


def graph_of(records: list[str]) -> Graph:
    graph = Graph()
    for number, record in enumerate(records):
        graph.add_edges_from((f"s:{number}", word) for word in record.split())
    return graph


def rank(word: str) -> tuple[int, str]:
    kind, value = word.split("=")
    return WEAKEST_FIRST.index(kind), letters(value)


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_the_fewest_and_weakest_identifiers_part_two_contacts(seed: int) -> None:
    records, pair = drawn(seed)
    graph = graph_of(records)
    values = sorted((node for node in graph if "=" in node), key=rank)
    expected: set[str] = next(
        set(chosen)
        for size in range(len(values) + 1)
        for chosen in combinations(values, size)
        if not nx.has_path(graph.subgraph(set(graph) - set(chosen)), *pair)
    )

    found = met(*records, apart=(pair,))

    assert cuts(found) == {word.split("=")[1]: "apart" for word in expected}


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_merges_are_edges_of_the_graph_and_order_means_nothing(seed: int) -> None:
    records, _ = drawn(seed)
    dice = random.Random(seed)  # noqa: S311
    names = [f"s:{number}" for number in range(len(records))]
    graph = graph_of(records)
    names += [
        f"{kind} {letters(value)[:8]}"
        for kind, value in (word.split("=") for word in graph if "=" in word)
    ]
    merges = [tuple(dice.sample(names, 2)) for _ in range(dice.randrange(4))]
    nodes = {
        f"{kind} {letters(value)[:8]}": word
        for word in graph
        if "=" in word
        for kind, value in [word.split("=")]
    }
    graph.add_edges_from((nodes.get(a, a), nodes.get(b, b)) for a, b in merges)

    found = met(*records, merge=tuple(merges))
    again = met(*records, merge=tuple(tuple(sorted(m)) for m in merges[::-1]))

    parts = [
        sorted(node[2:] for node in part if ":" in node)
        for part in nx.connected_components(graph)
    ]
    whole = " | ".join(sorted(" ".join(part) for part in parts if part))
    assert people(found) == people(again) == whole


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_many_rules_at_once_part_everybody_in_any_order(seed: int) -> None:
    records, _ = drawn(seed)
    dice = random.Random(seed)  # noqa: S311
    names = [f"s:{number}" for number in range(len(records))]
    rules = [tuple(dice.sample(names, 2)) for _ in range(3)]

    found = met(*records, apart=tuple(rules))
    again = met(*records, apart=tuple(tuple(pair[::-1]) for pair in rules[::-1]))

    assert cuts(found) == cuts(again)
    whose = dict(found.owners.select("owner_id", "customer_id").iter_rows())
    for one, other in rules:
        assert whose[one[2:]] is None or whose[one[2:]] != whose[other[2:]]


def test_someone_with_too_many_identifiers_is_joined_by_keys_alone() -> None:
    chain = [f"email=e{n} phone=p{n} phone=p{n + 1}" for n in range(3)]
    keyed = ["external_id=x1 email=e0", "external_id=x1 phone=p9", "phone=p0"]
    rules = IdentityRules(level="loose", caps={}, largest=9)

    assert people(met(*chain, *keyed, rules=rules)) == "0 1 2 3 4 5"
    small = IdentityRules(level="loose", caps={}, largest=8)
    found = met(*chain, *keyed, rules=small)
    assert people(found) == "3 4"
    assert set(cuts(found).values()) == {"too_large"}
    assert found.owners["unidentified"].to_list()[0] == "shared_identifier"
    off = IdentityRules(level="loose", caps={}, largest=None)
    assert people(met(*chain, *keyed, rules=off)) == "0 1 2 3 4 5"


def test_browsers_make_nobody_too_large() -> None:
    visits = [f"email=e anonymous_id=a{n} device=d{n}" for n in range(9)]
    found = met(*visits, rules=IdentityRules(level="loose", caps={}, largest=1))

    assert people(found) == "0 1 2 3 4 5 6 7 8"


def test_others_are_not_touched_by_someone_too_large() -> None:
    chain = [f"email=e{n} phone=p{n} phone=p{n + 1}" for n in range(3)]
    rules = IdentityRules(level="loose", caps={}, largest=3)

    assert people(met(*chain, "email=f phone=q", "phone=q", rules=rules)) == "3 4"
