"""Which KPIs two periods cannot be compared by, since what is held of them differs."""

from collections.abc import Collection, Iterator, Mapping
from itertools import groupby

import polars as pl

from cxmap import tables as dictionary
from cxmap.definitions import PERIOD_COLUMNS, Kpi, Measure
from cxmap.measures import Bound
from cxmap.periods import Period
from cxmap.scoring import in_period

Tables = Mapping[str, pl.DataFrame]
Changes = Mapping[str, str]
"""By KPI: why its change says nothing of the service. Others can be compared."""

ALLOWED_GAP = pl.duration(days=3)
"""How far from a period's ends a source may begin or end and still cover it."""

IDENTIFIED_SHIFT = 0.02
"""A change of the identified share beyond this is a change of coverage."""

OF_ITS_OWN = (
    "waited_seconds",
    "waited_business_seconds",
    "waited_business_days",
    "unanswered_business_seconds",
)

FOLLOWED = frozenset(
    {
        *(dictionary.STEPS.keys() - dictionary.CONTACTS.keys() - {*OF_ITS_OWN}),
        "journey_id",
        "step",
        "merged",
        "repeats_contact_id",
        "repeat_gap_seconds",
        "repeated",
        "return_of",
        "horizon_at",
    }
)
"""Columns of contacts and steps that are known only by following the customer to
other contacts, wherever they took place."""


def inside(column: str, period: Period) -> pl.Expr:
    """Return whether a moment falls into a period."""
    return pl.col(column).is_between(period.since, period.until, closed="left")


def identified_share(contacts: pl.DataFrame, period: Period) -> float | None:
    """Return the part of the period's inbound contacts whose customer is known."""
    within = contacts.filter(pl.col("inbound") & inside("started_at", period))
    if within.is_empty():
        return None

    return 1 - within["customer_id"].null_count() / within.height


def coverage_changes(
    tables: Tables,
    held: pl.DataFrame,
    kpis: Bound,
    period: Period,
    earlier: Period | None,
) -> Changes:
    """Say of which KPIs two periods cannot be compared, and why.

    A KPI whose rows stand for themselves is touched where a source that is not held
    in both brings rows of its population. One that follows customers (over journeys,
    or by FOLLOWED) is touched by any source of contacts, and where another share of
    the customers is known. `held` is what `coverage` says of the sources.
    """
    if earlier is None:
        return {}

    contacts = tables["contacts"]
    differing = _covering(held, period) ^ _covering(held, earlier)
    everywhere = differing & {*contacts["source"].unique()}
    shift = _shift(contacts, period, earlier)
    found: dict[str, str] = {}
    for name, (kpi, measure) in kpis.items():
        feeding = _feeding(tables, differing, kpi, measure, (period, earlier))
        touching = everywhere if feeding is None else feeding
        if touching:
            found[name] = (
                f"coverage changed: {', '.join(sorted(touching))} not held in both"
            )
        elif feeding is None and shift:
            found[name] = shift

    return found


def told(
    changes: Changes, kpis: Collection[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each reason with the KPIs it touches; none named: all of the `kpis`."""
    by_reason = sorted(changes, key=lambda name: (changes[name], name))
    for why, names in groupby(by_reason, key=lambda name: changes[name]):
        touched = tuple(names)
        yield why, () if {*touched} >= {*kpis} else touched


def _covering(held: pl.DataFrame, span: Period) -> set[str]:
    whole = (pl.col("since_at") <= pl.lit(span.since) + ALLOWED_GAP) & (
        pl.col("until_at") >= pl.lit(span.until) - ALLOWED_GAP
    )
    return {*held.filter(whole | pl.col("complete"))["source"]}


def _shift(contacts: pl.DataFrame, period: Period, earlier: Period) -> str | None:
    ours, theirs = (identified_share(contacts, p) for p in (period, earlier))
    if ours is None or theirs is None or abs(ours - theirs) <= IDENTIFIED_SHIFT:
        return None

    before, after = (f"{100 * share:.1f} %" for share in (theirs, ours))
    return f"coverage changed: identified {before} → {after}"


def _feeding(
    tables: Tables,
    differing: set[str],
    kpi: Kpi,
    measure: Measure,
    periods: tuple[Period, Period],
) -> set[str] | None:
    """Which of the `differing` sources bring rows of the KPI's population.

    An answer is brought by its own source and by that of the contact it is about.
    None where any source of contacts does, or where it cannot be told beforehand.
    """
    if kpi.over == "journeys" or measure.columns & FOLLOWED:
        return None
    table = "contacts" if kpi.over == "steps" else kpi.over
    rows = tables.get(table, dictionary.empty(table))
    read = {*measure.among.meta.root_names()} - {*PERIOD_COLUMNS}
    if not read <= {*rows.columns}:
        return None
    if not differing:
        return set()

    bringing = [one for one in ("source", "contact_source") if one in rows.columns]
    theirs = rows.filter(
        pl.any_horizontal(pl.col(one).is_in([*differing]) for one in bringing)
    )
    found: set[str] = set()
    for period in periods:
        span = (period.since, period.until)
        placed = in_period(theirs, kpi.at, kpi.membership, span=span, zone="UTC")
        population = placed.filter(measure.among)
        found.update(*(population[one].drop_nulls() for one in bringing))

    return found & differing
