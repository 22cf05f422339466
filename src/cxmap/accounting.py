"""The ledger of a period: asked of every bucket, added up, with what it rests on."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.config import Config
from cxmap.definitions import Friction, collect
from cxmap.engines.local import Question, add, cut, score_bucket
from cxmap.flagging import implied
from cxmap.framing import chosen_period
from cxmap.handling import Rates, handling_counts, priced, rates, second_contacts
from cxmap.journeys.coverage import coverage, horizon
from cxmap.ledger import (
    YEAR_SECONDS,
    BoundFrictions,
    Cuts,
    LedgerParts,
    friction_lines,
)
from cxmap.periods import Period
from cxmap.scorecard import Assumptions, FrictionLine, Ledger
from cxmap.scoring import Periods
from cxmap.weighing import scored

Tables = Mapping[str, pl.DataFrame]


def bound_frictions(config: Config) -> dict[str, tuple[Friction, pl.Expr]]:
    """Return the frictions that are on, with the config's options."""
    return {
        name: (friction, friction.bind(config.frictions.options.get(name, {})))
        for name, friction in collect("frictions").items()
        if name not in config.frictions.off
    }


def rates_of(tables: Tables, config: Config) -> Rates:
    """Return what contacts usually take, over everything held, and what they cost."""
    return rates(handling_counts(tables["contacts"]), config.costs)


def laid_on(tables: Tables, config: Config) -> Tables:
    """Return the tables with what the config alone adds: costs, and friction scores.

    They are laid on when tables are read and never stored: a new price or weight
    derives nothing anew. Without `costs:` and weights the tables stay as they are.
    """
    journeys, points = tables["journeys"], tables["points"]
    if config.costs is not None:
        conditions = bound_frictions(config)
        journeys, points = priced(
            tables["contacts"],
            journeys,
            points,
            rates=rates_of(tables, config),
            returns=[n for n, (_, how) in conditions.items() if implied(how).returns],
        )
    if config.frictions.weights:
        journeys = scored(journeys, points, config.frictions.weights)

    return {**tables, "journeys": journeys, "points": points}


def told_lines(
    parts: LedgerParts,
    tables: Tables,
    config: Config,
    period: Period,
    *,
    named: str = "current",
) -> tuple[tuple[FrictionLine, ...], Assumptions]:
    """Return the ledger's lines of the period `named`, and what they rest on."""
    length = int((period.until - period.since).total_seconds())
    counts = handling_counts(tables["contacts"])
    known = rates(counts, config.costs)
    lines = friction_lines(
        parts,
        bound_frictions(config),
        severities=config.frictions.severities,
        rates=known,
        seconds=length,
        min_cell=config.privacy.min_cell,
        period=named,
    )
    assumptions = Assumptions(
        usual_handling_seconds=known.usual,
        currency=known.currency,
        contact_prices=known.contact,
        hour_price=known.hour,
        year_factor=YEAR_SECONDS / length if length else None,
    )
    second = second_contacts(counts)
    if second is None:
        return tuple(lines), assumptions

    return tuple(lines), replace(
        assumptions,
        second_contact_ratio=second.value,
        second_contact_low=second.low,
        second_contact_high=second.high,
        second_contact_n=second.later,
        first_contact_n=second.first,
    )


def counted(
    tables: Tables,
    config: Config,
    frictions: BoundFrictions,
    *,
    periods: Periods,
    cuts: Cuts = (),
    zone: ZoneInfo,
) -> LedgerParts:
    """Return the parts of a ledger of these frictions over all the tables."""
    question = Question(
        kpis={},
        periods=periods,
        by=(),
        zone=zone.key,
        frictions=frictions,
        hours=config.hours,
        rates=rates_of(tables, config),
        cuts=cuts,
    )

    return add([score_bucket(bucket, question) for bucket in cut(tables)]).frictions


def ledger_period(
    tables: Tables,
    config: Config,
    since: str | None,
    until: str | None,
    *,
    now: datetime,
    zone: ZoneInfo,
) -> tuple[Period, datetime | None]:
    """Return the period asked for, else the last judged month, and the horizon."""
    contacts = tables["contacts"].filter(pl.col("started_at") <= now)
    held = coverage(contacts, config.coverage, now=now)
    end = horizon(held, now=now)
    period = chosen_period(contacts, since, until, horizon_at=end, now=now, zone=zone)

    return period, end


def friction_ledger(
    tables: Tables,
    config: Config,
    *,
    since: str | None,
    until: str | None,
    by: tuple[str, ...] = (),
    now: datetime,
    zone: ZoneInfo,
) -> Ledger:
    """Return the ledger of a period, whole and cut `by` dimensions."""
    period, end = ledger_period(tables, config, since, until, now=now, zone=zone)
    parts = counted(
        tables,
        config,
        bound_frictions(config),
        periods={"current": (period.since, period.until)},
        cuts=(by,) if by else (),
        zone=zone,
    )
    lines, assumptions = told_lines(parts, tables, config, period)
    began = pl.col("started_at").is_between(period.since, period.until, closed="left")

    return Ledger(
        since=period.since,
        until=period.until,
        period=period.words,
        now=now,
        horizon=end,
        zone=zone.key,
        journeys=tables["journeys"].filter(began).height,
        lines=lines,
        assumptions=assumptions,
    )
