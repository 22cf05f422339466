"""What frames a scorecard: its period, what it is compared with, what is held."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.comparable import (
    Changes,
    Tables,
    coverage_changes,
    identified_share,
    inside,
    told,
)
from cxmap.config import Config
from cxmap.hours import for_whom
from cxmap.measures import Bound
from cxmap.periods import Period, default_period, previous, read_period, year_before
from cxmap.scorecard import Held, SourceCoverage

Compare = Literal["previous", "year", "none"]


def chosen_period(
    contacts: pl.DataFrame,
    since: str | None,
    until: str | None,
    *,
    horizon_at: datetime | None,
    now: datetime,
    zone: ZoneInfo,
) -> Period:
    """Return the period asked for; undated, the last month that can be judged."""
    if since or until:
        return read_period(since, until, now=now, zone=zone, held_until=horizon_at)

    if horizon_at is None:
        return default_period(
            None, now=now, zone=zone, assessable_share=lambda since, until: 0.0
        )

    silent_at = pl.col("last_touch_at") + pl.duration(
        seconds=pl.col("repeat_window_seconds").fill_null(0)
    )
    judged = contacts.filter("inbound").select(
        "started_at", assessable=(silent_at <= horizon_at).fill_null(value=False)
    )

    def assessable_share(since: datetime, until: datetime) -> float:
        within = judged.filter(pl.col("started_at").is_between(since, until, "left"))
        share = within["assessable"].mean()
        return float(share) if isinstance(share, float | int) else 0.0

    return default_period(
        horizon_at, now=now, zone=zone, assessable_share=assessable_share
    )


def compared(period: Period, compare: Compare, *, zone: ZoneInfo) -> Period | None:
    """Return the period this one is compared with."""
    if compare == "none":
        return None
    if compare == "year":
        return year_before(period, zone=zone)

    return previous(period, zone=zone)


def one_further(
    tables: Tables,
    held: pl.DataFrame,
    kpis: Bound,
    periods: tuple[Period, Period | None],
    compare: Compare,
    *,
    zone: ZoneInfo,
) -> tuple[Period | None, Changes]:
    """Return the period before the one compared with, and what it cannot judge.

    `periods` are the one asked for and the one it is compared with. A KPI cannot be
    judged over the three of them where coverage changed for it within them; there
    is no third one where that holds for all of the `kpis`.
    """
    period, before = periods
    if before is None:
        return None, {}

    further = compared(before, compare, zone=zone)
    hindered = {
        **coverage_changes(tables, held, kpis, before, further),
        **coverage_changes(tables, held, kpis, period, before),
    }
    return (None if hindered.keys() >= kpis.keys() else further), hindered


def held_in(
    contacts: pl.DataFrame, journeys: pl.DataFrame, held: pl.DataFrame, period: Period
) -> Held:
    """Return what the numbers of a period rest on, source by source."""
    within = contacts.filter(pl.col("inbound") & inside("started_at", period))
    counted = within.group_by("source").agg(
        here=pl.len(), known=pl.col("customer_id").is_not_null().mean()
    )
    sources = held.join(counted, on="source", how="left").sort("source")

    return Held(
        contacts=within.height,
        identified=identified_share(contacts, period),
        customers=within["customer_id"].drop_nulls().n_unique(),
        journeys=journeys.filter(inside("started_at", period)).height,
        sources=tuple(
            SourceCoverage(
                source=row["source"],
                contacts=row["here"] or 0,
                identified=row["known"],
                since=row["since_at"],
                until=row["until_at"],
                lags=row["lags"],
                complete=row["complete"],
            )
            for row in sources.iter_rows(named=True)
        ),
    )


def notes_on(
    config: Config, held: pl.DataFrame, changed: Changes, kpis: Collection[str]
) -> list[str]:
    """Return what a reader of the scorecard must know besides its numbers.

    `changed` says of some of the `kpis` why no change of theirs is marked.
    """
    hours = config.hours
    notes = []
    for why, names in told(changed, kpis):
        where = f" for {', '.join(names)}" if names else ""
        notes.append(f"{why}; no change is marked{where}")
    lagging = held.filter("lags")["source"].to_list()
    if lagging:
        notes.append(f"behind the other sources: {', '.join(lagging)}")
    if config.identity.unit == "account":
        notes.append("customers are accounts: all people of one are told as one")
    if hours.assumed:
        notes.append(
            f"business hours assumed: Mon–Fri 09–17 {hours.usual.zone}; "
            "set hours: in the config"
        )

    return notes


def hours_of_nobody(config: Config, contacts: pl.DataFrame) -> list[str]:
    """Return the schedules under which no contact falls: a name is misspelled there.

    `contacts` are all that are held; a schedule may well hold for none of a period.
    """
    held = contacts["schedules"].drop_nulls().unique().str.split(" ").explode()
    met = set(held.to_list())

    return [
        f"no contact falls under the hours {one.name}, for {for_whom(one)}"
        for one in config.hours.schedules
        if one.name not in met
    ]
