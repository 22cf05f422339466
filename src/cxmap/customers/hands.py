"""The rules of an analyst's file, found among the contacts and identifiers held."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations

import polars as pl

from cxmap.byhand import FEWEST, ByHand, Rule, read_name
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

    `met` (record, value), `values` (value, kind, namespace, pseudonym, flag), `owners`
    (record, owner, source, owner_id).
    """
    ends = _ends(_named(by_hand), values, owners) if by_hand != ByHand() else {}
    space = {"value": pl.Int64, "to_value": pl.Int64}
    tied = pl.DataFrame(
        list(_tied(by_hand, ends, values)) if by_hand.merge else [],
        schema=space,
        orient="row",
    )
    keys = _keys(met, values) if by_hand.merge else tied.clear()
    return Hands(
        merged=pl.concat([tied, keys]),
        cut=pl.Series(
            [
                ends[name].value
                for rule in by_hand.cut
                for name in rule.people
                if name in ends
            ],
            dtype=pl.Int64,
        ),
        apart=[[ends[n] for n in rule.people if n in ends] for rule in by_hand.apart],
    )


def with_rules(
    held: pl.DataFrame, by_hand: ByHand, contacts: pl.Series, listed: pl.DataFrame
) -> pl.DataFrame:
    """Return `held` (identifier_records), and each merge as a record of its own.

    What `with_merged` adds, and for each rule that names identifiers a record with the
    owner `manual` that holds them and what its contacts hold (`listed`: identifiers).
    """
    told = with_merged(held, by_hand, contacts)
    rules = [rule for rule in by_hand.merge if any(map(_is_identifier, rule.people))]
    if not rules:
        return told
    found = _only(_matching({name for rule in rules for name in rule.people}, listed))
    at = [
        (found[name], _token(rule))
        for rule in rules
        for name in rule.people
        if name in found
    ]
    named = pl.DataFrame(
        at, schema={"at": pl.UInt32, "owner_id": pl.String}, orient="row"
    )
    tokens = pl.DataFrame({"owner_id": [_token(rule) for rule in rules]})
    made = pl.concat(
        [
            listed.with_row_index("at").join(named, on="at").select("owner_id", *VALUE),
            listed.filter(kind=BY_HAND)
            .join(tokens, left_on="pseudonym", right_on="owner_id", how="semi")
            .select(pl.col("pseudonym").alias("owner_id"), *VALUE),
        ]
    ).with_columns(
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
    names = _named(by_hand)
    named = names & set(contacts) | set(_matching(names, identifiers)["name"])
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


def findings(
    by_hand: ByHand, contacts: pl.DataFrame, listed: pl.DataFrame
) -> Iterator[str]:
    """Yield what the rules could not do, in a sentence each.

    `contacts` and `listed` (identifiers) are the tables derived under these rules.
    """
    names = _named(by_hand)
    known = contacts.filter(
        pl.col("contact_id").is_in(pl.Series(sorted(names)).implode())
    )
    whose = dict(known.select("contact_id", "customer_id").iter_rows())
    matching = _matching(names, listed)
    only = _only(matching)
    several = Counter(matching["name"])
    for name in sorted(names - whose.keys() - only.keys()):
        if several[name]:
            yield f"{name}: {several[name]} identifiers begin so; write more letters"
        else:
            yield f"{name}: nothing held is named so"
    whose |= {name: listed["customer_id"][at] for name, at in only.items()}
    for rule in by_hand.apart:
        for one, other in combinations(rule.people, 2):
            person = whose.get(one)
            if person is not None and person == whose.get(other):
                yield f"{one} and {other}: still one person, by what was merged"


def _token(rule: Rule) -> str:
    """Return the pseudonym of the identifier that those merged by a rule hold."""
    return sha256("\n".join(rule.people).encode()).hexdigest()[:LETTERS]


def _named(by_hand: ByHand) -> set[str]:
    rules = (*by_hand.merge, *by_hand.apart, *by_hand.cut)
    return {name for rule in rules for name in rule.people}


def _is_identifier(written: str) -> bool:
    return read_name(written).number is None


def _ends(
    names: set[str], values: pl.DataFrame, owners: pl.DataFrame
) -> dict[str, End]:
    """Return by name the record or value that alone answers to it."""
    contacts = [
        (written, name.source, name.number)
        for written, name in ((one, read_name(one)) for one in sorted(names))
        if name.number is not None
    ]
    space = {"name": pl.String, "source": pl.String, "owner_id": pl.String}
    asked = pl.DataFrame(contacts, schema=space, orient="row")
    held = owners.filter(pl.col("owner") == "contact")
    records = asked.join(held, on=["source", "owner_id"]).select("name", "record")
    numbers = values["value"]
    return {name: End(record) for name, record in records.iter_rows()} | {
        name: End(None, numbers[at])
        for name, at in _only(_matching(names, values)).items()
    }


def _matching(names: set[str], identifiers: pl.DataFrame) -> pl.DataFrame:
    """Return name and at: the rows of `identifiers` that names of such answer to."""
    read = [(written, read_name(written)) for written in sorted(names)]
    asked = pl.DataFrame(
        [(w, n.kind, n.source, n.pseudonym) for w, n in read if n.number is None],
        schema=dict.fromkeys(("name", "kind", "in", "begin"), pl.String()),
        orient="row",
    ).with_columns(head=pl.col("begin").str.head(FEWEST))
    rows = identifiers.select(
        *VALUE, head=pl.col("pseudonym").str.head(FEWEST)
    ).with_row_index("at")
    placed = pl.col("in").is_null() | (pl.col("in") == pl.col("namespace"))
    begins = pl.col("pseudonym").str.starts_with(pl.col("begin"))

    return (
        rows.join(asked, on=["kind", "head"])
        .filter(placed & begins)
        .select("name", "at")
    )


def _only(matching: pl.DataFrame) -> dict[str, int]:
    """Return by name the one row that answers to it."""
    alone = matching.filter(~pl.col("name").is_duplicated())
    return dict(alone.select("name", "at").iter_rows())


def _tied(
    by_hand: ByHand, ends: Mapping[str, End], values: pl.DataFrame
) -> Iterator[tuple[int, int]]:
    """Yield which values a merge ties: its identifiers, and what its contacts hold."""
    made = values.filter(kind=BY_HAND).select("pseudonym", "value")
    tokens: dict[str, int] = dict(made.iter_rows())
    for rule in by_hand.merge:
        named = [ends[name].value for name in rule.people if name in ends]
        tied = [v for v in (tokens.get(_token(rule)), *named) if v is not None]
        for value in tied[1:]:
            yield tied[0], value


def _keys(met: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    """Return value, to_value: what merged contacts hold by hand, and their keys."""
    made = values.filter(kind=BY_HAND).select("value")
    key = pl.col("kind").is_in(KEYS) & pl.col("flag").is_null()
    keys = values.filter(key).select(to_value="value")
    holders = met.join(made, on="value").select("record", "value")
    held = met.select("record", to_value="value").join(holders, on="record")

    return (
        held.join(keys, on="to_value", how="semi").select("value", "to_value").unique()
    )
