"""What frames a scorecard: its period, what it is compared with, what is held."""

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.config import Config
from cxmap.periods import Period, default_period, previous, read_period, year_before
from cxmap.scorecard import Held, SourceCoverage

Compare = Literal["previous", "year", "none"]

ALLOWED_GAP = pl.duration(days=3)
"""How far from a period's ends a source may begin or end and still cover it."""

IDENTIFIED_SHIFT = 0.02
"""A change of the identified share beyond this is a change of coverage."""


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
        inside = judged.filter(pl.col("started_at").is_between(since, until, "left"))
        share = inside["assessable"].mean()
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


def _inside(column: str, period: Period) -> pl.Expr:
    return pl.col(column).is_between(period.since, period.until, closed="left")


def _identified_share(contacts: pl.DataFrame, period: Period) -> float | None:
    inside = contacts.filter(pl.col("inbound") & _inside("started_at", period))
    if inside.is_empty():
        return None

    return 1 - inside["customer_id"].null_count() / inside.height


def coverage_change(
    contacts: pl.DataFrame, held: pl.DataFrame, period: Period, earlier: Period | None
) -> str | None:
    """Say why two periods cannot be compared; None where they can."""
    if earlier is None:
        return None

    def covering(span: Period) -> set[str]:
        whole = (pl.col("since_at") <= pl.lit(span.since) + ALLOWED_GAP) & (
            pl.col("until_at") >= pl.lit(span.until) - ALLOWED_GAP
        )
        return set(held.filter(whole | pl.col("complete"))["source"])

    differing = covering(period) ^ covering(earlier)
    if differing:
        return f"coverage changed: {', '.join(sorted(differing))} not held in both"
    ours, theirs = (_identified_share(contacts, p) for p in (period, earlier))
    if ours is None or theirs is None:
        return None
    if abs(ours - theirs) > IDENTIFIED_SHIFT:
        before, after = (f"{100 * share:.1f} %" for share in (theirs, ours))
        return f"coverage changed: identified {before} → {after}"

    return None


def one_further(
    contacts: pl.DataFrame,
    held: pl.DataFrame,
    periods: tuple[Period, Period | None],
    compare: Compare,
    *,
    zone: ZoneInfo,
) -> tuple[Period | None, str | None]:
    """Return the period before the one compared with, or why it cannot be had.

    `periods` are the one asked for and the one it is compared with. Where coverage
    changed within the three of them there is none: what is held differs.
    """
    period, before = periods
    if before is None:
        return None, None

    further = compared(before, compare, zone=zone)
    changed = coverage_change(contacts, held, period, before) or coverage_change(
        contacts, held, before, further
    )
    return (None, changed) if changed else (further, None)


def held_in(
    contacts: pl.DataFrame, journeys: pl.DataFrame, held: pl.DataFrame, period: Period
) -> Held:
    """Return what the numbers of a period rest on, source by source."""
    inside = contacts.filter(pl.col("inbound") & _inside("started_at", period))
    counted = inside.group_by("source").agg(
        here=pl.len(), known=pl.col("customer_id").is_not_null().mean()
    )
    sources = held.join(counted, on="source", how="left").sort("source")

    return Held(
        contacts=inside.height,
        identified=_identified_share(contacts, period),
        customers=inside["customer_id"].drop_nulls().n_unique(),
        journeys=journeys.filter(_inside("started_at", period)).height,
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


def notes_on(config: Config, held: pl.DataFrame, changed: str | None) -> list[str]:
    """Return what a reader of the scorecard must know besides its numbers."""
    hours = config.hours
    notes = []
    if changed:
        notes.append(f"{changed}; no change is marked")
    lagging = held.filter("lags")["source"].to_list()
    if lagging:
        notes.append(f"behind the other sources: {', '.join(lagging)}")
    if hours.assumed:
        notes.append(
            f"business hours assumed: Mon–Fri {hours.opens:%H}–{hours.closes:%H} "
            f"{hours.zone}; set hours: in the config"
        )

    return notes
