"""Past figures that new records change, and what of the records changed them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.definitions import Kpi, Measure
from cxmap.engines.renewing import FOLLOWING
from cxmap.importreport import Restatement
from cxmap.measures import Bound, Result, finish
from cxmap.periods import Period, months_until
from cxmap.scoring import missing_inputs, partials
from cxmap.tables import FACTS, WHEN

Tables = Mapping[str, pl.DataFrame]

MONTHS = 13
"""So many past months are looked at: a year, and the month to compare with."""

TAKES_PLACE = MappingProxyType(
    {"contacts": "started_at", "journeys": "started_at", "surveys": "at"}
)

SAID = ("channel_group", "inbound", "topic", *FACTS)
"""What the exports say of a contact, however it is linked."""

OF_REPEATS = MappingProxyType(
    {
        "repeats_contact_id": "repeating",
        "repeated": "repeated",
        "trigger_repeated": "repeated",
    }
)
"""By what a KPI reads: which end of a repeat it counts as a late one."""

OF_CONTACTS = ("contacts_added", "contacts_removed", "contacts_changed")
OF_CUSTOMERS = ("customers_merged", "customers_parted")
OF_JOURNEYS = (*OF_CONTACTS, *OF_CUSTOMERS, "journeys_changed")
OF_ONE_TABLE = MappingProxyType(
    {
        "surveys": ("answers_changed",),
        "contacts": (*OF_CONTACTS, *OF_CUSTOMERS),
    }
)
"""By the table a KPI judges: which changes it can see; else OF_JOURNEYS."""


@dataclass(frozen=True)
class Difference:
    """The rows of a table that are not as they were."""

    before: pl.DataFrame
    """Those that are gone, or were different."""
    after: pl.DataFrame
    """Those that are new, or differ."""


def restated(
    before: Tables, after: Tables, kpis: Bound, *, zone: ZoneInfo
) -> tuple[Restatement, ...]:
    """Return the figures of past months that are no longer what they were.

    `before` and `after` are derived tables under one configuration. Of the last 13
    calendar months of `zone` those count in which, before, a KPI had nothing
    pending. Left out are KPIs without their inputs, and those that judge a stock,
    or steps, or by what is usual over everything. In order of months and of `kpis`.
    """
    horizon = before["contacts"]["horizon_at"].max()
    past = months_until(horizon, MONTHS, zone) if isinstance(horizon, datetime) else []
    differences = {name: difference(before[name], after[name]) for name in TAKES_PLACE}
    customers = [t["contacts"]["customer_id"].drop_nulls() for t in (before, after)]
    altered = {
        name: _altered(differences[kpi.over], kpi, measure, past)
        for name, (kpi, measure) in kpis.items()
        if _comparable(kpi)
        and not any(missing_inputs(held, kpi) for held in (before, after))
    }
    then, now = (_figures(tables, kpis, altered, zone) for tables in (before, after))

    return tuple(
        Restatement(
            kpi=name,
            period=month.words,
            since=month.since,
            until=month.until,
            unit=kpis[name][0].unit,
            previous=old.value,
            value=new.value,
            previous_n=old.n,
            n=new.n,
            because=_because(counts, *kpis[name], again=new.pending - old.pending),
        )
        for month in past
        for counts in [dict(_counts(differences, month, customers))]
        for name in altered
        if month in altered[name]
        for old, new in [(then[name, month.words], now[name, month.words])]
        if old.pending == 0 and old.n and (old.value, old.n) != (new.value, new.n)
    )


def causes(
    before: Tables, after: Tables, kpis: Bound, period: Period
) -> dict[str, dict[str, int]]:
    """Return, by KPI, what changed within a period that the KPI can see, counted.

    `before` and `after` are derived tables under one configuration. Left out are KPIs
    that judge a stock: what changed may lie before the period.
    """
    differences = {name: difference(before[name], after[name]) for name in TAKES_PLACE}
    customers = [t["contacts"]["customer_id"].drop_nulls() for t in (before, after)]
    counts = dict(_counts(differences, period, customers))

    return {
        name: _because(counts, kpi, measure, again=0)
        for name, (kpi, measure) in kpis.items()
        if kpi.membership == "starts"
    }


def _comparable(kpi: Kpi) -> bool:
    return kpi.over in TAKES_PLACE and kpi.membership == "starts" and not kpi.needs


def difference(before: pl.DataFrame, after: pl.DataFrame) -> Difference:
    """Return the rows of one table that differ, but for what only moves along."""
    old, new = (
        rows.drop(FOLLOWING, strict=False).hash_rows() for rows in (before, after)
    )
    return Difference(
        before.filter(~old.is_in(new.implode())),
        after.filter(~new.is_in(old.implode())),
    )


def _within(rows: pl.DataFrame, name: str, month: Period) -> pl.DataFrame:
    since, until = (pl.lit(end, WHEN) for end in (month.since, month.until))
    return rows.filter(pl.col(TAKES_PLACE[name]).is_between(since, until, "left"))


def _altered(
    different: Difference, kpi: Kpi, measure: Measure, months: list[Period]
) -> list[Period]:
    """Return the months in which what the KPI reads is not what it was."""
    then, now = (
        _read_by_month(rows, kpi, measure, months)
        for rows in (different.before, different.after)
    )
    return [m for m in months if then.get(m.words) != now.get(m.words)]


def _read_by_month(
    rows: pl.DataFrame, kpi: Kpi, measure: Measure, months: list[Period]
) -> dict[str, int]:
    """Return a digest of the rows of each month, in the columns that the KPI reads."""
    if rows.is_empty() or not months:
        return {}
    month = pl.lit(None, pl.String())
    for one in months:
        inside = pl.col(kpi.at).is_between(
            pl.lit(one.since, WHEN), pl.lit(one.until, WHEN), "left"
        )
        month = pl.when(inside).then(pl.lit(one.words)).otherwise(month)
    read = {kpi.at, *measure.columns}.difference(FOLLOWING)
    columns = [name for name in rows.columns if name in read]
    told = rows.select(month=month, digest=rows.select(columns).hash_rows())
    summed = told.drop_nulls("month").group_by("month").agg(pl.col("digest").sum())

    return dict(summed.iter_rows())


def _figures(
    tables: Tables,
    kpis: Bound,
    altered: Mapping[str, list[Period]],
    zone: ZoneInfo,
) -> dict[tuple[str, str], Result]:
    """Return each KPI in the months in which it may have changed."""
    alike: dict[tuple[Period, ...], list[str]] = {}
    for name, ones in altered.items():
        alike.setdefault(tuple(ones), []).append(name)
    found = {}
    for months, names in alike.items():
        asked = {name: kpis[name] for name in names}
        spans = {month.words: (month.since, month.until) for month in months}
        counted = partials(tables, asked, periods=spans, zone=zone.key)
        for one in finish(counted, asked) if spans else ():
            if one.cell == "{}":
                found[one.kpi, one.period] = one

    return found


def _because(
    counts: Mapping[str, int], kpi: Kpi, measure: Measure, *, again: int
) -> dict[str, int]:
    """Return what changed that the KPI can see, counted, nothing that is nought."""
    seen = OF_ONE_TABLE.get(kpi.over, OF_JOURNEYS)
    told = {name: n for name, n in counts.items() if name in seen}
    if ends := sorted({OF_REPEATS[n] for n in measure.columns & OF_REPEATS.keys()}):
        told = {"late_repeats": counts[ends[0]], **told}

    return {
        name: count
        for name, count in {**told, "pending_again": again}.items()
        if count > 0
    }


def _counts(
    differences: Mapping[str, Difference], month: Period, customers: list[pl.Series]
) -> Iterator[tuple[str, int]]:
    held = {
        name: [_within(rows, name, month) for rows in (one.before, one.after)]
        for name, one in differences.items()
    }
    old, new = held["contacts"]
    both = old.join(new, on="contact_id", suffix="_now")
    facts = [pl.col(name).ne_missing(pl.col(f"{name}_now")) for name in SAID]
    repeating = pl.col("repeats_contact_id").is_not_null()
    knew = old.filter(repeating).select("contact_id")
    first = pl.col("repeated").fill_null(value=False)
    yield "repeating", new.filter(repeating).join(knew, "contact_id", "anti").height
    yield "repeated", both.filter(~first & pl.col("repeated_now")).height
    yield "contacts_added", new.join(old, on="contact_id", how="anti").height
    yield "contacts_removed", old.join(new, on="contact_id", how="anti").height
    yield "contacts_changed", both.filter(pl.any_horizontal(facts)).height
    yield from _customers(both, *customers)
    yield "journeys_changed", held["journeys"][1].height
    answers = pl.concat([rows.select("survey_id") for rows in held["surveys"]])
    yield "answers_changed", answers.n_unique()


def _customers(
    both: pl.DataFrame, before: pl.Series, after: pl.Series
) -> Iterator[tuple[str, int]]:
    """Count the customers who are one with another now, and those who are several.

    Who only goes by another name, since an earlier record of the same person came, is
    neither.
    """
    moved = both.filter(pl.col("customer_id") != pl.col("customer_id_now"))
    pairs = moved.select("customer_id", "customer_id_now").unique()
    others = pl.col("customer_id").n_unique().over("customer_id_now") > 1
    into = pl.col("customer_id_now").is_in(before.unique().implode())
    ways = pl.col("customer_id_now").n_unique().over("customer_id") > 1
    stays = pl.col("customer_id").is_in(after.unique().implode())
    for name, found in (("merged", others | into), ("parted", ways | stays)):
        yield f"customers_{name}", pairs.filter(found)["customer_id"].n_unique()
