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
    ends = pl.DataFrame({"a": left.cast(NODE), "b": right.cast(NODE)})
    edges = _ordered(ends)
    while edges.height > residual:
        roots = _hooked(nodes, edges)
        labels = roots.gather(labels)
        edges = _ordered(pl.DataFrame({e: roots.gather(edges[e]) for e in ("a", "b")}))

    return _solved(nodes, edges).gather(labels) if edges.height else labels


def _ordered(edges: pl.DataFrame) -> pl.DataFrame:
    """Return the edges between two nodes as low and high end, a and b."""
    low, high = pl.min_horizontal("a", "b"), pl.max_horizontal("a", "b")
    return edges.filter(pl.col("a") != pl.col("b")).select(a=low, b=high)


def _hooked(nodes: int, edges: pl.DataFrame) -> pl.Series:
    """Return each node's root after it was hooked to one of its smaller neighbours.

    Whichever neighbour it is: the smallest node of a component is hooked to none,
    and every other one is hooked in this round or in a later one.
    """
    own = pl.int_range(nodes, dtype=NODE, eager=True)
    roots = own.scatter(edges["b"], edges["a"])
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
