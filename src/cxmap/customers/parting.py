"""Who must not be one person: the fewest identifiers that part them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import polars as pl

from cxmap.names import BY_HAND

if TYPE_CHECKING:
    import networkx as nx

WEAKEST_FIRST = (
    "device",
    "anonymous_id",
    "social_handle",
    "phone",
    "email",
    "source_customer_id",
    "external_id",
)
"""Of two identifiers that part people equally well, the weaker evidence goes."""


@dataclass(frozen=True, order=True)
class End:
    """A record or an identifier, by number."""

    record: int | None
    value: int | None = None


@dataclass(frozen=True)
class Joined:
    """The graph of records and identifiers in which people are components."""

    met: pl.DataFrame
    """record, value: of trusted identifiers alone."""
    merged: pl.DataFrame
    """value, to_value: of trusted identifiers alone."""
    values: pl.DataFrame
    """value, kind, namespace, pseudonym."""
    person_of_record: pl.Series
    person_of_value: pl.Series

    def person(self, end: End) -> int | None:
        """Return whom a record or identifier belongs to."""
        if end.record is not None:
            return _int(self.person_of_record[end.record])

        return None if end.value is None else _int(self.person_of_value[end.value])


def parting(known: Joined, apart: Sequence[Sequence[End]]) -> list[int]:
    """Return the identifiers that part the ends of each list from one another.

    For each two of a list the fewest that part them, of equally many the weakest
    kinds and then the smallest pseudonyms; an identifier that is an end itself only
    where nothing else helps. Each two are judged on the whole graph, so no order
    matters. Whom merges alone hold together nothing parts.
    """
    pairs: dict[int, set[tuple[End, End]]] = defaultdict(set)
    for ends in apart:
        for one, other in combinations(sorted(ends, key=_place), 2):
            person = known.person(one)
            if person is not None and person == known.person(other):
                pairs[person].add((one, other))
    about = _about(known, list(pairs))
    found: set[int] = set()
    for person, torn in pairs.items():
        web = _web(about, person)
        for one, other in sorted(torn, key=lambda pair: [_place(end) for end in pair]):
            found.update(_separator(web, one, other))

    return sorted(found)


@dataclass(frozen=True)
class _About:
    """What concerns a few people: tables of `Joined`, each with their person."""

    met: pl.DataFrame
    merged: pl.DataFrame
    values: pl.DataFrame


def _about(known: Joined, people: list[int]) -> _About:
    whose = known.person_of_value
    some = pl.col("person").is_in(people)
    merged = known.merged.with_columns(person=whose.gather(known.merged["value"]))
    met = known.met.with_columns(person=whose.gather(known.met["value"]))

    return _About(
        met.filter(some),
        merged.filter(some),
        known.values.with_columns(person=whose).filter(some),
    )


@dataclass(frozen=True)
class _Web:
    """One person: edges between records and identifiers, and merges."""

    edges: list[tuple[int, int]]
    merges: list[tuple[int, int]]
    ranked: list[int]
    """Identifiers that may be cut, those that go first in front."""


def _web(known: _About, person: int) -> _Web:
    values = known.values.filter(person=person)
    cuttable = values.filter(pl.col("kind") != BY_HAND)
    order = [WEAKEST_FIRST.index(kind) for kind in cuttable["kind"]]
    ranked = cuttable.with_columns(order=pl.Series(order, dtype=pl.Int64))

    return _Web(
        known.met.filter(person=person).select("record", "value").rows(),
        known.merged.filter(person=person).select("value", "to_value").rows(),
        ranked.sort("order", "namespace", "pseudonym")["value"].to_list(),
    )


def _separator(web: _Web, one: End, other: End) -> Iterator[int]:
    """Yield the identifiers to cut; none where no cut helps."""
    import networkx as nx

    graph = _flow(web, one, other)
    ends = _source(one), _sink(other)
    try:
        most, flow = nx.maximum_flow(graph, *ends)
    except nx.NetworkXUnbounded:
        return
    for value in web.ranked:
        gate = ("in", value), ("out", value)
        width = graph.edges[gate]["capacity"]
        if flow[gate[0]][gate[1]] < width:
            continue
        graph.remove_edge(*gate)
        rest = nx.maximum_flow_value(graph, *ends)
        if rest == most - width:
            yield value
            most = rest
        else:
            graph.add_edge(*gate, capacity=width)
        if not most:
            return


def _flow(web: _Web, one: End, other: End) -> "nx.DiGraph[tuple[str, int]]":
    """Return the graph in which only passing through an identifier is limited."""
    import networkx as nx

    graph: nx.DiGraph[tuple[str, int]] = nx.DiGraph()
    dear = {one.value, other.value}
    limits = {v: 1 + len(web.ranked) * (v in dear) for v in web.ranked}
    everywhere = {v for _, v in web.edges} | {v for pair in web.merges for v in pair}
    for value in sorted(everywhere | set(limits)):
        gate = ("in", value), ("out", value)
        if value in limits:
            graph.add_edge(*gate, capacity=limits[value])
        else:
            graph.add_edge(*gate)
    for record, value in web.edges:
        graph.add_edge(("record", record), ("in", value))
        graph.add_edge(("out", value), ("record", record))
    for value, to in web.merges:
        graph.add_edge(("out", value), ("in", to))
        graph.add_edge(("out", to), ("in", value))

    return graph


def _source(end: End) -> tuple[str, int]:
    return ("record", end.record) if end.record is not None else ("in", end.value or 0)


def _sink(end: End) -> tuple[str, int]:
    return ("record", end.record) if end.record is not None else ("out", end.value or 0)


def _place(end: End) -> tuple[bool, int]:
    number = end.value if end.record is None else end.record

    return end.record is None, number or 0


def _int(number: object) -> int | None:
    return number if isinstance(number, int) else None
