"""One friction in detail: what it is, where it shows, and what it comes with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.accounting import bound_frictions, counted, ledger_period, told_lines
from cxmap.config import Config
from cxmap.definitions import Friction, collect
from cxmap.desk.explaining import Explanation, friction_explained
from cxmap.effects import KINDS, paired
from cxmap.errors import UsageError
from cxmap.periods import Period
from cxmap.scorecard import Assumptions, FrictionLine
from cxmap.text import nearest

Tables = Mapping[str, pl.DataFrame]

CUTS = ("channel", "topic", "month")
"""Where a friction is looked for."""

EXAMPLES = 5
YEAR = timedelta(days=366)


@dataclass(frozen=True)
class Detail:
    """A friction's explanation, and what lies behind each of its figures."""

    explanation: Explanation
    line: FrictionLine
    cuts: Mapping[str, tuple[FrictionLine, ...]]
    """By channel, topic and month; months are those of the year up to the period's
    end, the others of the period."""
    kinds: pl.DataFrame
    """Kinds of journeys compared: what they are, and answers and satisfied of both
    sides; `used` is false where nobody unflagged answered."""
    examples: tuple[str, ...]
    """Journeys of it, those of most contacts first."""
    assumptions: Assumptions


def known_friction(name: str, config: Config) -> Friction:
    """Return the friction of that name.

    Raises UsageError where there is none, or where it is switched off.
    """
    known: dict[str, Friction] = collect("frictions")
    if name not in known:
        near = nearest(name, known)
        hint = f"did you mean {near}? " if near else ""
        raise UsageError(
            f"{name}: no friction of that name; {hint}one of {', '.join(known)}"
        )
    if name in config.frictions.off:
        raise UsageError(f"{name}: switched off in the config")

    return known[name]


def one_friction(
    tables: Tables,
    config: Config,
    name: str,
    *,
    since: str | None,
    until: str | None,
    now: datetime,
    zone: ZoneInfo,
) -> Detail:
    """Return one friction in a period in detail.

    Raises UsageError for a friction that does not exist or is switched off.
    """
    friction = known_friction(name, config)
    period, _ = ledger_period(tables, config, since, until, now=now, zone=zone)
    year = Period(period.until - YEAR, period.until, "")
    parts = counted(
        tables,
        config,
        {name: bound_frictions(config)[name]},
        periods={
            "current": (period.since, period.until),
            "year": (year.since, year.until),
        },
        cuts=tuple((cut,) for cut in CUTS),
        zone=zone,
    )
    lines, assumptions = told_lines(parts, tables, config, period)
    yearly, _ = told_lines(parts, tables, config, year, named="year")
    explanation = friction_explained(
        tables, config, friction, period, lines[0], zone=zone
    )
    begun = f"{year.since.astimezone(zone):%Y-%m}"
    whole = parts.answers.filter(period="current", cell="{}")

    return Detail(
        explanation=explanation,
        line=lines[0],
        cuts={
            cut: _cut(yearly if cut == "month" else lines, cut, begun=begun)
            for cut in CUTS
        },
        kinds=_kinds(whole),
        examples=_examples(tables["journeys"], explanation.rows),
        assumptions=assumptions,
    )


def _cut(
    lines: tuple[FrictionLine, ...], cut: str, *, begun: str
) -> tuple[FrictionLine, ...]:
    """The lines of one cut: months in order, else most journeys first.

    Of the month `begun` only a part is in the year, so that it is left out.
    """
    of_cut = [line for line in lines if cut in line.by]
    shown = [line for line in of_cut if line.journeys or cut == "month"]
    if cut == "month":
        whole = [line for line in shown if line.by[cut] != begun]
        return tuple(sorted(whole, key=lambda line: line.by[cut] or ""))

    return tuple(sorted(shown, key=lambda one: (-one.journeys, one.by[cut] or "")))


def _kinds(answers: pl.DataFrame) -> pl.DataFrame:
    both = paired(answers).with_columns(used=pl.col("answers_not").is_not_null())
    order = [True, True, *(False for _ in KINDS)]

    return (
        both.with_columns(pl.col("answers_not", "satisfied_not").fill_null(0))
        .select(
            *KINDS,
            "used",
            "answers",
            "satisfied",
            unflagged_answers="answers_not",
            unflagged_satisfied="satisfied_not",
        )
        .sort("used", "answers", *KINDS, descending=order)
    )


def _examples(journeys: pl.DataFrame, points: pl.DataFrame) -> tuple[str, ...]:
    met = journeys.join(points, on="journey_id", how="semi")
    most = met.sort(
        ["contacts", "started_at", "journey_id"], descending=[True, True, False]
    )

    return tuple(most["journey_id"].head(EXAMPLES))
