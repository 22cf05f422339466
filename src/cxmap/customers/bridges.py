"""Where people would fall apart: edges and identifiers that alone hold them together.

Of the graph of records and identifiers a *bridge* is an edge whose loss leaves at
least two contacts on both sides; an identifier is an *articulation* if its loss leaves
at least two parts with two contacts each.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from cxmap.customers.evidence import Evidence
from cxmap.graph import NODE

ENOUGH = 2
"""Contacts on a side from which its loss is worth a word."""

BRIDGES = pl.Schema({"record": NODE, "value": NODE, "near": NODE, "far": NODE})
ARTICULATIONS = pl.Schema(
    {"value": NODE, "parts": NODE, "contacts": NODE, "rest": NODE}
)


@dataclass(frozen=True)
class Weak:
    """What alone holds people together."""

    bridges: pl.DataFrame
    """record, value, near, far: contacts on the identifier's side and the other."""
    articulations: pl.DataFrame
    """value, parts, contacts, rest: parts with enough contacts, the contacts of the
    biggest part and those of all others."""


def weak_points(known: Evidence) -> Weak:
    """Return the bridges and articulations of every person.

    Records that hold the same identifiers are one knot that weighs their contacts.
    People with a single knot are stars and judged in columns; networkx solves the
    rest.
    """
    spokes, own = _contracted(known)
    knots = spokes.select("customer_id", "knot").unique()
    several = knots.group_by("customer_id").len().filter(pl.col("len") > 1)
    woven = spokes.join(several, on="customer_id", how="semi")
    stars = spokes.join(several, on="customer_id", how="anti")
    bridges, articulations = _solved(woven, own)
    found = pl.concat([_of_stars(stars, own), bridges])
    enough = (pl.col("near") >= ENOUGH) & (pl.col("far") >= ENOUGH)
    return Weak(found.filter(enough), articulations)


