"""Runs the rooms on this machine, one bucket of whole customers at a time."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

import polars as pl

from cxmap import baselines, scoring
from cxmap.baselines import Baselines, beside, count, settle
from cxmap.definitions import Baseline, Friction
from cxmap.flagging import flag
from cxmap.handling import Rates
from cxmap.ids import lot
from cxmap.insights.crossing import Cut, merge_crossings
from cxmap.insights.timing import merge_timings
from cxmap.journeys.hops import Pairs
from cxmap.journeys.steps import steps
from cxmap.journeys.stitch import stitch
from cxmap.ledger import (
    BoundFrictions,
    Cuts,
    LedgerParts,
    friction_partials,
    merge_frictions,
)
from cxmap.measures import Bound, Partials, merge
from cxmap.options import Hours, LinkRules, RepeatRule
from cxmap.scoring import (
    Only,
    Periods,
    crossed,
    demand,
    missing_inputs,
    partials,
    timed,
)

ALONE = ("contact", "survey", "order", "touchpoint")
"""What goes by its own id where nobody knows whose it is."""

LED_TO = MappingProxyType({"links": "to_contact_id"})
"""Whose contact a row is, where the column has another name than contact_id."""

OF_LEDGER = ("contact_id", "contacts_after")
"""What the ledger reads of steps."""

BUCKET = 1_000_000
"""Contacts a bucket holds at about, unless one customer has more."""

Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Plan:
    """What every bucket is told before it is stitched and flagged: the same for all."""

    links: LinkRules
    repeat: RepeatRule
    hours: Hours
    horizon_at: datetime | None
    now: datetime
    provable: Pairs
    """Pairs of sources whose exports can prove that a hop was continuous."""
    frictions: Mapping[str, tuple[Friction, pl.Expr]] = field(default_factory=dict)
    severities: Mapping[str, str] = field(default_factory=dict)
    baselines: Baselines = field(default_factory=dict)
    """The values of those that the frictions need."""


@dataclass(frozen=True)
class Question:
    """What every bucket is asked: KPIs, periods and segments."""

    kpis: Bound
    periods: Periods
    by: tuple[str, ...]
    zone: str
    frictions: BoundFrictions
    hours: Hours
    rates: Rates = field(default_factory=Rates)
    """What contacts usually take and cost, told from everything held."""
    cuts: Cuts = ()
    """By what the ledger is cut; the scorecard shows it whole."""
    baselines: Baselines = field(default_factory=dict)
    """The values of those that the KPIs need."""
    only: Only = field(default_factory=dict)
    """By period: the segment of which alone the KPIs are counted."""


@dataclass(frozen=True)
class Answer:
    """Integers that add up over buckets."""

    partials: Partials
    frictions: LedgerParts
    missing: Mapping[str, tuple[str, ...]]
    """What each KPI needs that no bucket holds."""


def run(
    buckets: Iterable[Tables], plan: Plan, needs: Mapping[str, Baseline]
) -> list[dict[str, pl.DataFrame]]:
    """Stitch and flag every bucket; return what `run_bucket` says of each.

    Where the frictions need baselines, all buckets are stitched first, since a
    baseline is a number over everything.
    """
    if not needs:
        return [run_bucket(bucket, plan) for bucket in buckets]

    stitched: list[Tables] = [stitch_bucket(bucket, plan) for bucket in buckets]
    if len(stitched) == 1:
        stitched = [walked(stitched[0], plan.hours)]
    told = replace(plan, baselines=first_pass(stitched, needs, hours=plan.hours))

    return [flag_bucket(bucket, told) for bucket in stitched]


def first_pass(
    buckets: Iterable[Tables], needs: Mapping[str, Baseline], *, hours: Hours
) -> Baselines:
    """Return the values of baselines over all stitched buckets."""
    return settle(
        (count_bucket(bucket, needs, hours=hours) for bucket in buckets), needs
    )


def count_bucket(
    tables: Tables, needs: Mapping[str, Baseline], *, hours: Hours
) -> Partials:
    """Count baselines on the contacts, links, journeys and surveys of a bucket."""
    over_steps = any(one.over == "steps" for one in needs.values())
    read = baselines.read_of_steps(needs)

    return count(walked(tables, hours, read) if over_steps else tables, needs)


def run_bucket(tables: Tables, plan: Plan) -> dict[str, pl.DataFrame]:
    """Stitch and flag the contacts, references, orders and surveys of a bucket.

    Returns contacts, links, journeys, points and surveys. Pure: the same customers
    give the same rows in whatever bucket they come.
    """
    return flag_bucket(stitch_bucket(tables, plan), plan)


def stitch_bucket(tables: Tables, plan: Plan) -> dict[str, pl.DataFrame]:
    """Return contacts, links, journeys and surveys of a bucket, stitched."""
    stitched = stitch(
        tables["contacts"],
        tables["references"],
        tables["same_orders"],
        links=plan.links,
        repeat=plan.repeat,
        horizon_at=plan.horizon_at,
        now=plan.now,
        provable=plan.provable,
        surveys=tables["surveys"],
    )
    return {
        "contacts": stitched.contacts,
        "links": stitched.links,
        "journeys": stitched.journeys,
        "surveys": stitched.surveys,
    }


def flag_bucket(stitched: Tables, plan: Plan) -> dict[str, pl.DataFrame]:
    """Return the stitched tables of a bucket and the points in them."""
    frictions = plan.frictions.values()
    needs = sorted({name for friction, _ in frictions for name in friction.needs})
    told = walked(stitched, plan.hours)["steps"]
    judged = beside(told, needs, plan.baselines)

    kept = {name: rows for name, rows in stitched.items() if name != "steps"}

    return {
        **kept,
        "points": flag(judged, plan.frictions, severities=plan.severities),
    }


def score_bucket(tables: Tables, question: Question) -> Answer:
    """Count what is asked on the contacts, links, journeys and surveys of a bucket."""
    read = walked(tables, question.hours, _read_by_kpis(question))
    if any(kpi.over == "demand" for kpi, _ in question.kpis.values()):
        read = {**read, "demand": demand(tables)}

    return Answer(
        partials=partials(
            read,
            question.kpis,
            periods=question.periods,
            by=question.by,
            zone=question.zone,
            baselines=question.baselines,
            only=question.only,
        ),
        frictions=friction_partials(
            read,
            question.frictions,
            periods=question.periods,
            rates=question.rates,
            cuts=question.cuts,
            zone=question.zone,
        ),
        missing={
            name: missing_inputs(read, kpi) for name, (kpi, _) in question.kpis.items()
        },
    )


def _read_by_kpis(question: Question) -> set[str]:
    cut_by = [values.columns for values in question.baselines.values()]

    return scoring.read_of_steps(question.kpis).union(*cut_by, OF_LEDGER)


def read_of_steps(kpis: Bound, needs: Mapping[str, Baseline]) -> set[str]:
    """Return the columns of steps that KPIs, their baselines and the ledger read."""
    counted = scoring.read_of_steps(kpis) | baselines.read_of_steps(needs)

    return counted.union(OF_LEDGER)


def walked_once(
    tables: Tables, hours: Hours, columns: Collection[str] | None = None
) -> Tables:
    """Return the tables with their steps, as `walked`, where they are one bucket.

    Whoever counts baselines and then judges by them need not walk twice. Of more
    buckets each is walked when its turn comes, so that memory stays bounded.
    """
    if tables["contacts"].height > BUCKET:
        return tables

    return walked(tables, hours, columns)


def cross(
    buckets: Iterable[Tables],
    question: Question,
    cuts: Sequence[Cut],
    *,
    pairs: bool = False,
) -> pl.DataFrame:
    """Count the KPIs of a question in the cells of cuts, over all buckets."""
    return merge_crossings(
        cross_bucket(one, question, cuts, pairs=pairs) for one in buckets
    )


def cross_bucket(
    tables: Tables, question: Question, cuts: Sequence[Cut], *, pairs: bool
) -> pl.DataFrame:
    """Count the KPIs of a question in the cells of cuts: the table `crossings`."""
    return crossed(
        _read(tables, question),
        question.kpis,
        cuts,
        periods=question.periods,
        zone=question.zone,
        baselines=question.baselines,
        only=question.only,
        pairs=pairs,
    )


def time(buckets: Iterable[Tables], question: Question, cut: Cut) -> pl.DataFrame:
    """Count the times of a question's KPIs in the cells of a cut, over all buckets."""
    return merge_timings(time_bucket(one, question, cut) for one in buckets)


