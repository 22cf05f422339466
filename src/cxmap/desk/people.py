"""One person, asked for by whatever id: who that is today, and why it is one."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from cxmap.config import Config
from cxmap.customers.evidence import OWNER
from cxmap.customers.provenance import Provenance, provenance
from cxmap.errors import UsageError
from cxmap.records import KEY
from cxmap.sources.fold import Folded, fold
from cxmap.sources.latest import OF_RECORDS
from cxmap.sources.profile import Profile
from cxmap.sources.touches import Cases
from cxmap.store import Snapshot

Tables = Mapping[str, pl.DataFrame]

NUMBER = ("source", "source_contact_id")

PIECE = r"#\d+$"
"""What the later contacts of one case have behind its number."""


@dataclass(frozen=True)
class Person:
    """A customer, and everything that made it one."""

    customer_id: str
    asked: str | None
    """The id that was asked for, where it was another."""
    contacts: pl.DataFrame
    """contact_id, started_at, channel and journey_id of every contact held."""
    why: Provenance


def customers_asked(
    tables: Tables, aliases: pl.DataFrame, asked: str
) -> tuple[str, ...]:
    """Return the customers that an id means: several where one was split.

    A customer_id of today or an older one, a journey_id or a contact_id. Raises
    UsageError where nothing has it, or nobody is known behind it; it names the id
    only where it is not an identifier by its looks.
    """
    contacts = tables["contacts"]
    found = _successors(aliases, asked) | {asked}
    known = _held(tables, found)
    if not known:
        of_contact = contacts.filter(
            pl.col("contact_id").is_in(list(found))
            | pl.col("journey_id").is_in(list(found))
        )
        known = set(of_contact["customer_id"].drop_nulls())
        if not known and of_contact.height:
            raise UsageError(
                f"{asked}: nobody is known behind it; "
                "`cxmap customers --part lost` says why"
            )
    if not known:
        raise UsageError(_unknown(asked))

    return tuple(sorted(known))


def _held(tables: Tables, ids: Collection[str]) -> set[str]:
    wanted = pl.col("customer_id").is_in(list(ids))
    return {
        str(name)
        for table in ("customers", "contacts")
        for name in tables[table].filter(wanted)["customer_id"].unique()
    }


def _unknown(asked: str) -> str:
    """Say what to ask by instead; what may be an identifier is not repeated."""
    looks_private = "@" in asked or sum(map(str.isdigit, asked)) > 5
    if looks_private and ":" not in asked and not asked.startswith(("c_", "a_", "j_")):
        return (
            "who: an id is expected here, such as c_…; e-mail addresses, phone numbers "
            "and other identifiers are read from standard input alone: `cxmap who -`"
        )

    return (
        f"{asked}: no customer, journey or contact has this id; `cxmap customers` and "
        "`cxmap journeys` list some, and `cxmap who -` reads identifiers from standard "
        "input"
    )


def _successors(aliases: pl.DataFrame, old_id: str) -> set[str]:
    """Return everything an id of a customer or a journey became."""
    found: set[str] = set()
    waiting = {old_id}
    while waiting:
        became = aliases.filter(pl.col("old_id").is_in(list(waiting)))["new_id"]
        waiting = set(became) - found
        found |= waiting

    return found


def person(
    tables: Tables,
    folded: Folded,
    config: Config,
    customer_id: str,
    *,
    asked: str | None = None,
) -> Person:
    """Return one customer. Of `folded` what `folded_around` leaves suffices."""
    contacts = tables["contacts"].filter(pl.col("customer_id") == customer_id)

    return Person(
        customer_id=customer_id,
        asked=asked if asked != customer_id else None,
        contacts=contacts.sort("started_at", "contact_id").select(
            "contact_id", "started_at", "channel", "journey_id"
        ),
        why=provenance(
            customer_id,
            folded.identifiers,
            folded.identity_links,
            tables["identifiers"],
            tables["contacts"],
            rules=config.identity,
        ),
    )


def folded_around(
    snapshot: Snapshot,
    profiles: Mapping[str, Profile],
    config: Config,
    tables: Tables,
    customer_ids: Iterable[str],
) -> Folded:
    """Return what is folded of the records that tell of some customers, and no more.

    They are their records, every record that holds an identifier these hold, and all
    other contacts of those cases, since a case gives its identifiers to each of its
    contacts. Reading only these, it is quick however much is held.
    """
    wanted = pl.col("customer_id").is_in(list(customer_ids))
    own = tables["identifiers"].filter(wanted)["pseudonym"]
    contacts = tables["contacts"]
    held = snapshot.records("identifier_records")
    first = held.filter(pl.col("pseudonym").is_in(own.implode())).select(OWNER)
    theirs = pl.concat(
        [snapshot.collect(first.unique()), _as_owners(contacts.filter(wanted))]
    )
    owners = _with_cases(theirs, contacts)
    values = _only(held, owners, "owner_id").select("pseudonym")
    pseudonyms = snapshot.collect(values.unique())
    met = _only(held, pseudonyms, "pseudonym").select(OWNER)
    whole = pl.concat([owners, snapshot.collect(met.unique())])
    records = _records_of(snapshot, _with_cases(whole, contacts), pseudonyms)
    rules = Cases(reopen_within=config.repeat.reopen_within, hours=config.hours)

    return fold(records, profiles, rules=rules)


def _only(records: pl.LazyFrame, among: pl.DataFrame, narrow: str) -> pl.LazyFrame:
    """Return the records that agree with a row of `among` in all of its columns.

    Those with another value of the column `narrow` need not even be read whole.
    """
    values = among[narrow].unique().implode()
    near = records.filter(pl.col(narrow).is_in(values))

    return near.join(among.lazy(), on=among.columns, how="semi")


def _as_owners(contacts: pl.DataFrame) -> pl.DataFrame:
    """Return contacts as owners of identifiers, by their case's number, too."""
    number = pl.col("source_contact_id")
    told = [
        contacts.select(
            pl.lit("contact").alias("owner"), "source", name.alias("owner_id")
        )
        for name in (number, number.str.replace(PIECE, ""))
    ]
    return pl.concat(told).unique()


