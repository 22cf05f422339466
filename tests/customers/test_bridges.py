"""Bridges and articulations, against a graph from which one thing is taken away."""

import random
from datetime import UTC, datetime

import networkx as nx
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.customers.bridges import weak_points
from cxmap.customers.evidence import Evidence, evidence
from cxmap.customers.identify import identify
from cxmap.options import IdentityRules
from cxmap.tables import schema

START = datetime(2026, 1, 1, tzinfo=UTC)
OWNER = ("owner", "source", "owner_id")
VALUE = ("kind", "namespace", "pseudonym")

seeds = st.integers(0, 2**32)


def known(
    rows: list[tuple[str, str, str]], pairs: list[tuple[str, str]] | None = None
) -> Evidence:
    """Return what was identified of (owner, owner_id, pseudonym) and merged keys."""
    names = [*OWNER, *VALUE, "flag", "seen_at"]
    held = pl.DataFrame(
        [(o, "s", i, "external_id", "", p, None, START) for o, i, p in rows],
        schema={name: schema("identifier_records")[name] for name in names},
        orient="row",
    )
    names = ["source", *VALUE, "to_pseudonym", "seen_at"]
    links = pl.DataFrame(
        [("s", "external_id", "", one, other, START) for one, other in pairs or []],
        schema={name: schema("identity_link_records")[name] for name in names},
        orient="row",
    )
    listed = identify(held, links, rules=IdentityRules()).identifiers
    return evidence(held, links, listed)


def drawn(seed: int) -> tuple[list[tuple[str, str, str]], list[tuple[str, str]]]:
    dice = random.Random(seed)  # noqa: S311
    size = dice.choice([3, 5, 9, 14])
    rows = [
        (dice.choice(["contact"] * 4 + ["customer"]), str(number), f"v{value}")
        for number in range(dice.randrange(30))
        for value in dice.sample(range(size), dice.choice([1, 1, 1, 2, 2, 3]))
    ]
    pairs = [
        (f"v{dice.randrange(size)}", f"v{size + dice.randrange(2)}")
        for _ in range(dice.randrange(3))
    ]
    return rows, pairs


def plain(
    rows: list[tuple[str, str, str]], pairs: list[tuple[str, str]]
) -> "nx.Graph[tuple[str, ...]]":
    graph: nx.Graph[tuple[str, ...]] = nx.Graph()
    graph.add_edges_from(((owner, at), (value,)) for owner, at, value in rows)
    for one, other in pairs:
        graph.add_edge((one,), ("link", *sorted((one, other))))
        graph.add_edge((other,), ("link", *sorted((one, other))))
    return graph


def sides(graph: "nx.Graph[tuple[str, ...]]", part: set[tuple[str, ...]]) -> list[int]:
    """Contacts in each piece of a part of the graph."""
    pieces = nx.connected_components(graph.subgraph(part))
    return sorted(sum(node[0] == "contact" for node in piece) for piece in pieces)


def bridges_of(seen: Evidence) -> set[tuple[tuple[str, ...], str, int, int]]:
    found = weak_points(seen).bridges
    named = found.join(seen.records, on="record").join(seen.values, on="value")
    return {
        (
            ("link", *row["owner_id"].split())
            if row["owner"] == "link"
            else (row["owner"], row["owner_id"]),
            row["pseudonym"],
            row["near"],
            row["far"],
        )
        for row in named.iter_rows(named=True)
    }


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_bridges_are_the_edges_whose_loss_leaves_two_contacts_on_both_sides(
    seed: int,
) -> None:
    rows, pairs = drawn(seed)
    graph = plain(rows, pairs)
    expected = set()
    for record, value in [(a, b) if len(b) == 1 else (b, a) for a, b in graph.edges]:
        part = nx.node_connected_component(graph, record)
        fewer = graph.copy()
        fewer.remove_edge(record, value)
        parted = sides(fewer, part)
        if len(parted) > 1 and min(parted) > 1:
            beside = nx.node_connected_component(fewer, value)
            near = sum(node[0] == "contact" for node in beside)
            expected.add((record, value[0], near, sum(parted) - near))

    assert bridges_of(known(rows, pairs)) == expected


@settings(max_examples=60, deadline=None)
@given(seeds)
def test_articulations_are_the_identifiers_whose_loss_leaves_two_parts(
    seed: int,
) -> None:
    rows, pairs = drawn(seed)
    graph = plain(rows, pairs)
    expected = set()
    for value in [node for node in graph if len(node) == 1]:
        part = nx.node_connected_component(graph, value)
        parted = sides(graph, part - {value})
        enough = [contacts for contacts in parted if contacts > 1]
        if len(enough) > 1:
            most = max(parted)
            expected.add((value[0], len(enough), most, sum(parted) - most))

    seen = known(rows, pairs)
    found = weak_points(seen).articulations.join(seen.values, on="value")
    columns = found.select("pseudonym", "parts", "contacts", "rest")
    assert set(columns.iter_rows()) == expected


def test_the_call_that_names_two_people_is_a_bridge_between_them() -> None:
    rows = [("contact", str(n), "a") for n in range(3)]
    rows += [("contact", str(n), "b") for n in range(3, 5)]
    joining = ("contact", "9", "a"), ("contact", "9", "b")

    assert bridges_of(known([*rows, *joining])) == {
        (("contact", "9"), "a", 3, 3),
        (("contact", "9"), "b", 2, 4),
    }


def test_what_two_records_say_is_no_bridge() -> None:
    rows = [("contact", str(n), value) for n in range(2) for value in "ab"]
    rows += [("contact", str(n), "a") for n in range(2, 5)]
    rows += [("contact", str(n), "b") for n in range(5, 9)]

    assert bridges_of(known(rows)) == set()


def test_a_side_of_one_contact_makes_no_bridge() -> None:
    rows = [("contact", "0", "a"), ("contact", "0", "b"), ("customer", "1", "b")]
    rows += [("contact", str(n), "a") for n in range(2, 9)]

    assert bridges_of(known(rows)) == set()


def test_nobody_has_no_bridges() -> None:
    found = weak_points(known([]))

    assert found.bridges.is_empty()
    assert found.articulations.is_empty()
