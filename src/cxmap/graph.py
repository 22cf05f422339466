"""Connected components, as networkx defines them, of graphs too large for it alone."""

import polars as pl

NODE = pl.Int64()

RESIDUAL = 20_000
"""Edges that may be left for networkx after contraction."""


def components(
    nodes: int, left: pl.Series, right: pl.Series, *, residual: int = RESIDUAL
) -> pl.Series:
    """Return for each node 0 … `nodes` − 1 the smallest node of its component.

    `left` and `right` hold the ends of the edges. What is trivially connected is
    contracted first; networkx solves what remains. The partition is that of
    networkx on the whole graph, for any order and any repetition of the edges.
    """
    labels = pl.int_range(nodes, dtype=NODE, eager=True)
    edges = _proper(pl.DataFrame({"a": left.cast(NODE), "b": right.cast(NODE)}))
    while edges.height > residual:
        roots = _hooked(nodes, edges)
        labels = roots.gather(labels)
        edges = _relabelled(edges, roots)

    return _solved(nodes, edges).gather(labels) if edges.height else labels


def _proper(edges: pl.DataFrame) -> pl.DataFrame:
    return edges.filter(pl.col("a") != pl.col("b")).unique()


def _relabelled(edges: pl.DataFrame, roots: pl.Series) -> pl.DataFrame:
    ends = {name: roots.gather(edges[name]) for name in ("a", "b")}
    return _proper(pl.DataFrame(ends))


def _hooked(nodes: int, edges: pl.DataFrame) -> pl.Series:
    """Return each node's root after it was hooked to its smallest neighbour."""
    both = pl.concat([edges, edges.select(a="b", b="a")])
    smallest = both.group_by("a").agg(pl.col("b").min())
    parent = pl.min_horizontal("a", "b")
    hooks = smallest.select("a", parent=parent)

    roots = pl.int_range(nodes, dtype=NODE, eager=True)
    roots = roots.scatter(hooks["a"], hooks["parent"])
    while True:
        further = roots.gather(roots)
        if further.equals(roots):
            return roots
        roots = further


def _solved(nodes: int, edges: pl.DataFrame) -> pl.Series:
    import networkx as nx

    graph = nx.Graph()
    graph.add_edges_from(zip(edges["a"].to_list(), edges["b"].to_list(), strict=True))
    members: list[int] = []
    roots: list[int] = []
    for component in nx.connected_components(graph):
        members.extend(component)
        roots.extend([min(component)] * len(component))

    solved = pl.int_range(nodes, dtype=NODE, eager=True)
    return solved.scatter(pl.Series(members, dtype=NODE), pl.Series(roots, dtype=NODE))