def time_bucket(tables: Tables, question: Question, cut: Cut) -> pl.DataFrame:
    """Count the times of a question's KPIs in the cells of a cut: table `timings`."""
    return timed(
        _read(tables, question),
        question.kpis,
        cut,
        periods=question.periods,
        zone=question.zone,
        baselines=question.baselines,
        only=question.only,
    )


def _read(tables: Tables, question: Question) -> Tables:
    """Return the tables with those that the KPIs of a question are counted over."""
    over = {kpi.over for kpi, _ in question.kpis.values()}
    columns = _read_by_kpis(question)
    read = walked(tables, question.hours, columns) if "steps" in over else tables

    return {**read, "demand": demand(tables)} if "demand" in over else read


def walked(
    tables: Tables, hours: Hours, columns: Collection[str] | None = None
) -> Tables:
    """Return the tables of a bucket with its steps, unless they have them.

    `columns`: of the steps these alone.
    """
    if "steps" in tables:
        return tables

    told = steps(
        tables["contacts"],
        tables["links"],
        tables["journeys"],
        tables["surveys"],
        hours=hours,
        columns=columns,
    )

    return {**tables, "steps": told}


def add(answers: list[Answer]) -> Answer:
    """Add up the answers of all buckets; what one bucket holds is not missing."""
    missing = {
        name: tuple(
            one for one in needed if all(one in a.missing[name] for a in answers)
        )
        for name, needed in answers[0].missing.items()
    }

    return Answer(
        partials=merge(answer.partials for answer in answers),
        frictions=merge_frictions(answer.frictions for answer in answers),
        missing={name: needs for name, needs in missing.items() if needs},
    )


