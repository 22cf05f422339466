"""What cxmap makes of a demo world, beside what is true of it."""

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from cxmap.config import Config
from cxmap.intake.choosing import choose, profiles_of
from cxmap.intake.loading import Intake, ingest
from cxmap.keys import Key
from cxmap.pipeline import Tables, derive_from, folded_of
from cxmap.store import Store
from judging import bcubed, pairwise
from yardstick import Truth, attainable, read_truth, with_perfect_identity

WEEK = timedelta(days=7)

Figures = dict[str, float | None]


@dataclass(frozen=True)
class Found:
    """What cxmap made of one world, and what was true of it."""

    truth: Truth
    tables: Tables
    """As the world's own configuration derives them."""
    perfect: Tables
    """The same, had every contact shown who it was."""
    best: Mapping[str, str]
    """The customers that the exports could show at the very best."""
    owners: Mapping[tuple[str, str], Set[str]]
    """The persons who may show an identifier, by kind and pseudonym."""


def look_at(world: Path, home: Path, config: Config, now: datetime) -> Found:
    """Ingest the world in a folder into a store in `home`; return what was found."""
    key = Key.create(home / "key")
    store = Store.create(home / "store", key_id=key.key_id)
    exports, _ = choose(config, [])
    ingest(store, key, config, Intake(tuple(exports)), now=now)
    snapshot = store.snapshot()
    folded = folded_of(snapshot, profiles_of(snapshot, config), config)
    truth = read_truth(world / "truth")

    return Found(
        truth=truth,
        tables=derive_from(folded, config, now=now),
        perfect=derive_from(with_perfect_identity(folded, truth), config, now=now),
        best=attainable(folded, truth, key),
        owners=truth.owners(key),
    )


def groups(contacts: pl.DataFrame, column: str) -> dict[str, str]:
    """Return the group of each contact; one without a group is alone."""
    alone = pl.coalesce(column, pl.concat_str(pl.lit("alone:"), "contact_id"))

    return dict(contacts.select("contact_id", alone).iter_rows())


def one_week(contacts: pl.DataFrame) -> dict[str, str]:
    """Return the journeys of a single rule: no pause of more than seven days."""
    journeys: dict[str, str] = {}
    customer, journey, until = None, "", None
    told = contacts.drop_nulls("customer_id").sort(
        "customer_id", "started_at", "contact_id"
    )
    rows = told.select("contact_id", "customer_id", "started_at", "last_touch_at")
    for contact, who, began, touched in rows.iter_rows():
        if until is None or who != customer or began - until > WEEK:
            customer, journey, until = who, contact, touched
        journeys[contact] = journey
        until = max(until, touched)

    return journeys


def identity(found: Found) -> Figures:
    """Return how well the customers are the people."""
    customers = groups(found.tables["contacts"], "customer_id")
    pairs = pairwise(customers, found.truth.persons)
    items = bcubed(customers, found.truth.persons)
    ceiling = pairwise(found.best, found.truth.persons).recall
    reached = pairs.recall / ceiling if pairs.recall and ceiling else None

    return {
        "pairs: precision": pairs.precision,
        "pairs: recall": pairs.recall,
        "ceiling of that recall": ceiling,
        "recall ÷ ceiling": reached,
        "B-cubed: precision": items.precision,
        "B-cubed: recall": items.recall,
    }


def journeys(found: Found) -> Figures:
    """Return how well the journeys are the needs, by B-cubed."""
    contacts, truth = found.tables["contacts"], found.truth
    inbound = contacts.filter("inbound")
    everybody = {contact: truth.needs[contact] for contact in inbound["contact_id"]}
    known = inbound.drop_nulls("customer_id")["contact_id"]
    needs = {contact: truth.needs[contact] for contact in known}
    customers = groups(contacts, "customer_id")
    true_within = {c: f"{need} {customers[c]}" for c, need in truth.needs.items()}
    ours = groups(contacts, "journey_id")
    perfect = groups(found.perfect["contacts"], "journey_id")
    compared = {
        "": bcubed(ours, needs),
        "all contacts, ": bcubed(ours, everybody),
        "perfect identity, ": bcubed(perfect, truth.needs),
        "perfect links, ": bcubed(true_within, needs),
        "one rule (7 d, any topic), ": bcubed(one_week(contacts), needs),
    }

    return {
        f"{name}{word}": value
        for name, agreement in compared.items()
        for word, value in (
            ("precision", agreement.precision),
            ("recall", agreement.recall),
            ("F1", agreement.f1),
        )
    }


@dataclass(frozen=True)
class Marked:
    """Where a friction was found and where it truly shows, over several worlds."""

    found: frozenset[str]
    perfect: frozenset[str]
    true: frozenset[str]

    def __add__(self, other: "Marked") -> "Marked":
        return Marked(
            self.found | other.found,
            self.perfect | other.perfect,
            self.true | other.true,
        )


def frictions(found: Found, world: str) -> dict[str, Marked]:
    """Return where each friction that is both detected and in the truth shows."""
    ours, perfect = _points(found.tables, world), _points(found.perfect, world)
    names = ours.keys() | perfect.keys()

    return {
        name: Marked(
            frozenset(ours.get(name, ())),
            frozenset(perfect.get(name, ())),
            frozenset(f"{world} {contact}" for contact in true),
        )
        for name, true in sorted(found.truth.frictions.items())
        if name in names
    }


def _points(tables: Tables, world: str) -> dict[str, set[str]]:
    points: dict[str, set[str]] = defaultdict(set)
    for friction, contact in (
        tables["points"].select("friction", "contact_id").iter_rows()
    ):
        points[friction].add(f"{world} {contact}")

    return points
