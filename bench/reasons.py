"""Why people and needs fell apart into several, and why several grew into one."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import combinations, pairwise
from typing import Any

import polars as pl

from worlds import Found
from yardstick import Truth

Row = Mapping[str, Any]

KNOWN = (
    "contact_id",
    "customer_id",
    "journey_id",
    "topic",
    "started_at",
    "last_touch_at",
)
SPANS = {
    "24 h": timedelta(hours=24),
    "72 h": timedelta(hours=72),
    "7 d": timedelta(days=7),
}


def why_mixed(found: Found) -> Counter[str]:
    """Count the pairs of contacts of two people that became one customer's.

    By the kinds of that customer's identifiers that are truly several people's.
    """
    shared: dict[str, set[str]] = defaultdict(set)
    for who, kind, name in _identifiers(found, pl.col("customer_id").is_not_null()):
        if len(found.owners.get((kind, name), ())) > 1:
            shared[who].add(kind)
    reasons: Counter[str] = Counter()
    for who, contacts in _customers(found).items():
        people = Counter(found.truth.persons[contact] for contact in contacts)
        kinds = " and ".join(sorted(shared[who])) or "source's own number"
        reasons[f"a shared {kinds}"] += _pairs(len(contacts)) - sum(
            map(_pairs, people.values())
        )

    return +reasons


def why_apart(found: Found) -> Counter[str]:
    """Count the pairs of contacts of one person that became two customers'.

    By what the exports lack; else by why the person's identifiers join nobody.
    """
    cuts: dict[str, set[str]] = defaultdict(set)
    for cut, kind, name in _identifiers(found, pl.col("cut").is_not_null(), "cut"):
        for person in found.owners.get((kind, name), ()):
            cuts[person].add(cut)
    customers = {c: who for who, cs in _customers(found).items() for c in cs}
    reasons: Counter[str] = Counter()
    for person, contacts in _people(found).items():
        alone = Counter(found.best[contact] for contact in contacts)
        for one, other in combinations(contacts, 2):
            who = customers.get(one)
            if who is not None and who == customers.get(other):
                continue
            if found.best[one] == found.best[other]:
                kinds = " and ".join(sorted(cuts[person])) or "nothing cut"
                reasons[f"joined by what is cut: {kinds}"] += 1
            elif 1 in (alone[found.best[one]], alone[found.best[other]]):
                reasons["one of them met no other contact's identifiers"] += 1
            else:
                reasons["their identifiers never met"] += 1

    return reasons


def _identifiers(
    found: Found, which: pl.Expr, named: str = "customer_id"
) -> Iterator[tuple[str, str, str]]:
    listed = found.tables["identifiers"].filter(which)
    yield from listed.select(named, "kind", "pseudonym").iter_rows()


def _customers(found: Found) -> dict[str, list[str]]:
    known = found.tables["contacts"].drop_nulls("customer_id")
    held: dict[str, list[str]] = defaultdict(list)
    for who, contact in known.select("customer_id", "contact_id").iter_rows():
        held[who].append(contact)

    return held


def _people(found: Found) -> dict[str, list[str]]:
    held: dict[str, list[str]] = defaultdict(list)
    for contact, person in found.truth.persons.items():
        held[person].append(contact)

    return held


def _pairs(size: int) -> int:
    return size * (size - 1) // 2


def why_cut(contacts: pl.DataFrame, truth: Truth) -> Counter[str]:
    """Count the contacts whose journey holds no earlier contact of their need.

    `contacts` is the derived table. Each is counted once, under what parts it from
    the contact before it.
    """
    reasons: Counter[str] = Counter()
    for steps in _needs(contacts, truth).values():
        for place, (before, step) in enumerate(pairwise(steps), 1):
            journeys = {one["journey_id"] for one in steps[:place]}
            if step["journey_id"] not in journeys:
                reasons[_parted(before, step)] += 1

    return reasons


def why_joined(contacts: pl.DataFrame, truth: Truth) -> Counter[str]:
    """Count the needs that lie in one journey with a need that began before them."""
    needs = _needs(contacts, truth)
    journeys: dict[str, list[str]] = defaultdict(list)
    for need, steps in needs.items():
        for journey in sorted({step["journey_id"] for step in steps} - {None}):
            journeys[journey].append(need)
    reasons: Counter[str] = Counter()
    for joined in journeys.values():
        for one, other in pairwise(joined):
            reasons[_joined(needs[one], needs[other], truth)] += 1

    return reasons


def _needs(contacts: pl.DataFrame, truth: Truth) -> dict[str, list[Row]]:
    """Return the contacts of each need in order, the earliest need first."""
    needs: dict[str, list[Row]] = defaultdict(list)
    for row in contacts.sort("started_at", "contact_id").select(KNOWN).to_dicts():
        if row["contact_id"] in truth.needs:
            needs[truth.needs[row["contact_id"]]].append(row)

    return needs


def _parted(before: Row, step: Row) -> str:
    if before["customer_id"] is None or step["customer_id"] is None:
        return "nobody known"
    if before["customer_id"] != step["customer_id"]:
        return "not known to be the same person"
    gap = step["started_at"] - before["last_touch_at"]
    after = next((f"≤ {name}" for name, span in SPANS.items() if gap <= span), "> 7 d")
    if before["topic"] is None or step["topic"] is None:
        return f"topic not recorded, gap {after}"
    if before["topic"] != step["topic"]:
        return f"another topic recorded, gap {after}"

    return f"same topic, gap {after}"


def _joined(earlier: Sequence[Row], later: Sequence[Row], truth: Truth) -> str:
    one, other = (steps[0]["contact_id"] for steps in (earlier, later))
    if truth.persons[one] != truth.persons[other]:
        return "two people taken for one"
    if truth.topics[one] == truth.topics[other]:
        return "two needs on one topic"
    topics = [{step["topic"] for step in steps} for steps in (earlier, later)]
    if {None} in topics:
        return "one of them shows no topic at all"
    if None in set.union(*topics):
        return "a contact between them shows no topic"
    if set.intersection(*topics):
        return "one of them was filed under the other's topic"

    return "another reason"
