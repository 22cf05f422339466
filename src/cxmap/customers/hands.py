"""The rules of an analyst's file, found among the contacts and identifiers held."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations

import polars as pl

from cxmap.byhand import ByHand, Name, Rule, read_name
from cxmap.customers.evidence import OWNER, VALUE
from cxmap.customers.parting import End
from cxmap.names import BY_HAND, KEYS

LETTERS = 26


@dataclass(frozen=True)
class Hands:
    """Rules by number of records and values."""

    merged: pl.DataFrame
    """value, to_value: merged by hand."""
    cut: pl.Series
    """Values that join nobody."""
    apart: list[list[End]]
    """Of each rule those of whom no two are one person."""


def with_merged(
    identifiers: pl.DataFrame, by_hand: ByHand, contacts: pl.Series | None
) -> pl.DataFrame:
    """Return `identifiers` (identifier_records) and what the merges add to them.

    Contacts that one rule merges hold one more identifier, of the kind `manual`, if
    they are known: by an identifier, or as one of `contacts` (contact_id).
    """
    named = [
        (name.source, name.number, _token(rule))
        for rule in by_hand.merge
        for name in map(read_name, rule.people)
        if name.number is not None
    ]
    if not named:
        return identifiers
    space = {"source": pl.String, "owner_id": pl.String, "pseudonym": pl.String}
    rows = pl.DataFrame(named, schema=space, orient="row")
    own = identifiers.filter(pl.col("owner") == "contact").select("source", "owner_id")
    known = rows.join(own, on=["source", "owner_id"], how="semi")
    if contacts is not None:
        number = pl.concat_str("source", pl.lit(":"), "owner_id")
        held = rows.filter(number.is_in(contacts.implode()))
        known = pl.concat([known, held]).unique()
    added = known.with_columns(
        owner=pl.lit("contact"),
        kind=pl.lit(BY_HAND),
        namespace=pl.lit(""),
        flag=pl.lit(None, pl.String()),
        seen_at=pl.lit(None, identifiers.schema["seen_at"]),
    )
    columns = [*OWNER, *VALUE, "flag", "seen_at"]

    return pl.concat([identifiers.select(columns), added.select(columns)])


def hands(
    by_hand: ByHand, met: pl.DataFrame, values: pl.DataFrame, owners: pl.DataFrame
) -> Hands:
    """Return the rules by number; names that nothing or several answer to are left out.

    `met` (record, value), `values` (value, kind, namespace, pseudonym), `owners`
    (record, owner, source, owner_id).
    """
    merged = [
        pair for rule in by_hand.merge for pair in _pairs(rule, met, values, owners)
    ]
    cut = [end.value for rule in by_hand.cut for end in _ends(rule, values, owners)]
    space = {"value": pl.Int64, "to_value": pl.Int64}
    return Hands(
        merged=pl.DataFrame(merged, schema=space, orient="row"),
        cut=pl.Series(cut, dtype=pl.Int64),
        apart=[_ends(rule, values, owners) for rule in by_hand.apart],
    )


def with_rules(
    held: pl.DataFrame, by_hand: ByHand, contacts: pl.Series, listed: pl.DataFrame
) -> pl.DataFrame:
    """Return `held` (identifier_records), and each merge as a record of its own.

    What `with_merged` adds, and for each rule that names identifiers a record with the
    owner `manual` that holds them and what its contacts hold (`listed`: identifiers).
    """
    told = with_merged(held, by_hand, contacts)
    rows = [
        listed.filter(_is(name)).with_columns(owner_id=pl.lit(_token(rule)))
        for rule in by_hand.merge
        if _identifiers(rule)
        for name in [Name(kind=BY_HAND, pseudonym=_token(rule)), *_identifiers(rule)]
        if listed.filter(_is(name)).height == 1
    ]
    if not rows:
        return told
    made = pl.concat(rows).with_columns(
        owner=pl.lit(BY_HAND),
        source=pl.lit(BY_HAND),
        flag=pl.lit(None, pl.String()),
        seen_at=pl.lit(None, held.schema["seen_at"]),
    )
    columns = [*OWNER, *VALUE, "flag", "seen_at"]

    return pl.concat([told.select(columns), made.select(columns)])


def rules_about(
    by_hand: ByHand, contacts: pl.Series, identifiers: pl.DataFrame
) -> pl.DataFrame:
    """Return rule, people and because of the rules that name any of these.

    `contacts` are contact_ids, `identifiers` (kind, namespace, pseudonym).
    """
    named = {
        written
        for written in _named(by_hand)
        if _known(read_name(written), written, contacts, identifiers)
    }
    found = [
        (kind, list(rule.people), rule.because)
        for kind, rules in (
            ("merge", by_hand.merge),
            ("apart", by_hand.apart),
            ("cut", by_hand.cut),
        )
        for rule in rules
        if named & set(rule.people)
    ]
    texts = pl.List(pl.String())
    space = {"rule": pl.String(), "people": texts, "because": pl.String()}

    return pl.DataFrame(found, schema=pl.Schema(space), orient="row")


def _known(
    name: Name, written: str, contacts: pl.Series, identifiers: pl.DataFrame
) -> bool:
    if name.number is None:
        return bool(identifiers.filter(_is(name)).height)

    return written in contacts


def _identifiers(rule: Rule) -> list[Name]:
    return [name for name in map(read_name, rule.people) if name.number is None]


def findings(
    by_hand: ByHand, contacts: pl.DataFrame, listed: pl.DataFrame
) -> Iterator[str]:
    """Yield what the rules could not do, in a sentence each.

    `contacts` and `listed` (identifiers) are the tables derived under these rules.
    """
    whose = {name: _held(name, contacts, listed) for name in _named(by_hand)}
    for name, held in whose.items():
        if not held.height:
            yield f"{name}: nothing held is named so"
        elif held.height > 1:
            yield f"{name}: {held.height} identifiers begin so; write more letters"
    for rule in by_hand.apart:
        for one, other in combinations(rule.people, 2):
            people = pl.concat([whose[one], whose[other]])["customer_id"]
            if people.len() == 2 and people[0] is not None and people[0] == people[1]:
                yield f"{one} and {other}: still one person, by what was merged"


def _token(rule: Rule) -> str:
    """Return the pseudonym of the identifier that those merged by a rule hold."""
    return sha256("\n".join(rule.people).encode()).hexdigest()[:LETTERS]


def _pairs(
    rule: Rule, met: pl.DataFrame, values: pl.DataFrame, owners: pl.DataFrame
) -> Iterator[tuple[int, int]]:
    """Yield what a merge ties together: its identifiers, and keys of its contacts."""
    is_token = (pl.col("kind") == BY_HAND) & (pl.col("pseudonym") == _token(rule))
    token = values.filter(is_token)["value"]
    named = [e.value for e in _ends(rule, values, owners) if e.value is not None]
    holders = met.filter(met["value"].is_in(token.implode())).select("record")
    keys = values.filter(pl.col("kind").is_in(KEYS)).select("value")
    held = met.join(holders, on="record", how="semi").join(keys, on="value")["value"]
    tied = [*token.to_list(), *named, *sorted(set(held))]
    for value in tied[1:]:
        yield tied[0], value


def _ends(rule: Rule, values: pl.DataFrame, owners: pl.DataFrame) -> list[End]:
    found = []
    for name in map(read_name, rule.people):
        if name.number is None:
            matching = values.filter(_is(name))["value"]
            found += [End(None, value) for value in matching if matching.len() == 1]
        else:
            contact = pl.col("owner") == "contact"
            at = (pl.col("source") == name.source) & (pl.col("owner_id") == name.number)
            found += [End(record) for record in owners.filter(contact & at)["record"]]

    return found


def _is(name: Name) -> pl.Expr:
    space = pl.col("namespace").fill_null("")
    placed = space == name.source if name.source else pl.lit(value=True)
    begins = pl.col("pseudonym").str.starts_with(name.pseudonym)

    return (pl.col("kind") == name.kind) & placed & begins


def _named(by_hand: ByHand) -> list[str]:
    rules = (*by_hand.merge, *by_hand.apart, *by_hand.cut)
    return sorted({name for rule in rules for name in rule.people})


def _held(written: str, contacts: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """Return the customer_id of whatever a name stands for, a row each."""
    name = read_name(written)
    if name.number is None:
        return listed.filter(_is(name)).select("customer_id")

    return contacts.filter(pl.col("contact_id") == written).select("customer_id")
