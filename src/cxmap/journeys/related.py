"""Pairs of contacts with comparable topics: what ties them, and who came last."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from cxmap.journeys.reach import connections, predecessors

NUMBER = pl.Int64()


@dataclass(frozen=True)
class Tree:
    """The topics of some contacts, by number, and the nodes that lie above them."""

    topic: pl.Series
    """The number of each contact's topic; null: unknown."""
    levels: tuple[pl.DataFrame, ...]
    """For each depth, by topic number: node, the node at or above it, and exact,
    whether the topic is that node. Nodes no contact has itself are null."""


@dataclass(frozen=True)
class Related:
    """What some pairs of contacts tie together."""

    edges: pl.DataFrame
    """a, b: rows of contacts, with the components of all the pairs."""
    latest: pl.DataFrame
    """at, from_at: each contact's latest predecessor among the pairs."""


def tree(topics: pl.Series) -> Tree:
    """Return the topics as a tree: `a` lies above `a/b`, not above `ab`."""
    known = topics.drop_nulls().unique().sort()
    names = known.to_list()
    numbered = pl.DataFrame(
        {"topic": known, "number": pl.int_range(len(names), dtype=NUMBER, eager=True)}
    )
    topic = topics.to_frame("topic").join(
        numbered, on="topic", how="left", maintain_order="left"
    )
    return Tree(topic["number"], tuple(_levels(names)))


def _levels(names: list[str]) -> Iterator[pl.DataFrame]:
    number = {name: place for place, name in enumerate(names)}
    paths = [name.split("/") for name in names]
    for depth in range(1, max((len(path) for path in paths), default=0) + 1):
        above = [
            number.get("/".join(path[:depth])) if len(path) >= depth else None
            for path in paths
        ]
        exact = [len(path) == depth for path in paths]
        yield pl.DataFrame(
            {"node": pl.Series(above, dtype=NUMBER), "exact": pl.Series(exact)},
            schema={"node": NUMBER, "exact": pl.Boolean()},
        )


def any_topic(rows: pl.DataFrame) -> Related:
    """Return what all pairs tie: rows (at, lane, start, reach, joins) in order."""
    return related(rows.with_columns(hub=pl.lit(value=True)))


def unknown_topic(rows: pl.DataFrame) -> Related:
    """Return what the pairs tie of which one contact, or both, has no topic."""
    return related(rows.with_columns(hub=pl.col("topic").is_null()))


def same_topic(rows: pl.DataFrame, nodes: Tree) -> Iterator[Related]:
    """Yield, depth by depth, what the pairs tie of which one lies above the other."""
    topical = rows.filter(pl.col("topic").is_not_null())
    for level in nodes.levels:
        placed = topical.with_columns(
            node=level["node"].gather(topical["topic"]),
            hub=level["exact"].gather(topical["topic"]),
        ).filter(pl.col("node").is_not_null())
        sorted_rows = placed.sort("lane", "node", "at")
        lanes = pl.struct("lane", "node").rle_id().cast(NUMBER)
        yield related(sorted_rows.with_columns(lane=lanes))


def related(rows: pl.DataFrame) -> Related:
    """Return what the pairs of `rows` tie that `reach` and `hub` allow.

    `joins` says which rows may tie others together; the rest only have
    predecessors.
    """
    at = rows["at"]
    before = predecessors(rows)
    latest = pl.DataFrame({"at": at, "from_at": at.gather(before)}).drop_nulls()
    if rows["hub"].all():
        joining = latest.filter(rows["joins"].filter(before.is_not_null()))
        return Related(joining.select(a="from_at", b="at"), latest)

    core = rows.filter("joins")
    edges = connections(core)
    ends = {name: core["at"].gather(edges[name]) for name in ("a", "b")}
    return Related(pl.DataFrame(ends), latest)
