"""Which values of several sources mean one topic, as far as the contacts show it."""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import combinations

import polars as pl
import yaml
from rapidfuzz import fuzz, process, utils

from cxmap.graph import components

VALUE = ("source", "value")

FEWEST = 2
"""Links between contacts of two values that are more than an accident."""
MAJORITY = 0.5
"""Share of a value's links to another source that lead to the one it matches."""
ALIKE = 88
"""How alike, of 100, two values must be spelled to mean the same."""
PLAIN = re.compile(r"[^\W\d_][\w ./-]*\w|[^\W\d_]")
"""Words that YAML needs no quotes for."""

MOST = 300
"""Values of a source that are compared by their spelling, the commonest."""


@dataclass(frozen=True)
class Match:
    """Two values of two sources that probably mean the same, by their places."""

    left: int
    right: int
    because: str


@dataclass(frozen=True)
class Proposal:
    """A mapping of topics, for people to correct."""

    values: pl.DataFrame
    """source, value, proposed (a node) and because, one row a value."""
    text: str
    """The `topics:` of a configuration."""


def propose_topics(
    contacts: pl.DataFrame, links: pl.DataFrame, *, mapped: Collection[str] = ()
) -> Proposal:
    """Return the mapping that explicit references and spelling suggest.

    Takes `contacts` and `links`; what sources `mapped` already say stays. Two values
    match when each is the other's first choice: by the contacts that references link,
    else by how they are spelled. A group is the node that one of its values is mapped
    to, else its commonest value; a value without a match is a node of its own, so that
    none is lost by the mapping.
    """
    known = pl.col("source").is_in(list(mapped)) & pl.col("topic").is_not_null()
    values = _values(contacts.with_columns(known=known))
    matches = list(_matches(values, _linked(contacts, links, values)))
    left = pl.Series([one.left for one in matches], dtype=pl.Int64)
    right = pl.Series([one.right for one in matches], dtype=pl.Int64)
    reasons: dict[int, list[str]] = {}
    for one in matches:
        for place in (one.left, one.right):
            reasons.setdefault(place, []).append(one.because)
    because = [
        "; ".join(reasons.get(place, ())) or None for place in range(len(values))
    ]
    grouped = values.with_columns(
        group=components(values.height, left, right),
        because=pl.Series(because, dtype=pl.String()),
    )
    names = (
        grouped.sort(~pl.col("known"), pl.col("contacts").neg(), *VALUE)
        .group_by("group", maintain_order=True)
        .agg(name=pl.col("topic").first())
    )
    proposed = pl.when("known").then("topic").otherwise("name")
    named = grouped.join(names, on="group").with_columns(proposed=proposed)
    named = named.sort("proposed", "source", pl.col("contacts").neg(), "value")

    return Proposal(
        named.select("source", "value", "proposed", "because"),
        _written(named),
    )


def folded(raw: pl.Series) -> pl.DataFrame:
    """Return topic_raw and value: each text, and what it is without case and blanks."""
    texts = raw.drop_nulls().unique().sort()
    values = [text.strip().casefold() for text in texts]

    return pl.DataFrame(
        {"topic_raw": texts, "value": pl.Series(values, dtype=pl.String)}
    )


def _values(contacts: pl.DataFrame) -> pl.DataFrame:
    """Return source, value, topic, known and contacts: every value that is said.

    The topic of one that nothing maps is its own words.
    """
    own = pl.col("value").str.replace_all(r"\s*/[\s/]*", "/").str.strip_chars("/ ")
    return (
        contacts.filter("inbound")
        .join(folded(contacts["topic_raw"]), on="topic_raw")
        .with_columns(own=own)
        .filter(pl.col("own") != "")
        .group_by(VALUE)
        .agg(
            topic=pl.coalesce("topic", "own").min(),
            known=pl.col("known").any(),
            contacts=pl.len().cast(pl.Int64),
        )
        .sort(VALUE)
        .with_row_index("place")
        .with_columns(pl.col("place").cast(pl.Int64))
    )