def cut(tables: Tables, *, at_most: int = BUCKET) -> Iterator[dict[str, pl.DataFrame]]:
    """Yield the tables in buckets of whole customers.

    The bucket of a row is a stable number of its customer; a row without one goes by
    its journey, contact or survey. Tables without any of these follow their contact.
    """
    count = -(-tables["contacts"].height // at_most) or 1
    if count == 1:
        yield dict(tables)
        return

    owned = {name: with_owner(rows, name, tables) for name, rows in tables.items()}
    marked = {name: _marked(rows, count) for name, rows in owned.items()}
    for bucket in range(count):
        yield {
            name: rows.filter(pl.col("bucket") == bucket).drop("bucket")
            for name, rows in marked.items()
        }


def with_owner(rows: pl.DataFrame, name: str, tables: Tables) -> pl.DataFrame:
    """Return the rows of the table `name` with `owner`: whose they are.

    A customer, else the contact, survey … that nobody known owns. A reference, an
    event or whatever else is a contact's is its contact's owner's; without that
    contact in `tables` it is left out.
    """
    if "owner" in rows.columns:
        return rows
    if name == "surveys" and "contact_id" in rows.columns:
        return _answers(rows, tables["contacts"])
    if "customer_id" in rows.columns or name == "left_out":
        return rows.with_columns(owner=_owner(rows))

    contacts = tables["contacts"]
    if name == "references":
        key = ["source", "source_contact_id"]
        return rows.join(contacts.select(*key, owner=_owner(contacts)), on=key)
    left = LED_TO.get(name, "contact_id")
    whose = contacts.select(pl.col("contact_id").alias(left), owner=_owner(contacts))

    return rows.join(whose, on=left)


def _answers(surveys: pl.DataFrame, contacts: pl.DataFrame) -> pl.DataFrame:
    """The answers with their owner: that of the contact they are about comes first.

    A known customer may answer about a contact whose customer nobody knew.
    """
    whose = contacts.select("contact_id", about=_owner(contacts))
    told = surveys.join(whose, on="contact_id", how="left", maintain_order="left")

    return told.with_columns(owner=pl.coalesce("about", _owner(surveys))).drop("about")


def _owner(rows: pl.DataFrame) -> pl.Expr:
    names = ("customer_id", "journey_id", *(f"{one}_id" for one in ALONE))
    return pl.coalesce([name for name in names if name in rows.columns])


def _marked(owned: pl.DataFrame, count: int) -> pl.DataFrame:
    """The rows with a bucket: a number that depends on their owner's name alone.

    It is the same on every machine.
    """
    return owned.with_columns(bucket=lot(pl.col("owner"), count)).drop("owner")
