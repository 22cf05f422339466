"""Components are networkx's, whatever is contracted first."""

from hashlib import sha256

import networkx as nx
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.graph import components
from cxmap.ids import digests

NODES = 40
EDGES = st.lists(st.tuples(*[st.integers(0, NODES - 1)] * 2), max_size=60)


def solved(edges: list[tuple[int, int]], residual: int) -> list[int]:
    left = pl.Series([a for a, _ in edges], dtype=pl.Int64())
    right = pl.Series([b for _, b in edges], dtype=pl.Int64())
    return components(NODES, left, right, residual=residual).to_list()


@settings(max_examples=100, deadline=None)
@given(EDGES, st.sampled_from([0, 3, 1000]))
def test_each_node_is_named_after_the_smallest_of_its_component(
    edges: list[tuple[int, int]], residual: int
) -> None:
    graph = nx.Graph(edges)
    graph.add_nodes_from(range(NODES))
    expected = list(range(NODES))
    for part in nx.connected_components(graph):
        for node in part:
            expected[node] = min(part)

    assert solved(edges, residual) == expected


@pytest.mark.parametrize("residual", [0, 10**6])
def test_a_long_chain_in_any_order_is_one_component(residual: int) -> None:
    chain = [(node, node + 1) for node in range(NODES - 1)]
    zigzag = chain[::2] + chain[1::2][::-1]

    assert set(solved(zigzag, residual)) == {0}


def test_without_edges_every_node_is_alone() -> None:
    assert solved([], 0) == list(range(NODES))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.none() | st.text(max_size=5), max_size=20))
def test_an_id_is_the_digest_of_its_text_and_nothing_has_none(
    texts: list[str | None],
) -> None:
    named = digests("j_", pl.Series("id", texts, dtype=pl.String))

    assert named.name == "id"
    assert named.to_list() == [
        None if text is None else f"j_{sha256(text.encode()).hexdigest()[:16]}"
        for text in texts
    ]
