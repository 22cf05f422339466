"""How soon customers come back: the curve behind the repeat rate, and its bend."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from cxmap.journeys.repeats import returned_after
from cxmap.journeys.timeline import ordered
from cxmap.journeys.windows import clock
from cxmap.measures.intervals import FEWEST, survival_curve
from cxmap.options import RepeatRule

DAYS = (1, 3, 7, 14, 30)
"""The days on which the curve is told."""

LAST = DAYS[-1]
DAY = 86_400

ENOUGH = 30
"""Returns within LAST days from which a channel group has a curve of its own."""


@dataclass(frozen=True)
class Point:
    """The curve at the end of one day."""

    day: int
    share: float | None
    """Of all contacts, those whose customer was back; None: none watched so long."""
    low: float | None
    high: float | None
    at_risk: int
    """Contacts watched at least so long whose customer was not back before."""


@dataclass(frozen=True)
class Curve:
    """How soon customers come back after the contacts of one channel group."""

    channel_group: str | None
    """None: after all contacts."""
    contacts: int
    """Those watched: they ended no later than the horizon."""
    repeats: int
    """Those of them whose customer was back within LAST days."""
    window: timedelta | None
    """The repeat window configured for the group; topics may have others."""
    points: tuple[Point, ...]
    """One for each of DAYS."""
    knee: int | None
    """The day after which more waiting finds little more; None: there is no bend."""


def repeat_curves(
    contacts: pl.DataFrame,
    links: pl.DataFrame,
    counted: pl.DataFrame,
    *,
    rule: RepeatRule,
) -> tuple[Curve, ...]:
    """Return the curve after the contacts `counted` (contact_id), then by group.

    Takes the derived contacts and links. The time runs from a contact to the first
    one that comes back to it as `rule` says, but without its windows; it is cut off
    at the horizon. Groups with fewer than ENOUGH returns have no curve of their own.
    """
    times = _watched(contacts, links, rule).join(counted, on="contact_id", how="semi")
    groups = times["channel_group"].unique().sort()
    of_groups = [
        (str(group), times.filter(pl.col("channel_group") == group))
        for group in groups.drop_nulls()
    ]
    curves = (_curve(group, own, rule) for group, own in of_groups)
    enough = [curve for curve in curves if curve.repeats >= ENOUGH]

    return (_curve(None, times, rule), *enough)


def _watched(
    contacts: pl.DataFrame, links: pl.DataFrame, rule: RepeatRule
) -> pl.DataFrame:
    """Return contact_id, channel_group, value (seconds) and ended (they came back).

    Surveys are left aside, as they are where repeats are judged.
    """
    in_order = ordered(contacts).with_columns(resolved="resolved_by_export")
    handed = links.filter(pl.col("continuity") == "transfer")["to_contact_id"]
    legs = in_order["contact_id"].is_in(handed.implode()).arg_true()
    back = returned_after(in_order, rule, legs)
    back_at = in_order["started_at"].gather(back["by"])
    watched = pl.col("horizon_at").dt.epoch("s") - clock(rule.within)
    seen = (back_at <= pl.col("horizon_at")).fill_null(value=False)
    rows = in_order.select(
        "contact_id", "channel_group", watched=watched, ended=seen, after=back["after"]
    )
    value = pl.when("ended").then("after").otherwise("watched")

    return rows.filter(pl.col("watched") >= 0).select(
        "contact_id", "channel_group", "ended", value=value
    )


def _curve(group: str | None, times: pl.DataFrame, rule: RepeatRule) -> Curve:
    daily = list(_daily(times))
    within = rule.within
    window = within.channel_groups.get(group or "", within.default)
    soon = times.filter(pl.col("ended") & (pl.col("value") <= LAST * DAY))

    return Curve(
        channel_group=group,
        contacts=times.height,
        repeats=soon.height,
        window=window,
        points=tuple(point for point in daily if point.day in DAYS),
        knee=knee(daily),
    )


def _daily(times: pl.DataFrame) -> Iterator[Point]:
    """Yield the curve at the end of each day from 0 to LAST."""
    tally = times.group_by("value", "ended").agg(rows=pl.len().cast(pl.Int64))
    curve = survival_curve(tally)
    days = pl.DataFrame({"day": range(LAST + 1)}, schema={"day": pl.Int64()})
    days = days.with_columns(value=pl.col("day") * DAY)
    reached = days.join_asof(curve.drop("at_risk"), on="value")
    waiting = curve.select("value", "at_risk")
    told = reached.join_asof(waiting, on="value", strategy="forward")
    sure = times.height >= FEWEST
    for row in told.iter_rows(named=True):
        at_risk = row["at_risk"] or 0
        alive = 1.0 if row["alive"] is None else row["alive"]
        some = sure and at_risk > 0 and alive < 1
        yield Point(
            day=row["day"],
            share=round(1 - alive, 12) if at_risk else None,
            low=1 - row["upper"] if some and row["upper"] is not None else None,
            high=1 - row["lower"] if some else None,
            at_risk=at_risk,
        )


def knee(daily: Sequence[Point]) -> int | None:
    """Return the day on which a curve told day by day stands farthest above its chord.

    The chord runs from day 0 to the last day on which at least ten contacts were
    still watched. Where the curve's 95 % interval on the knee reaches down to the
    chord, the bend is no more than noise: None.

    Source: Kneedle (Satopää, Albrecht, Irwin, Raghavan 2011), for a concave curve.
    """
    watched = [point for point in daily if point.at_risk >= FEWEST]
    if len(watched) < 3:
        return None

    first, last = watched[0].share or 0.0, watched[-1].share or 0.0
    rise = (last - first) / watched[-1].day
    above = {
        point.day: round((point.share or 0.0) - first - rise * point.day, 9)
        for point in watched
    }
    farthest = max(watched, key=lambda point: (above[point.day], -point.day))
    chord = first + rise * farthest.day
    bends = farthest.low is not None and farthest.low > chord

    return farthest.day if bends else None