def _with_cases(owners: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """Add all other contacts of the cases that the owners belong to, or are."""
    numbers = owners.filter(pl.col("owner") == "contact")
    numbered = contacts.select("source", "case_id", "source_contact_id").with_columns(
        owner_id=pl.col("source_contact_id").str.replace(PIECE, "")
    )
    near = numbered.join(numbers, on=["source", "owner_id"], how="semi")
    own = numbers.select(case_id=pl.concat_str("source", pl.lit(":"), "owner_id"))
    cases = pl.concat([near.select("case_id").drop_nulls(), own]).unique()
    members = _as_owners(contacts.join(cases, on="case_id", how="semi"))
    behind = cases.select(
        pl.lit("contact").alias("owner"),
        source=pl.col("case_id").str.extract(r"^(.*?):"),
        owner_id=pl.col("case_id").str.extract(r"^.*?:(.*)$"),
    )

    return pl.concat([owners.select(OWNER), members, behind]).unique()


def _records_of(
    snapshot: Snapshot, owners: pl.DataFrame, pseudonyms: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Return the records of some owners, whole and in all their versions.

    And the explicit merges of `pseudonyms`, and every name that codes stand for.
    """
    held = snapshot.records("identifier_records")
    identifiers = snapshot.collect(_only(held, owners, "owner_id"))
    merges = snapshot.records("identity_link_records")
    known = pseudonyms["pseudonym"].implode()
    ends = pl.col("pseudonym").is_in(known) | pl.col("to_pseudonym").is_in(known)
    links = snapshot.collect(merges.filter(ends))
    rows = pl.concat([identifiers.select(KEY), links.select(KEY)]).unique()
    numbers = owners.filter(pl.col("owner") == "contact").select(
        "source", pl.col("owner_id").alias("source_contact_id")
    )

    def of_rows(name: str) -> pl.LazyFrame:
        records = snapshot.records(name)
        if name == "name_records":
            return records
        others = _only(records, rows, "record_key")
        if name not in ("contact_records", "event_records"):
            return others
        apart = others.join(numbers.lazy(), on=NUMBER, how="anti")
        return pl.concat([_only(records, numbers, "source_contact_id"), apart])

    return {
        **{name: snapshot.collect(of_rows(name)) for name in OF_RECORDS},
        "identifier_records": identifiers,
        "identity_link_records": links,
    }
