"""Which contacts are about the same need, and on what evidence."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import polars as pl

from cxmap.graph import components
from cxmap.journeys.nearest import nearest_topic
from cxmap.journeys.reach import FOREVER
from cxmap.journeys.related import (
    Related,
    Tree,
    any_topic,
    same_topic,
    tree,
    unknown_topic,
)
from cxmap.journeys.timeline import ROW, reaches, timeline
from cxmap.names import LINK_RULES
from cxmap.options import LinkRules
from cxmap.references import memberships

STRENGTH = len(LINK_RULES)

REFERENCE, SAME_TOPIC, UNKNOWN_TOPIC, RETRY = range(4)
"""Places in names.LINK_RULES: of two rules for one pair the first is named."""


@dataclass(frozen=True)
class Evidence:
    """What ties the contacts of a frame together."""

    journey: pl.Series
    """For each contact a number its journey's contacts share; null: no journey."""
    predecessor: pl.DataFrame
    """For each contact from_at, the row of its best direct predecessor, and rule;
    null where nothing links it directly to an earlier contact."""
    members: pl.DataFrame
    """at, group, name, says: explicit groups, from cxmap.references."""


def link(
    contacts: pl.DataFrame,
    references: pl.DataFrame,
    orders: pl.DataFrame,
    *,
    links: LinkRules,
) -> Evidence:
    """Return the evidence on `contacts`, which are in order.

    `orders` holds contact_id and pseudonym, one row for each order number of a
    contact. Journeys are the components of the graph of all links; an outbound
    contact without explicit link is a leaf of its latest linked predecessor.
    """
    line = timeline(contacts)
    nodes = tree(contacts["topic"])
    rows = line.with_columns(topic=nodes.topic.gather(line["at"]))
    members = memberships(contacts, references)
    explicit = list(_explicit(rows, nodes, members, contacts, orders))
    explicit = explicit if links.reference else []
    ground = Ground(nodes, reaches(contacts, links), links.unknown_topic_to)
    inferred = list(_inferred(rows, ground))

    labels = _labels(contacts.height, [*explicit, *(found for _, found in inferred)])
    direct = _latest(contacts.height, [(REFERENCE, found) for found in explicit])
    nearest = _latest(contacts.height, inferred)
    journey = _journeys(contacts["inbound"], labels, nearest)
    home = _at_home(journey, nearest, rows, ground)
    return Evidence(journey, _best(direct, home), members)


@dataclass(frozen=True)
class Ground:
    """What inference rests on."""

    nodes: Tree
    reach: pl.DataFrame
    """Of every contact, as `reaches` returns it."""
    unknown_topic_to: Literal["nearest", "all"]


def _inferred(rows: pl.DataFrame, ground: Ground) -> Iterator[tuple[int, Related]]:
    """Yield rule and pairs: from inbound contacts to any but a campaign's."""
    targets = rows.filter(pl.col("inbound") | ~pl.col("campaign"))
    reach = ground.reach[targets["at"]]
    targets = targets.with_columns(joins="inbound")
    topical = targets.with_columns(reach=reach["same"])
    for found in same_topic(topical, ground.nodes):
        yield SAME_TOPIC, found
    topicless = targets.with_columns(reach=reach["unknown"], clock=reach["clock"])
    for found in _topicless(topicless, ground):
        yield UNKNOWN_TOPIC, found
    yield RETRY, any_topic(targets.with_columns(reach=reach["retry"]))


def _topicless(rows: pl.DataFrame, ground: Ground) -> Iterator[Related]:
    """Yield pairs of which one, or both, has no topic; outbound ones tie nothing."""
    everything = unknown_topic(rows)
    if ground.unknown_topic_to == "all":
        yield everything
        return

    outbound = rows.filter(~pl.col("joins"))["at"]
    leaves = everything.latest.filter(pl.col("at").is_in(outbound.implode()))
    yield Related(everything.edges.clear(), leaves)
    yield from nearest_topic(rows.filter("joins"), ground.nodes)


