"""The whole house on one page: records become tables, and tables a scorecard."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.accounting import bound_frictions, rates_of, told_lines
from cxmap.baselines import Baselines, needed
from cxmap.changing import USUAL, findings
from cxmap.comparable import Changes, coverage_changes
from cxmap.config import Config
from cxmap.customers.identify import Identified, identify
from cxmap.customers.inherit import inherit
from cxmap.customers.units import in_units
from cxmap.definitions import Definition, collect, collect_baselines
from cxmap.engines.local import (
    Plan,
    Question,
    add,
    cut,
    first_pass,
    read_of_steps,
    score_bucket,
    walked_once,
)
from cxmap.engines.renewing import renew, run_all
from cxmap.errors import UsageError
from cxmap.flagging import counted_in
from cxmap.framing import (
    Compare,
    chosen_period,
    compared,
    held_in,
    hours_of_nobody,
    notes_on,
    one_further,
)
from cxmap.journeys.browsing import with_browsing, with_left_alone
from cxmap.journeys.business import with_hours
from cxmap.journeys.coverage import coverage, horizon, with_coverage
from cxmap.journeys.hops import provable_pairs
from cxmap.journeys.reopens import with_reopens
from cxmap.journeys.surveys import named_contacts
from cxmap.journeys.topics import map_topics
from cxmap.measures import Bound
from cxmap.names import AGENT
from cxmap.scorecard import Score, Scorecard
from cxmap.scoring import scores
from cxmap.sources.fold import Folded, fold
from cxmap.sources.profile import Profile
from cxmap.sources.touches import Cases
from cxmap.store import Snapshot
from cxmap.tables import DERIVED_TABLES, RECORD_TABLES, conform

Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Request:
    """What a reader asks of `report`."""

    since: str | None = None
    until: str | None = None
    compare: Compare = "previous"
    by: tuple[str, ...] = ()
    kpis: tuple[str, ...] = ()
    """Empty: all that are not switched off."""
    running: bool = False
    """Whether to tell what was worse two periods running: a third one is counted."""
    findings: bool = True
    """Whether to look for what carries the changes."""


def derive(
    snapshot: Snapshot,
    profiles: Mapping[str, Profile],
    config: Config,
    *,
    now: datetime,
    earlier: Tables | None = None,
) -> Tables:
    """Return every derived table of what the store holds, as of `now`.

    `earlier` are those of other records under the same configuration, `settled` at
    `now`: whom nothing new touches keeps the rows of them. The result is the same.
    """
    folded = folded_of(snapshot, profiles, config)

    return derive_from(folded, config, now=now, earlier=earlier)


def folded_of(
    snapshot: Snapshot, profiles: Mapping[str, Profile], config: Config
) -> Folded:
    """Return the contacts and other records that the store's records fold into.

    They are the same whoever is who and whatever is linked: of the configuration only
    `reopen` and `hours`, which say where a case begins and ends, bear upon them.
    """
    return fold(
        {name: snapshot.collect(snapshot.records(name)) for name in RECORD_TABLES},
        profiles,
        rules=Cases(reopen_within=config.repeat.reopen_within, hours=config.hours),
    )


def derive_from(
    folded: Folded, config: Config, *, now: datetime, earlier: Tables | None = None
) -> Tables:
    """Return every derived table of folded records, as of `now`.

    Who is who, what is linked and where it rubs follows from the configuration here.
    `earlier` as in `derive`.
    """
    people = identify(
        folded.identifiers,
        folded.identity_links,
        rules=config.identity,
        contacts=folded.contacts["contact_id"],
    )
    people = in_units(people, folded.identifiers, rules=config.identity)
    known = folded.contacts.filter(pl.col("started_at") <= now)
    inherited = inherit(
        _named(known, people),
        folded.references,
        apart=config.identity.by_hand.kept_apart,
    )
    contacts = map_topics(inherited.contacts, config.topics)
    held = coverage(contacts, config.coverage, now=now)

    horizon_at = horizon(held, now=now)
    orders = _owned(folded.orders, people, "order", now)
    touchpoints = _owned(folded.touchpoints, people, "touchpoint", now)
    seen = with_browsing(contacts, touchpoints, orders, horizon_at=horizon_at)
    placed = with_left_alone(
        with_coverage(seen, held, now=now), orders, horizon_at=horizon_at
    )

    plan = Plan(
        links=config.links,
        repeat=config.repeat,
        hours=config.hours,
        horizon_at=horizon_at,
        now=now,
        provable=provable_pairs(contacts, folded.references),
        frictions=bound_frictions(config),
        severities=config.frictions.severities,
    )
    whole = {
        "contacts": with_hours(
            with_reopens(placed, folded.events),
            folded.events,
            hours=config.hours,
        ),
        "references": folded.references,
        "same_orders": _same_orders(folded.identifiers),
        "surveys": named_contacts(_answered(folded.surveys, people), contacts),
    }
    flagged = [friction for friction, _ in plan.frictions.values()]
    needs = needed(flagged, collect_baselines())
    stitched = (
        run_all(whole, plan, needs)
        if earlier is None
        else renew(whole, plan, needs, earlier)
    )

    return {
        **stitched,
        "journeys": counted_in(stitched["journeys"], stitched["points"]),
        "events": conform(folded.events, "events"),
        "customers": _described(
            people.customers,
            stitched["contacts"],
            _segments(folded.customers, people, config.segments),
        ),
        "identifiers": conform(people.identifiers, "identifiers"),
        "orders": orders,
        "touchpoints": touchpoints,
        "left_out": _left_out(folded, now),
        "conflicts": conform(inherited.conflicts, "conflicts"),
    }


def tables_of(
    snapshot: Snapshot,
    profiles: Mapping[str, Profile],
    config: Config,
    *,
    now: datetime,
) -> Tables:
    """Return the derived tables: as `ingest` left them where they still hold, else new.

    They hold wherever they are `settled`.
    """
    stored = stored_tables(snapshot, config, now=now)

    return stored or derive(snapshot, profiles, config, now=now)


def stored_tables(
    snapshot: Snapshot, config: Config, *, now: datetime
) -> Tables | None:
    """Return the derived tables as `ingest` left them; None where they do not hold."""
    if not settled(snapshot, config, now=now):
        return None
    stored = {name: snapshot.derived(name, config.hash) for name in DERIVED_TABLES}
    held = {name: table for name, table in stored.items() if table is not None}

    return held if held.keys() == stored.keys() else None


def settled(snapshot: Snapshot, config: Config, *, now: datetime) -> bool:
    """Tell whether the derived tables no longer depend on the clock.

    So it is from the last record and the last declared end of coverage on.
    """
    ends = [load.until for load in snapshot.loads]
    ends += [coverage.until for coverage in config.coverage.values()]

    return all(end is None or end <= now for end in ends)


def bound_kpis(config: Config, names: tuple[str, ...] = ()) -> Bound:
    """Return the KPIs that are on (or those named), with the config's options.

    Those of the lab are on only where they are named.
    """
    off = config.kpis.off
    return {
        name: (kpi, kpi.bind(config.kpi_options.get(name, {})))
        for name, kpi in collect("kpis").items()
        if (name in names if names else kpi.shown != "lab" and name not in off)
    }


def baselines_of(
    tables: Tables, config: Config, definitions: Iterable[Definition]
) -> Baselines:
    """Return the baselines that the definitions need, over all derived tables."""
    needs = needed(definitions, collect_baselines())

    return first_pass(cut(tables), needs, hours=config.hours) if needs else {}


def with_steps(tables: Tables, config: Config, kpis: Bound) -> Tables:
    """Return the tables with what KPIs, and their baselines, read of their steps.

    So baselines and KPIs share one walk; of more than a bucket it is left to each.
    """
    needs = needed([kpi for kpi, _ in kpis.values()], collect_baselines())

    return walked_once(tables, config.hours, read_of_steps(kpis, needs))


def require_allowed(dimensions: Iterable[str], config: Config) -> None:
    """Raise UsageError where the config does not allow one of names.DIMENSIONS."""
    if AGENT in dimensions and not config.privacy.agents:
        raise UsageError(
            "agent: numbers are not broken down by the people who do the work, unless "
            "cxmap.yaml says `privacy: {agents: on}`"
        )


def report(
    tables: Tables, config: Config, request: Request, *, now: datetime, zone: ZoneInfo
) -> Scorecard:
    """Return the scorecard of the period asked for, else of the last judged month.

    Raises UsageError where it is to be cut by what the config does not allow.
    """
    require_allowed(request.by, config)
    contacts = tables["contacts"].filter(pl.col("started_at") <= now)
    held = coverage(contacts, config.coverage, now=now)
    until = horizon(held, now=now)
    period = chosen_period(
        contacts, request.since, request.until, horizon_at=until, now=now, zone=zone
    )
    earlier = compared(period, request.compare, zone=zone)

    kpis = bound_kpis(config, request.kpis)
    changed = coverage_changes(tables, held, kpis, period, earlier)
    spans = {"current": (period.since, period.until)}
    if earlier is not None:
        spans["previous"] = (earlier.since, earlier.until)
    hindered: Changes = {}
    if request.running:
        further, hindered = one_further(
            tables, held, kpis, (period, earlier), request.compare, zone=zone
        )
        if further is not None:
            spans["earlier"] = (further.since, further.until)
    told = with_steps(tables, config, kpis)
    question = Question(
        kpis=kpis,
        periods=spans,
        by=request.by,
        zone=zone.key,
        frictions=bound_frictions(config),
        hours=config.hours,
        rates=rates_of(told, config),
        baselines=baselines_of(told, config, [kpi for kpi, _ in kpis.values()]),
    )
    answer = add([score_bucket(bucket, question) for bucket in cut(told)])
    lines, assumptions = told_lines(answer.frictions, tables, config, period)
    scored = scores(
        answer.partials,
        kpis,
        targets=config.targets,
        segment_targets=config.segment_targets,
        missing=answer.missing,
        coverage_changed=changed,
        not_comparable=hindered,
        min_cell=config.privacy.min_cell,
    )

    return Scorecard(
        since=period.since,
        until=period.until,
        period=period.words,
        compared_with=(earlier.since, earlier.until) if earlier else None,
        now=now,
        horizon=until,
        zone=zone.key,
        coverage=held_in(contacts, tables["journeys"], held, period),
        scores=tuple(scored),
        frictions=lines,
        assumptions=assumptions,
        notes=(
            *notes_on(config, held, changed, kpis),
            *hours_of_nobody(config, contacts),
        ),
        not_comparable=hindered,
        findings=findings(
            cut(told),
            question,
            [score for score in scored if _leads(score, kpis, request)],
            dimensions=tuple(dict.fromkeys((*USUAL, *request.by))),
            min_cell=config.privacy.min_cell,
        )
        if request.findings
        else (),
        coverage_changed=changed,
    )


def _leads(score: Score, kpis: Bound, request: Request) -> bool:
    """Tell whether a KPI may open the report: a main one, one aimed at or named."""
    shown = kpis[score.kpi][0].shown == "card"

    return shown or score.target is not None or bool(request.kpis)


def _named(contacts: pl.DataFrame, people: Identified) -> pl.DataFrame:
    """The contacts with their customer, or why there is none."""
    owners = people.owners.filter(pl.col("owner") == "contact").select(
        "source",
        pl.col("owner_id").alias("source_contact_id"),
        "customer_id",
        "unidentified",
    )
    reason = pl.when(pl.col("customer_id").is_null()).then(
        pl.col("unidentified").fill_null("no_identifier")
    )

    return contacts.join(
        owners, on=["source", "source_contact_id"], how="left"
    ).with_columns(unidentified=reason)


def _left_out(folded: Folded, now: datetime) -> pl.DataFrame:
    """What is no contact, with what only begins after `now`: the table left_out."""
    later = folded.contacts.filter(pl.col("started_at") > now)
    early = conform(later.with_columns(reason=pl.lit("not_yet")), "left_out")

    return pl.concat([folded.left_out, early]).sort("contact_id")


def _answered(surveys: pl.DataFrame, people: Identified) -> pl.DataFrame:
    """The survey answers with the customer who gave them."""
    owners = people.owners.filter(pl.col("owner") == "survey").select(
        "source", pl.col("owner_id").alias("source_survey_id"), "customer_id"
    )
    return surveys.join(owners, on=["source", "source_survey_id"], how="left")


def _owned(
    records: pl.DataFrame, people: Identified, kind: str, now: datetime
) -> pl.DataFrame:
    """The orders or touchpoints up to `now` with their customer and a name."""
    owners = people.owners.filter(pl.col("owner") == kind).select(
        "source", pl.col("owner_id").alias(f"source_{kind}_id"), "customer_id"
    )
    own = pl.concat_str("source", pl.lit(":"), f"source_{kind}_id")
    at = pl.col("ordered_at" if kind == "order" else "at")
    held = records.filter((at <= now).fill_null(value=True)).join(
        owners, on=["source", f"source_{kind}_id"], how="left"
    )
    named = held.with_columns(own.alias(f"{kind}_id"))

    return conform(named, f"{kind}s").sort(f"{kind}_id")


def _same_orders(identifiers: pl.DataFrame) -> pl.DataFrame:
    """Which contacts name the same order: contact_id and the order's pseudonym."""
    named = (pl.col("owner") == "contact") & (pl.col("kind") == "order_number")
    return identifiers.filter(named & pl.col("flag").is_null()).select(
        "pseudonym", contact_id=pl.concat_str("source", pl.lit(":"), "owner_id")
    )


