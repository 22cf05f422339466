"""Records of one contact, from whatever files, folded into the contact."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from cxmap.options import Hours
from cxmap.sources import expressions
from cxmap.sources.answers import answers
from cxmap.sources.casework import (
    by_name,
    cases_in,
    counted,
    moved,
    shared,
    without_thanks,
)
from cxmap.sources.conclude import conclude
from cxmap.sources.episodes import cut_cases
from cxmap.sources.handling import handled
from cxmap.sources.history import completed, historic, history
from cxmap.sources.inside import with_inside
from cxmap.sources.language import VOCABULARIES
from cxmap.sources.latest import latest
from cxmap.sources.orders import orders
from cxmap.sources.part import Part
from cxmap.sources.profile import Profile, parts
from cxmap.sources.touches import Cases
from cxmap.tables import CONTACT_RECORDS, EVENTS, FACTS, conform, empty, schema

IN_ORDER = (
    "source_contact_id",
    "order_at",
    "version_no",
    "record_key",
    "content",
    "part",
)
"""The order in which the records of one contact are folded: a total one."""

SAID = (
    "contact_id",
    "source",
    "source_contact_id",
    "channel_group",
    "inbound",
    "last_touch_at",
    *FACTS,
    "connected",
)
"""Columns of contacts that their records decide; other rooms fill the rest."""


CASES = Cases(reopen_within=timedelta(days=7), hours=Hours())
"""How cases are cut where the config says nothing else."""


@dataclass(frozen=True)
class Folded:
    """What the records held say, one row per contact, answer, customer …"""

    contacts: pl.DataFrame
    """`contact_id`, `source`, `source_contact_id`, `channel_group`, `inbound`,
    `last_touch_at`, every column of tables.FACTS, `connected`."""
    events: pl.DataFrame
    """The table `events`, of the contacts above."""
    surveys: pl.DataFrame
    """`survey_records` with `survey_id`."""
    customers: pl.DataFrame
    """`customer_records`."""
    orders: pl.DataFrame
    """`order_records`, one row an order."""
    touchpoints: pl.DataFrame
    """`touchpoint_records`."""
    identifiers: pl.DataFrame
    """`identifier_records`, those of a case given to each of its contacts."""
    references: pl.DataFrame
    """`reference_records`."""
    identity_links: pl.DataFrame
    """`identity_link_records`."""
    left_out: pl.DataFrame
    """The table `left_out`: without a start, deleted or spam."""

    @property
    def unstarted(self) -> int:
        """Contacts left out because no record says when they began."""
        return self.left_out.filter(reason="no_start").height

    @property
    def dropped(self) -> int:
        """Contacts left out as deleted or spam."""
        return self.left_out.height - self.unstarted


def fold(
    records: Mapping[str, pl.DataFrame],
    profiles: Mapping[str, Profile],
    *,
    rules: Cases = CASES,
) -> Folded:
    """Return what the stored records say, whatever files they came from.

    `records` are tables of tables.RECORD_TABLES, in any order and with any number of
    versions; they must hold whole contacts. `profiles` are the resolved profiles by
    source: they say how columns fold and what follows from them; `rules` how cases
    are cut into contacts.
    """
    current = latest(records)
    names = current["name_records"]
    versions = records.get("contact_records", empty("contact_records"))
    told = completed(_with_actors(current["event_records"], names))
    events = without_thanks(pl.concat([told, history(versions, profiles)]))
    events = by_name(events, _named(names, "team"))
    together = current["contact_records"]
    folded = [
        _contacts_of(together.filter(pl.col("source") == source), profile, names)
        for source, profile in _with_profiles(together, profiles).items()
    ]
    whole = pl.concat(folded) if folded else _no_contacts()
    whole = counted(whole, events, historic(versions, profiles))
    cases = cases_in(together, profiles)
    made = cut_cases(whole, cases, events, rules=rules)
    placed = moved(events, made)
    told_inside = with_inside(made.contacts, placed, hours=rules.hours)
    contacts = handled(conclude(told_inside), placed)
    contacts = contacts.with_columns(reason=_unwanted())
    kept = contacts.filter(pl.col("reason").is_null())

    return Folded(
        contacts=kept.select(SAID).sort("contact_id"),
        events=_events(placed, kept),
        surveys=answers(current["survey_records"]),
        customers=current["customer_records"],
        orders=orders(current["order_records"]),
        touchpoints=current["touchpoint_records"],
        identifiers=shared(current["identifier_records"], made.parts),
        references=current["reference_records"],
        identity_links=current["identity_link_records"],
        left_out=conform(contacts.filter(pl.col("reason").is_not_null()), "left_out"),
    )


def _with_actors(events: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """The events, their people called what the user lists say they are."""
    people = _named(names, "actor").select("source", actor_id="key", role="name")
    if people.is_empty():
        return events
    told = events.join(
        people, on=["source", "actor_id"], how="left", maintain_order="left"
    )

    # A profile calls human whoever is not the customer; the list knows better.
    guessed = pl.col("actor_type") == "human"
    known = pl.when(guessed).then(pl.coalesce("role", "actor_type"))
    actor = known.otherwise(pl.coalesce("actor_type", "role"))

    return told.with_columns(actor_type=actor).drop("role")


def _named(names: pl.DataFrame, kind: str) -> pl.DataFrame:
    """The latest name of each code of a kind."""
    return (
        names.filter(pl.col("kind") == kind)
        .sort("key", "version_at", "content", "part")
        .unique(subset=["source", "key"], keep="last", maintain_order=True)
    )


def _unwanted() -> pl.Expr:
    """Return why a contact is left out; null where it is kept."""
    return (
        pl.when(pl.col("started_at").is_null())
        .then(pl.lit("no_start"))
        .when(pl.col("status") == "deleted")
        .then(pl.lit("deleted"))
        .when(pl.col("disposition") == "spam")
        .then(pl.lit("spam"))
    )


def _with_profiles(
    records: pl.DataFrame, profiles: Mapping[str, Profile]
) -> dict[str, Profile | None]:
    sources = sorted(records["source"].unique().to_list())
    return {source: profiles.get(source) for source in sources}


def _no_contacts() -> pl.DataFrame:
    return empty("contact_records").select("source", "source_contact_id", *FACTS)


def _contacts_of(
    records: pl.DataFrame, profile: Profile | None, names: pl.DataFrame
) -> pl.DataFrame:
    """Return the folded contacts of one source."""
    of = parts(profile) if profile is not None else {}
    how = {name: word for part in of.values() for name, word in part.fold.items()}
    contacts = _one_row_each(records, how)
    for column, kind in _lookups(of).items():
        contacts = _spelt_out(contacts, names, kind=kind, column=column)
    for name, part in of.items():
        if part.formulas:
            rows = records.filter(pl.col("part") == name)
            contacts = _concluded(contacts, part, rows["source_contact_id"])

    return contacts


def _concluded(contacts: pl.DataFrame, part: Part, own: pl.Series) -> pl.DataFrame:
    """The contacts, those that rows of the part speak of with its `then`."""
    spoken = own.unique().to_frame().with_columns(spoken=pl.lit(value=True))
    contacts = contacts.join(
        spoken, on="source_contact_id", how="left", maintain_order="left"
    )
    for name, text in part.formulas.items():
        value = expressions.parse(text).cast(schema("contact_records")[name])
        contacts = contacts.with_columns(
            pl.when("spoken").then(value).otherwise(name).alias(name)
        )

    return contacts.drop("spoken")


def _lookups(of: Mapping[str, Part]) -> dict[str, str]:
    return {
        name: value.lookup
        for part in of.values()
        for name, value in part.fields.items()
        if value.lookup is not None
    }


def _one_row_each(records: pl.DataFrame, how: Mapping[str, str]) -> pl.DataFrame:
    facts = ["source", "source_contact_id", *FACTS]
    several = records["source_contact_id"].is_duplicated()
    ones = records.filter(~several).select(facts)
    many = records.filter(several).sort(IN_ORDER)
    if many.is_empty():
        return ones

    filled = [name for name in FACTS if many[name].null_count() < many.height]
    folded = many.group_by("source_contact_id", maintain_order=True).agg(
        pl.col("source").first(),
        *(_folded(name, how.get(name, "last")) for name in filled),
    )
    missing = {n: pl.lit(None, CONTACT_RECORDS[n][0]) for n in FACTS if n not in filled}

    return pl.concat([ones, folded.with_columns(**missing).select(facts)])


def _folded(name: str, how: str) -> pl.Expr:
    column = pl.col(name)
    told = column.count() > 0
    if how == "sum":
        return pl.when(told).then(column.sum()).alias(name)
    if how == "any":
        return pl.when(told).then(column.any()).alias(name)
    if how == "all":
        return pl.when(told).then(column.all()).alias(name)
    if how == "first":
        return column.first(ignore_nulls=True)
    if how == "last":
        return column.last(ignore_nulls=True)

    return column.min() if how == "min" else column.max()


def _spelt_out(
    contacts: pl.DataFrame, names: pl.DataFrame, *, kind: str, column: str
) -> pl.DataFrame:
    """Return the contacts with the codes in `column` replaced by their names.

    A code that nobody names stays as it is; where words are closed it is unknown.
    """
    spelt = _named(names, kind).select(
        "source", pl.col("key").alias(column), pl.col("name").alias("_name")
    )
    joined = contacts.join(
        spelt, on=["source", column], how="left", maintain_order="left"
    )
    named = pl.coalesce("_name", column)
    words = VOCABULARIES.get(column)
    if words is not None:
        known = named.is_null() | named.is_in(list(words))
        named = pl.when(known).then(named).otherwise(pl.lit("unknown"))

    return joined.with_columns(named.alias(column)).select(contacts.columns)


def _events(events: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    named = events.with_columns(
        contact_id=pl.concat_str("source", pl.lit(":"), "source_contact_id")
    ).join(contacts.select("contact_id"), on="contact_id", how="semi")

    return conform(named.select(*EVENTS), "events")