def _linked(
    contacts: pl.DataFrame, links: pl.DataFrame, values: pl.DataFrame
) -> pl.DataFrame:
    """Return left, right and links: places of values whose contacts are linked."""
    said = (
        contacts.join(folded(contacts["topic_raw"]), on="topic_raw")
        .select("contact_id", *VALUE)
        .join(values.select("place", *VALUE), on=VALUE)
    )
    ends = links.filter(pl.col("rule") == "reference").select(
        "from_contact_id", "to_contact_id"
    )
    for end, name in (("from_contact_id", "one"), ("to_contact_id", "other")):
        place = said.select(
            pl.col("contact_id").alias(end),
            pl.col("place").alias(name),
            pl.col("source").alias(f"{name}_source"),
        )
        ends = ends.join(place, on=end)

    return (
        ends.filter(pl.col("one_source") != pl.col("other_source"))
        .select(
            left=pl.min_horizontal("one", "other"),
            right=pl.max_horizontal("one", "other"),
        )
        .group_by("left", "right")
        .agg(links=pl.len())
        .sort("left", "right")
    )


def _matches(values: pl.DataFrame, linked: pl.DataFrame) -> Iterator[Match]:
    """Yield what matches, between every two sources."""
    by_source = {
        str(source): dict(said.select("place", "value").iter_rows())
        for (source,), said in values.sort(pl.col("contacts").neg(), "place").group_by(
            "source", maintain_order=True
        )
    }
    counts = {(left, right): n for left, right, n in linked.iter_rows()}
    for one, other in combinations(sorted(by_source), 2):
        lefts, rights = by_source[one], by_source[other]
        here = {
            (a, b): n
            for (x, y), n in counts.items()
            for a, b in ((x, y), (y, x))
            if a in lefts and b in rights
        }
        found = list(_by_links(here))
        yield from found
        done = {place for match in found for place in (match.left, match.right)}
        yield from _by_spelling(_without(lefts, done), _without(rights, done))


def _without(said: dict[int, str], done: set[int]) -> dict[int, str]:
    return {place: text for place, text in said.items() if place not in done}


def _by_links(counts: dict[tuple[int, int], int]) -> Iterator[Match]:
    for (left, right), links in sorted(counts.items()):
        of_left = {b: n for (a, b), n in counts.items() if a == left}
        of_right = {a: n for (a, b), n in counts.items() if b == right}
        first = links == max(of_left.values()) == max(of_right.values())
        alone = list(of_left.values()).count(links) == 1
        alone &= list(of_right.values()).count(links) == 1
        total = min(sum(of_left.values()), sum(of_right.values()))
        if links >= FEWEST and first and alone and links >= MAJORITY * total:
            yield Match(left, right, f"{links} linked contacts")


def _by_spelling(left: dict[int, str], right: dict[int, str]) -> Iterator[Match]:
    lefts, rights = dict(list(left.items())[:MOST]), dict(list(right.items())[:MOST])
    back = {place: _likest(text, lefts) for place, text in rights.items()}
    for place, text in lefts.items():
        found = _likest(text, rights)
        if found is not None and (returned := back[found[0]]) and returned[0] == place:
            yield Match(place, found[0], f"{found[1]:.0f} % alike")


def _likest(text: str, among: dict[int, str]) -> tuple[int, float] | None:
    found = process.extractOne(
        text,
        among,
        scorer=fuzz.token_sort_ratio,
        processor=utils.default_process,
        score_cutoff=ALIKE,
    )

    return None if found is None else (found[2], found[1])


def _written(named: pl.DataFrame) -> str:
    """Return the mapping as YAML; what a group rests on stands beside it."""
    lines = ["topics:"] if named.height else ["# no contact says what it is about"]
    for (topic,), of_topic in named.group_by("proposed", maintain_order=True):
        why = ", ".join(of_topic["because"].drop_nulls().unique(maintain_order=True))
        lines.append(f"  {_quoted(topic)}:" + (f"  # {why}" if why else ""))
        for (source,), said in of_topic.group_by("source", maintain_order=True):
            words = ", ".join(map(_quoted, said["value"]))
            lines.append(f"    {_quoted(source)}: [{words}]")

    return "\n".join(lines) + "\n"


def _quoted(word: object) -> str:
    """Return a word as YAML that reads back as the same text, on one line."""
    text = str(word)
    if PLAIN.fullmatch(text) and yaml.safe_load(text) == text:
        return text

    return json.dumps(text)
