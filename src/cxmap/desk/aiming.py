"""Targets proposed from one's own history: the medians of the last whole weeks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cxmap.config import Config
from cxmap.definitions import Kpi
from cxmap.engines.local import Question, add, cut, score_bucket
from cxmap.journeys.coverage import coverage, horizon
from cxmap.measures import finish
from cxmap.options import write_duration
from cxmap.periods import Period, whole_weeks_until, words
from cxmap.pipeline import Tables, baselines_of, bound_kpis

if TYPE_CHECKING:
    from cxmap.measures import Result

WEEKS = 13
FEWEST_WEEKS = 6
"""Fewer weeks than this say nothing of a usual level."""
FEWEST = 10
"""A week counts with at least so many."""
MOST_PENDING = 20
"""A week counts where no more than this part of it still waits to be judged."""


@dataclass(frozen=True)
class Aim:
    """What history says of one KPI."""

    kpi: Kpi
    values: tuple[float, ...]
    """Of the weeks that count, the lowest first."""
    n: int
    """Counted over those weeks."""
    missing: tuple[str, ...] = ()
    span: str = ""
    """The first and the last day of those weeks."""


def aims(tables: Tables, config: Config, *, now: datetime, zone: ZoneInfo) -> list[Aim]:
    """Return each KPI that has a better side over the last 13 whole weeks held.

    A week counts for a KPI with ten or more, and where no more wait to be judged than
    a twentieth of all.
    """
    contacts = tables["contacts"]
    held = coverage(contacts, config.coverage, now=now)
    end = horizon(held, now=now) or now
    kpis = {
        name: pair
        for name, pair in bound_kpis(config, ()).items()
        if pair[0].better != "neither"
    }
    weeks = whole_weeks_until(end, 2 * WEEKS, zone)
    question = Question(
        kpis=kpis,
        periods={f"{i:02}": (one.since, one.until) for i, one in enumerate(weeks)},
        by=(),
        zone=zone.key,
        frictions={},
        hours=config.hours,
        baselines=baselines_of(tables, config, [kpi for kpi, _ in kpis.values()]),
    )
    answer = add([score_bucket(bucket, question) for bucket in cut(tables)])
    found = finish(answer.partials, kpis)

    return [
        _aim(
            kpi,
            {weeks[int(one.period)]: one for one in found if one.kpi == name},
            answer.missing.get(name, ()),
            zone,
        )
        for name, (kpi, _) in kpis.items()
    ]


def aims_yaml(found: list[Aim]) -> str:
    """Return the targets as YAML to paste, with what they rest on in comments."""
    lines = [
        f"# Targets from history: the median of the last {WEEKS} whole weeks that can",
        "# be judged. What you reach in half of all weeks is where you are, not where",
        "# you want to be: raise what matters.",
        "kpis:",
    ]
    for one in found:
        name = one.kpi.name
        if one.missing:
            lines.append(f"  # {name}: left out, needs {', '.join(one.missing)}")
        elif len(one.values) < FEWEST_WEEKS:
            lines.append(
                f"  # {name}: left out, {len(one.values)} weeks with {FEWEST} or more "
                f"that can be judged; {FEWEST_WEEKS} are needed"
            )
        else:
            lowest, highest = one.values[0], one.values[-1]
            lines += [
                f"  # n {one.n:,}, {len(one.values)} weeks of {one.span}, from "
                f"{_written(lowest, one.kpi)} to {_written(highest, one.kpi)}",
                f"  {name}: {{target: {_written(median(one.values), one.kpi)}}}",
            ]
    if not any(len(one.values) >= FEWEST_WEEKS and not one.missing for one in found):
        lines[3] = "kpis: {}"

    return "\n".join(lines) + "\n"


def _aim(
    kpi: Kpi,
    results: "Mapping[Period, Result]",
    missing: tuple[str, ...],
    zone: ZoneInfo,
) -> Aim:
    """Keep the latest weeks that count."""
    latest_first = sorted(results, key=lambda week: week.since, reverse=True)
    counting = [
        (week, result.value, result.n)
        for week in latest_first
        if (result := results[week]).value is not None
        and result.n >= FEWEST
        and MOST_PENDING * result.pending <= result.n + result.pending
    ][:WEEKS]
    values = sorted(value for _, value, _ in counting if value is not None)
    span = ""
    if counting:
        span = words(counting[-1][0].since, counting[0][0].until, zone)

    return Aim(kpi, tuple(values), sum(n for _, _, n in counting), missing, span)


def _written(value: float, kpi: Kpi) -> str:
    if kpi.unit == "seconds":
        return write_duration(timedelta(seconds=round(value)))

    return f"{value:.4g}" if kpi.unit != "share" else f"{value:.3f}"