def _segments(
    records: pl.DataFrame, people: Identified, groups: Mapping[str, tuple[str, ...]]
) -> pl.DataFrame:
    """Return customer_id and segment, as the latest record that tells it has it.

    A segment that the config puts into a group goes by the group's name.
    """
    owners = people.owners.filter(pl.col("owner") == "customer").select(
        "source", "customer_id", record_key="owner_id"
    )
    named = {value: name for name, values in groups.items() for value in values}
    told = records.drop_nulls("segment").join(owners, on=["source", "record_key"])
    latest = told.sort("customer_id", "version_at", "content", nulls_last=False)

    return (
        latest.drop_nulls("customer_id")
        .group_by("customer_id", maintain_order=True)
        .agg(pl.col("segment").replace(named).last())
    )


def _described(
    customers: pl.DataFrame, contacts: pl.DataFrame, segments: pl.DataFrame
) -> pl.DataFrame:
    counted = contacts.group_by("customer_id").agg(
        contacts=pl.col("inbound").sum().cast(pl.Int64)
    )
    described = (
        customers.drop("contacts", "segment", strict=False)
        .join(counted.drop_nulls(), on="customer_id", how="left")
        .join(segments, on="customer_id", how="left")
    )
    return conform(
        described.with_columns(pl.col("contacts").fill_null(0)), "customers"
    ).sort("customer_id")
