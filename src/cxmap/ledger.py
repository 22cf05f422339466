"""The friction ledger: how often each friction shows, and what comes after it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from cxmap.definitions import Friction
from cxmap.effects import (
    Effect,
    answer_partials,
    effects,
    last_answers,
    merge_answers,
)
from cxmap.flagging import Implied, implied
from cxmap.handling import Rates, following, in_turn
from cxmap.scorecard import FrictionLine
from cxmap.scoring import OF_JOURNEY, Periods, in_period
from cxmap.tables import conform, empty

Tables = Mapping[str, pl.DataFrame]
BoundFrictions = Mapping[str, tuple[Friction, pl.Expr]]
Cuts = tuple[tuple[str, ...], ...]
"""Each a set of names.DIMENSIONS: the ledger is told whole, and once cut by each."""

WHOLE = "{}"
YEAR_SECONDS = 31_557_600
"""A year of 365.25 days."""

KEYS = ["friction", "period", "cell"]
AFTER = ["followed", "untimed", "took_seconds", "guessed_seconds", "cost", "unpriced"]
CARE = ["care_seconds", "care_cost"]


@dataclass(frozen=True)
class LedgerParts:
    """Parts of a ledger that add up: friction_sums and friction_answers."""

    sums: pl.DataFrame
    answers: pl.DataFrame


def friction_partials(
    tables: Tables,
    frictions: BoundFrictions,
    *,
    periods: Periods,
    rates: Rates,
    cuts: Cuts = (),
    zone: str = "UTC",
) -> LedgerParts:
    """Count the ledger on points, steps, contacts, journeys, surveys and customers.

    A point counts in the period in which its journey began, so that the flagged
    journeys are a share of the journeys; journeys are cut by their first contact.
    `contacts_after` are the inbound contacts that follow the first point of that
    friction in each journey. What followed it, and its handling time and price,
    counts our own calls out as well, and the contact itself where the friction is
    that the customer came back.
    """
    if not frictions:
        return merge_frictions([])
    known = {name: (one, implied(how)) for name, (one, how) in frictions.items()}
    began = pl.col("started_at")
    any_of = [(began >= since) & (began < until) for since, until in periods.values()]
    journeys = tables["journeys"].filter(any_of[0].or_(*any_of[1:]))
    numbered = journeys.with_row_index("journey")
    worked = in_turn(tables["contacts"], numbered, rates)
    points = _numbered(tables, numbered, worked, list(known))
    told = _with_work(points, worked, known)
    care = worked.group_by("journey").agg(
        care_seconds=pl.col("took_seconds").sum(), care_cost=pl.col("price").sum()
    )
    cared = numbered.join(care, on="journey", how="left")
    answered = last_answers(tables["surveys"])
    sums, answers = [], []
    for period, span in periods.items():
        placed = in_period(cared, "started_at", "starts", span=span, zone=zone)
        cells = _cells(placed, cuts)
        sums.append(_sums(told, cells, list(known), period))
        here = _kinds(cells, answered, tables)
        answers.append(answer_partials(here, points, known, period=period))

    return LedgerParts(_added(sums, "friction_sums", KEYS), merge_answers(answers))


def merge_frictions(parts: Iterable[LedgerParts]) -> LedgerParts:
    """Add up the parts of several buckets, in a total order."""
    several = list(parts)

    return LedgerParts(
        _added([part.sums for part in several], "friction_sums", KEYS),
        merge_answers(part.answers for part in several),
    )


def _added(parts: Iterable[pl.DataFrame], table: str, keys: list[str]) -> pl.DataFrame:
    every = pl.concat([empty(table), *parts])
    rest = [name for name in every.columns if name not in keys]

    return every.group_by(keys).agg(pl.col(rest).sum()).sort(keys)


def _numbered(
    tables: Tables, journeys: pl.DataFrame, worked: pl.DataFrame, names: list[str]
) -> pl.DataFrame:
    """The points of these journeys with their numbers and the contacts after them."""
    left = tables["steps"].select("contact_id", "contacts_after")
    turns = worked.select("contact_id", "turn")

    return (
        tables["points"]
        .filter(pl.col("friction").is_in(names))
        .select("friction", "journey_id", "contact_id")
        .join(journeys.select("journey_id", "journey"), on="journey_id")
        .join(turns, on="contact_id", how="left")
        .join(left, on="contact_id", how="left")
        .drop("journey_id", "contact_id")
    )


def _with_work(
    points: pl.DataFrame,
    worked: pl.DataFrame,
    known: Mapping[str, tuple[Friction, Implied]],
) -> pl.DataFrame:
    """A row a friction and journey: its points, and what followed the first of them."""
    keys = ["friction", "journey"]
    flagged = points.group_by(keys).agg(
        pl.col("turn").min(),
        points=pl.len().cast(pl.Int64),
        contacts_after=pl.col("contacts_after").max(),
    )
    returns = [name for name, (_, says) in known.items() if says.returns]
    after = following(worked, flagged.select(*keys, "turn"), returns)
    took, guessed = pl.col("took_seconds"), pl.col("guessed")
    work = after.group_by(keys).agg(
        followed=pl.len().cast(pl.Int64),
        untimed=took.is_null().sum().cast(pl.Int64),
        guessed_seconds=took.filter(guessed).sum(),
        took_seconds=took.sum(),
        cost=pl.col("price").sum(),
        unpriced=pl.col("price").is_null().sum().cast(pl.Int64),
    )

    return flagged.join(work, on=keys, how="left").with_columns(
        pl.col(AFTER).fill_null(0)
    )


def _cells(placed: pl.DataFrame, cuts: Cuts) -> pl.DataFrame:
    """The journeys of a period once as part of the whole, and once in each cut."""
    whole = placed.with_columns(
        who=pl.coalesce("customer_id", "journey_id"), cell=pl.lit(WHOLE)
    )
    cut = whole.with_columns(**OF_JOURNEY)
    several = [
        cut.with_columns(cell=pl.struct(*sorted(by)).struct.json_encode())
        for by in cuts
    ]

    return pl.concat([whole, *(one.select(whole.columns) for one in several)])


def _sums(
    told: pl.DataFrame, cells: pl.DataFrame, names: list[str], period: str
) -> pl.DataFrame:
    """The friction_sums of one period: a row also where nothing was flagged."""
    named = pl.DataFrame({"friction": sorted(names)}, schema={"friction": pl.String})
    whole = pl.DataFrame({"cell": [WHOLE]}, schema={"cell": pl.String})
    every = pl.concat([whole, cells.select("cell")]).unique()
    totals = cells.group_by("cell").agg(
        pl.len().cast(pl.Int64).alias("journeys"), pl.col(CARE).sum()
    )
    counted = (
        told.join(cells.select("journey", "cell", "who"), on="journey")
        .group_by("friction", "cell")
        .agg(
            pl.col("points", "contacts_after", *AFTER).sum(),
            flagged=pl.len().cast(pl.Int64),
            customers=pl.col("who").n_unique().cast(pl.Int64),
        )
    )
    rows = (
        named.join(every, how="cross")
        .join(counted, on=["friction", "cell"], how="left")
        .join(totals, on="cell", how="left")
    )
    numbers = [name for name in rows.columns if name not in ("friction", "cell")]

    return conform(
        rows.with_columns(pl.col(numbers).fill_null(0), period=pl.lit(period)),
        "friction_sums",
    )


def _kinds(cells: pl.DataFrame, answered: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """The journeys that were answered about, with what makes them comparable."""
    customers = tables.get("customers", empty("customers"))
    segments = customers.select("customer_id", "segment")
    return (
        cells.select(
            "journey",
            "journey_id",
            "customer_id",
            "who",
            "cell",
            "contacts",
            entry="first_channel_group",
            topic=pl.col("topic").str.split("/").list.first(),
        )
        .join(answered, on="journey_id")
        .join(segments, on="customer_id", how="left")
    )


def friction_lines(
    parts: LedgerParts,
    frictions: BoundFrictions,
    *,
    severities: Mapping[str, str],
    rates: Rates,
    seconds: int,
    min_cell: int = 0,
    period: str = "current",
) -> list[FrictionLine]:
    """Return the ledger of one period, which lasts so many `seconds`.

    The whole first, and in every segment the friction of most journeys first.
    """
    found = effects(parts.answers, period=period)
    rows = parts.sums.filter(period=period).iter_rows(named=True)
    lines = [
        _line(
            row,
            found.get((row["friction"], row["cell"]), Effect()),
            severity=severities.get(
                row["friction"], frictions[row["friction"]][0].severity
            ),
            rates=rates,
            seconds=seconds,
            min_cell=min_cell,
        )
        for row in rows
    ]

    return sorted(
        lines,
        key=lambda one: (
            bool(one.by),
            json.dumps(dict(one.by)),
            -one.journeys,
            one.friction,
        ),
    )


def _line(
    row: Mapping[str, int],
    effect: Effect,
    *,
    severity: str,
    rates: Rates,
    seconds: int,
    min_cell: int,
) -> FrictionLine:
    known = row["care_seconds"] > 0 and (row["took_seconds"] or not row["untimed"])
    took = row["took_seconds"] if known else None
    worth = rates.currency is not None and (row["cost"] or not row["unpriced"])
    cost = row["cost"] if worth else None
    yearly = None if cost is None or not seconds else cost * YEAR_SECONDS / seconds

    return FrictionLine(
        friction=str(row["friction"]),
        points=row["points"],
        journeys=row["flagged"],
        share=row["flagged"] / row["journeys"] if row["journeys"] else None,
        contacts_after=row["contacts_after"],
        severity=severity,
        csat_effect=effect.effect,
        csat_low=effect.low,
        csat_high=effect.high,
        csat_n=effect.n_flagged,
        csat_n_unflagged=effect.n_unflagged,
        csat_kinds=effect.kinds,
        csat_kinds_dropped=effect.kinds_dropped,
        csat_n_dropped=effect.n_dropped,
        contacts_followed=row["followed"],
        contacts_untimed=row["untimed"],
        handling_seconds=took,
        handling_seconds_guessed=row["guessed_seconds"] if known else None,
        handling_share=None if took is None else took / row["care_seconds"],
        cost=cost,
        currency=rates.currency,
        cost_share=None
        if cost is None or not row["care_cost"]
        else cost / row["care_cost"],
        cost_year=None if yearly is None else round(yearly),
        contacts_unpriced=row["unpriced"] if rates.currency else None,
        by=json.loads(str(row["cell"])),
        customers=row["customers"],
        suppressed=0 < row["customers"] < min_cell,
    )
