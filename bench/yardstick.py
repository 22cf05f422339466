"""The truth of a demo world as its files tell it, and what it allows at best."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from pathlib import Path

import networkx as nx
import polars as pl

from cxmap.keys import Key
from cxmap.names import ADDRESSES, KEYS
from cxmap.sources.fold import Folded

Value = tuple[str, str, str]
"""Kind, namespace and pseudonym of an identifier."""
Record = tuple[str, str, str]
"""Owner, source and the owner's number: whose identifiers were met together."""


@dataclass(frozen=True)
class Truth:
    """Who is who, what was one need and where it rubbed; contacts by contact_id."""

    persons: Mapping[str, str]
    needs: Mapping[str, str]
    topics: Mapping[str, str]
    frictions: Mapping[str, Set[str]]
    """The contacts on which each friction truly shows."""
    answerers: Mapping[str, str]
    """Who gave each survey answer."""
    identifiers: tuple[tuple[str, str, str], ...]
    """Person, kind and value of every identifier."""

    def owners(self, key: Key) -> Mapping[tuple[str, str], Set[str]]:
        """Return the persons who may show an identifier, by kind and pseudonym."""
        owners: dict[tuple[str, str], set[str]] = defaultdict(set)
        for person, kind, value in self.identifiers:
            owners[kind, key.pseudonym(kind, value)].add(person)

        return owners


def read_truth(folder: Path) -> Truth:
    """Return the truth that was written beside a world's exports."""
    contacts = list(_rows(folder / "contacts.csv"))
    shown: dict[str, set[str]] = defaultdict(set)
    for row in _rows(folder / "frictions.csv"):
        shown[row["friction"]].add(_name(row))

    return Truth(
        persons={_name(row): row["person_id"] for row in contacts},
        needs={_name(row): row["need_id"] for row in contacts},
        topics={_name(row): row["topic"] for row in contacts},
        frictions=shown,
        answerers={
            row["survey_id"]: row["person_id"] for row in _rows(folder / "surveys.csv")
        },
        identifiers=tuple(
            (row["person_id"], row["kind"], row["identifier"])
            for row in _rows(folder / "people.csv")
        ),
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _name(row: Mapping[str, str]) -> str:
    return f"{row['source']}:{row['source_contact_id']}"


def attainable(folded: Folded, truth: Truth, key: Key) -> dict[str, str]:
    """Return for each contact whom the exports could show it to be, at the very best.

    The components of the graph of records and identifiers, where every identifier
    that several persons share is divided among them by the truth. Two contacts of a
    person that lie in different components were never tied by anything exported.
    """
    owners = truth.owners(key)
    graph: nx.Graph = nx.Graph()
    graph.add_nodes_from(truth.persons)
    for record, values in _records(folded.identifiers):
        person = _person(record, values, truth, owners)
        if person is None:
            continue
        owner, source, number = record
        node = f"{source}:{number}" if owner == "contact" else record
        for value, flagged in values.items():
            known = person in owners.get((value[0], value[2]), ())
            if known or not flagged:
                graph.add_edge(node, (*value, person))
    for kind, space, one, other in _merges(folded):
        for person in owners.get((kind, one), set()) | owners.get((kind, other), set()):
            graph.add_edge((kind, space, one, person), (kind, space, other, person))

    return {
        node: min(members)
        for component in nx.connected_components(graph)
        if (members := component & truth.persons.keys())
        for node in members
    }


def _records(identifiers: pl.DataFrame) -> Iterator[tuple[Record, dict[Value, bool]]]:
    """Yield each record with its identifiers, and whether they are flagged."""
    told = identifiers.filter(pl.col("kind").is_in([*KEYS, *ADDRESSES]))
    values = told.select(
        pl.struct("kind", pl.col("namespace").fill_null(""), "pseudonym").alias(
            "value"
        ),
        "owner",
        "source",
        "owner_id",
        flagged=pl.col("flag").is_not_null(),
    )
    for record, rows in values.group_by("owner", "source", "owner_id"):
        owner, source, number = map(str, record)
        pairs = zip(rows["value"], rows["flagged"], strict=True)
        yield (
            (owner, source, number),
            {
                (value["kind"], value["namespace"], value["pseudonym"]): flagged
                for value, flagged in pairs
            },
        )


def _person(
    record: Record,
    values: Iterable[Value],
    truth: Truth,
    owners: Mapping[tuple[str, str], Set[str]],
) -> str | None:
    """Return whose record it is; None where even the truth cannot tell."""
    owner, source, number = record
    if owner == "contact":
        return truth.persons.get(f"{source}:{number}")
    if owner == "survey":
        return truth.answerers.get(number)
    known = [owners[kind, name] for kind, _, name in values if (kind, name) in owners]
    several = set.intersection(*map(set, known)) if known else set()

    return several.pop() if len(several) == 1 else None


def _merges(folded: Folded) -> Iterator[tuple[str, str, str, str]]:
    named = folded.identity_links.with_columns(pl.col("namespace").fill_null(""))
    yield from named.select(
        "kind", "namespace", "pseudonym", "to_pseudonym"
    ).iter_rows()


def with_perfect_identity(folded: Folded, truth: Truth) -> Folded:
    """Return what was folded, each contact and answer showing its true person alone."""
    contacts = folded.contacts.select(
        "source", owner_id="source_contact_id", name="contact_id"
    )
    surveys = folded.surveys.select(
        "source", owner_id="source_survey_id", name="source_survey_id"
    )
    shown = [
        _showing(contacts, truth.persons).with_columns(owner=pl.lit("contact")),
        _showing(surveys, truth.answerers).with_columns(owner=pl.lit("survey")),
    ]
    others = folded.identifiers.filter(~pl.col("kind").is_in([*KEYS, *ADDRESSES]))

    return replace(
        folded,
        identifiers=pl.concat([others, *shown], how="diagonal"),
        identity_links=folded.identity_links.clear(),
    )


def _showing(records: pl.DataFrame, persons: Mapping[str, str]) -> pl.DataFrame:
    known = pl.DataFrame(
        {"name": list(persons), "pseudonym": list(persons.values())},
        schema={"name": pl.String, "pseudonym": pl.String},
    )
    return records.join(known, on="name").select(
        "source",
        "owner_id",
        "pseudonym",
        kind=pl.lit("external_id"),
        namespace=pl.lit(""),
    )
