"""Contacts become journeys: the second of the two stitchings."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from cxmap.ids import digests
from cxmap.journeys.hops import Pairs, hops, placed, provable_pairs
from cxmap.journeys.links import link
from cxmap.journeys.repeats import merged, repeats
from cxmap.journeys.summary import summary
from cxmap.journeys.surveys import attribute, with_answers
from cxmap.journeys.timeline import ordered
from cxmap.options import LinkRules, RepeatRule
from cxmap.tables import WHEN, conform, empty


@dataclass(frozen=True)
class Stitched:
    """Contacts in their journeys, by the tables' names."""

    contacts: pl.DataFrame
    links: pl.DataFrame
    journeys: pl.DataFrame
    surveys: pl.DataFrame


def stitch(
    contacts: pl.DataFrame,
    references: pl.DataFrame,
    orders: pl.DataFrame,
    *,
    links: LinkRules,
    repeat: RepeatRule,
    horizon_at: datetime | None,
    now: datetime,
    provable: Pairs | None = None,
    surveys: pl.DataFrame | None = None,
) -> Stitched:
    """Return `contacts` (whole customers) tied into journeys.

    `references` are tables reference_records, `orders` contact_id and pseudonym of
    order numbers, `surveys` survey records with survey_id and customer_id.
    `provable` names the pairs of sources whose exports could show continuity, judged
    over all of them (None: over these). The customers of one call do not touch those of
    another: stitching any partition of them gives the same rows.
    """
    contacts = ordered(conform(contacts, "contacts"))
    horizon_at = None if horizon_at is None else min(horizon_at, now)
    if provable is None:
        provable = provable_pairs(contacts, references)

    evidence = link(contacts, references, orders, links=links)
    steps = placed(contacts, evidence)
    hop = hops(contacts, steps, evidence.members, links=links, provable=provable)
    contacts = contacts.with_columns(merged=merged(contacts, evidence.members))
    stepped = _stepped(contacts, steps).with_columns(
        repeats(contacts, repeat, _handed_on(hop)),
        horizon_at=pl.lit(horizon_at, WHEN),
    )
    answers = empty("surveys") if surveys is None else attribute(surveys, stepped)
    answers = answers.with_columns(horizon_at=pl.lit(horizon_at, WHEN))
    answered = with_answers(stepped, answers)

    return Stitched(
        contacts=conform(answered, "contacts"),
        links=_links(answered, hop),
        journeys=summary(answered, hop, links=links, horizon_at=horizon_at),
        surveys=answers,
    )


def _handed_on(hop: pl.DataFrame) -> pl.Series:
    """Return the contacts that are later legs of a transferred one."""
    return hop.filter(pl.col("continuity") == "transfer")["at"]


def _stepped(contacts: pl.DataFrame, steps: pl.DataFrame) -> pl.DataFrame:
    """Add journey (a number), journey_id and step; null where there is no journey."""
    first = steps.filter("inbound").unique("journey", keep="first", maintain_order=True)
    names = first.select(
        "journey",
        journey_id=digests("j_", contacts["contact_id"].gather(first["at"])),
    )
    named = steps.join(names, on="journey", how="left", maintain_order="left")
    nowhere = pl.DataFrame({"at": pl.int_range(contacts.height, eager=True)})
    placing = nowhere.join(
        named.select("at", "journey", "journey_id", "step"),
        on="at",
        how="left",
        maintain_order="left",
    )
    return contacts.with_columns(placing.drop("at"))


def _links(contacts: pl.DataFrame, hop: pl.DataFrame) -> pl.DataFrame:
    """Return tables.LINKS in the order of the contacts they lead to."""
    ordered_hops = hop.sort("at")
    ids = contacts["contact_id"]
    named = ordered_hops.with_columns(
        journey_id=contacts["journey_id"].gather(ordered_hops["at"]),
        from_contact_id=ids.gather(ordered_hops["from_at"]),
        to_contact_id=ids.gather(ordered_hops["at"]),
    )
    return conform(named, "links")