def _explicit(
    rows: pl.DataFrame,
    nodes: Tree,
    members: pl.DataFrame,
    contacts: pl.DataFrame,
    orders: pl.DataFrame,
) -> Iterator[Related]:
    """Yield the pairs that the exports themselves tie together, in one customer."""
    everlasting = rows.with_columns(
        reach=pl.lit(FOREVER, ROW), joins=pl.lit(value=True)
    )
    grouped = members.select("at", "group").unique()
    yield any_topic(_shared(everlasting, grouped))

    numbers = contacts.select("contact_id", at=pl.int_range(pl.len(), dtype=ROW))
    bought = orders.select("pseudonym").drop_nulls().unique().with_row_index("group")
    ordering = orders.join(numbers, on="contact_id").join(bought, on="pseudonym")
    same_order = _shared(everlasting, ordering.select("at", "group").unique())
    yield unknown_topic(same_order)
    yield from same_topic(same_order, nodes)


def _shared(rows: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """Return `rows` once for each of their groups, a lane for each in a customer."""
    placed = groups.with_columns(pl.col("at").cast(ROW)).join(rows, on="at")
    lanes = pl.struct("group", "lane").rle_id().cast(ROW)
    return placed.sort("group", "lane", "at").with_columns(lane=lanes)


def _labels(contacts: int, found: list[Related]) -> pl.Series:
    edges = pl.concat([related.edges for related in found])
    return components(contacts, edges["a"], edges["b"])


def _at_home(
    journey: pl.Series, nearest: pl.Series, rows: pl.DataFrame, ground: Ground
) -> pl.Series:
    """Return `nearest`, sought anew inside the journey where it lies outside it.

    Only an outbound contact that an explicit link put into another journey can
    have its nearest predecessor elsewhere.
    """
    origin = pl.select(pl.when(nearest >= 0).then(nearest // STRENGTH)).to_series()
    away = (journey.gather(origin) != journey).fill_null(value=False)
    concerned = journey.filter(away).unique()
    if concerned.is_empty():
        return nearest

    inside = rows.with_columns(lane=journey.gather(rows["at"]))
    inside = inside.filter(pl.col("lane").is_in(concerned.implode()))
    found = _inferred(inside.sort("lane", "at"), ground)
    return _latest(nearest.len(), list(found)).zip_with(away, nearest)


def _best(direct: pl.Series, nearest: pl.Series) -> pl.DataFrame:
    """Return from_at and rule of each contact: explicit first, then the latest."""
    chosen = pl.select(
        score=pl.when(direct >= 0).then(direct).when(nearest >= 0).then(nearest)
    )
    place = STRENGTH - 1 - pl.col("score") % STRENGTH
    rule = pl.lit(None, pl.String())
    for number, name in enumerate(LINK_RULES):
        rule = pl.when(place == number).then(pl.lit(name)).otherwise(rule)

    return chosen.select(from_at=pl.col("score") // STRENGTH, rule=rule)


def _latest(contacts: int, found: list[tuple[int, Related]]) -> pl.Series:
    """Return for each contact its latest predecessor and rule in one number; −1."""
    best = pl.repeat(-1, contacts, dtype=ROW, eager=True)
    for rule, related in found:
        to, origin = related.latest["at"], related.latest["from_at"]
        scores = pl.DataFrame({"at": to, "score": origin * STRENGTH})
        scores = scores.with_columns(pl.col("score") + STRENGTH - 1 - rule)
        scores = scores.group_by("at").agg(pl.col("score").max())
        known = best.gather(scores["at"])
        better = pl.select(pl.max_horizontal(known, scores["score"])).to_series()
        best = best.scatter(scores["at"], better)

    return best


def _journeys(inbound: pl.Series, labels: pl.Series, nearest: pl.Series) -> pl.Series:
    """Return the journey's number: components with an inbound contact, and leaves.

    Of outbound contacts tied only to each other, the first that has a predecessor
    brings the others along.
    """
    marked = pl.DataFrame({"inbound": inbound, "label": labels, "nearest": nearest})
    groups = marked.group_by("label").agg(pl.col("inbound").any())
    alone = groups.filter(~pl.col("inbound"))["label"]
    leaves = marked.filter(
        pl.col("label").is_in(alone.implode()) & (pl.col("nearest") >= 0)
    ).unique("label", keep="first", maintain_order=True)

    homes = labels.gather(leaves["nearest"] // STRENGTH)
    journeys = pl.int_range(labels.len(), dtype=ROW, eager=True).scatter(alone, None)
    journeys = journeys.scatter(leaves["label"], homes)
    return journeys.gather(labels)