def _contracted(known: Evidence) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the spokes between knots and values, and what each value weighs itself.

    Spokes: customer_id, knot, value, record (one of the knot's), records, contacts.
    Own: value, own: its contacts that hold nothing else. Left out is all from which
    nothing hangs, and everybody of too few contacts.
    """
    weighed = known.edges.join(known.records.select("record", "contacts"), on="record")
    held = weighed.group_by("customer_id", "record", "contacts").agg(
        pl.col("value").sort()
    )
    many = held.group_by("customer_id").agg(pl.col("contacts").sum())
    many = many.filter(pl.col("contacts") >= 2 * ENOUGH).select("customer_id")
    knots = (
        held.join(many, on="customer_id", how="semi")
        .group_by("customer_id", "value")
        .agg(
            pl.col("record").min(),
            pl.col("contacts").sum(),
            records=pl.len().cast(NODE),
        )
        .with_columns(knot=pl.int_range(pl.len(), dtype=NODE))
    )
    alone = pl.col("value").list.len() == 1
    own = knots.filter(alone).explode("value")
    return _peeled(
        knots.filter(~alone).explode("value"), own.select("value", own="contacts")
    )


def _peeled(
    spokes: pl.DataFrame, own: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Leave out values from which no contact hangs, and knots that then hang alone."""
    degree = spokes.group_by("value").agg(knots=pl.len())
    placed = spokes.join(degree, on="value").join(own, on="value", how="left")
    held = (pl.col("knots") > 1) | (pl.col("own").fill_null(0) > 0)
    kept = placed.filter(held).select(spokes.columns)
    left = kept.group_by("knot").agg(values=pl.len())
    light = left.filter(pl.col("values") == 1).join(
        kept.filter(pl.col("contacts") < ENOUGH), on="knot"
    )
    hanging = light.select("value", own="contacts")
    weights = pl.concat([own, hanging]).group_by("value").agg(pl.col("own").sum())
    return kept.join(light.select("knot"), on="knot", how="anti"), weights


def _of_stars(spokes: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Return the bridges of people whose identifiers hang together in one knot."""
    weighed = spokes.join(own, on="value", how="left").with_columns(
        pl.col("own").fill_null(0)
    )
    whole = weighed.group_by("knot").agg(all=pl.col("own").sum())
    single = weighed.filter(pl.col("records") == 1).join(whole, on="knot")
    far = pl.col("all") - pl.col("own") + pl.col("contacts")
    return single.select("record", "value", near="own", far=far).cast(NODE)


def _solved(
    spokes: pl.DataFrame, own: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return bridges and articulations of what networkx must look at."""
    import networkx as nx

    offset = (spokes["value"].max() or 0) + 1  # type: ignore[operator]
    knots = spokes.unique("knot").with_columns(pl.col("knot") + offset)
    here = own.join(spokes.select("value").unique(), on="value", how="semi")
    weights = defaultdict(int, here.iter_rows())
    weights |= dict(knots.select("knot", "contacts").iter_rows())
    graph = nx.Graph(spokes.select("value", pl.col("knot") + offset).iter_rows())
    tree = _BlockTree(list(nx.biconnected_components(graph)), weights)
    lone = knots.filter(pl.col("records") == 1).select("knot", "record")
    bridges = tree.bridges(dict(lone.iter_rows()))
    values = spokes["value"].unique().to_list()
    return (
        pl.DataFrame(bridges, schema=BRIDGES, orient="row"),
        pl.DataFrame(tree.articulations(values), schema=ARTICULATIONS, orient="row"),
    )


class _BlockTree:
    """The tree of blocks and the nodes in which they meet, with weights on each side.

    A block is a number below zero, a node of the graph one from zero.
    """

    def __init__(self, blocks: list[set[int]], weights: Mapping[int, int]) -> None:
        import networkx as nx

        self.blocks = {-1 - at: block for at, block in enumerate(blocks)}
        self.weights = weights
        times: dict[int, int] = defaultdict(int)
        for block in blocks:
            for node in block:
                times[node] += 1
        self.tree = nx.Graph()
        inner: dict[int, int] = {}
        for number, block in self.blocks.items():
            self.tree.add_node(number)
            meeting = [node for node in block if times[node] > 1]
            self.tree.add_edges_from((number, node) for node in meeting)
            within = sum(weights[node] for node in block if times[node] == 1)
            inner[number] = within
        self.beyond = self._beyond(inner)

    def _beyond(self, inner: Mapping[int, int]) -> dict[tuple[int, int], int]:
        """Return for each edge, read from one end, what weighs on the other side."""
        import networkx as nx

        beyond: dict[tuple[int, int], int] = {}
        for part in nx.connected_components(self.tree):
            root = min(part)
            below = {n: inner[n] if n < 0 else self.weights[n] for n in part}
            steps = list(nx.dfs_edges(self.tree, root))
            for above, node in reversed(steps):
                below[above] += below[node]
            for above, node in steps:
                beyond[above, node] = below[node]
                beyond[node, above] = below[root] - below[node]

        return beyond

    def bridges(self, lone: Mapping[int, int]) -> Iterator[tuple[int, int, int, int]]:
        """Yield record, value, near and far of the bridges of knots of one record."""
        for number, block in self.blocks.items():
            if len(block) == 2:
                value, knot = sorted(block)
                if knot in lone:
                    near = self.beyond.get((number, value), self.weights[value])
                    far = self.beyond.get((number, knot), self.weights[knot])
                    yield lone[knot], value, near, far

    def articulations(
        self, values: Iterable[int]
    ) -> Iterator[tuple[int, int, int, int]]:
        """Yield value, parts, contacts and rest of those that hold parts together."""
        for value in values:
            if value not in self.tree:
                continue
            parts = [self.beyond[value, block] for block in self.tree[value]]
            enough = sum(weight >= ENOUGH for weight in parts)
            if enough > 1:
                most = max(parts)
                rest = sum(parts) - most + self.weights[value]
                yield value, enough, most, rest
