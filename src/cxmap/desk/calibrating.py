"""Weights of the friction score, fitted to what the company's own customers say."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from cxmap.accounting import bound_frictions
from cxmap.config import Config
from cxmap.desk.labelling import FOLDS, LABELS, On, labels
from cxmap.errors import LabelsError
from cxmap.flagging import implied
from cxmap.measures.logistic import Counts, Fit, Pattern, fit
from cxmap.measures.ranking import Area, Foretold, Step, area, steps
from cxmap.periods import Period

Tables = Mapping[str, pl.DataFrame]
SURVEYS: tuple[On, ...] = ("csat", "ces")

LEAST = 50
"""So many journeys of either outcome are needed at least."""

A_WEIGHT = 10
"""And so many for every weight."""

SEEN = 10
"""A friction of fewer labelled journeys has no weight."""


@dataclass(frozen=True)
class Weighed:
    """One friction's weight: what it adds to the log odds of a bad outcome."""

    friction: str
    weight: float
    low: float
    high: float
    journeys: int
    """Labelled journeys that had it in time."""
    bad: int

    @property
    def odds(self) -> float:
        """By what the odds of a bad outcome rise."""
        return math.exp(self.weight)


@dataclass(frozen=True)
class Calibration:
    """Weights, and how far they can be believed."""

    on: On
    labels: int
    bad: int
    weights: tuple[Weighed, ...]
    """The heaviest first."""
    too_rare: tuple[str, ...]
    """Frictions of too few labelled journeys."""
    not_asked: tuple[str, ...]
    """Frictions that are themselves read off what is to be foretold."""
    area: Area | None
    """How well the score ranks journeys that it was not fitted on."""
    steps: tuple[Step, ...]
    """What was foretold of those, and what happened."""
    folds: int = FOLDS


def calibrate(
    tables: Tables, config: Config, *, on: On | None, period: Period | None = None
) -> Calibration:
    """Return weights of the frictions that are on, fitted `on` the labels named.

    Without a name on the survey of most answers, and on repeats where none has
    enough. A friction is flagged only where it showed before the label was given: an
    answer, or the contact that was repeated. Raises LabelsError saying what would be
    needed where there are too few labels.
    """
    if on is not None:
        return _fitted(tables, config, on, period)

    answers = {name: labels(tables, name, period).height for name in SURVEYS}
    surveyed = max(SURVEYS, key=lambda name: answers[name])
    try:
        return _fitted(tables, config, surveyed, period)
    except LabelsError as too_few:
        try:
            return _fitted(tables, config, "repeat", period)
        except LabelsError as also:
            raise LabelsError(f"{too_few}\n{also}") from None


def askable(config: Config, on: On) -> tuple[list[str], list[str]]:
    """Return the frictions that may be weighed, and those that may not.

    What is read off survey answers is no cause of them; what is read off other
    contacts of the journey is no cause of repeats.
    """
    says = {name: implied(how) for name, (_, how) in bound_frictions(config).items()}
    circular = {
        name
        for name, one in says.items()
        if one.answers or (on == "repeat" and one.several)
    }

    return sorted(says.keys() - circular), sorted(circular)


def _fitted(
    tables: Tables, config: Config, on: On, period: Period | None
) -> Calibration:
    asked, circular = askable(config, on)
    told = labels(tables, on, period)
    flags = _flags(told, tables["points"], asked)
    seen = flags.group_by("friction").len().filter(pl.col("len") >= SEEN)
    names = sorted(seen["friction"])
    bad = int(told["bad"].sum())
    _enough(on, told.height, bad, len(names))
    by_fold = _patterns(told, flags, names)
    whole = fit(_added(by_fold.values()), len(names))
    foretold = _held_out(by_fold, len(names))

    return Calibration(
        on=on,
        labels=told.height,
        bad=bad,
        weights=_weighed(whole, names, by_fold),
        too_rare=tuple(name for name in asked if name not in names),
        not_asked=tuple(circular),
        area=area((score, n, bad) for score, _, n, bad in foretold),
        steps=tuple(steps(foretold)),
    )


def _enough(on: On, n: int, bad: int, weights: int) -> None:
    needed = max(LEAST, A_WEIGHT * weights)
    if min(bad, n - bad) < needed:
        raise LabelsError(
            f"{on}: {bad:,} of {n:,} labels are {LABELS[on]}; to weigh {weights} "
            f"frictions {needed:,} of either kind are needed. Ingest a longer history, "
            "or more answers"
        )
    if not weights:
        raise LabelsError(
            f"{on}: no friction shows in {SEEN} labelled journeys or more; ingest a "
            "longer history"
        )


def _flags(told: pl.DataFrame, points: pl.DataFrame, asked: list[str]) -> pl.DataFrame:
    """journey_id and friction, once each, of what showed before the label."""
    in_time = (pl.col("at") <= pl.col("until_at")).fill_null(value=True)

    return (
        points.filter(pl.col("friction").is_in(asked))
        .join(told, on="journey_id")
        .filter(in_time)
        .select("journey_id", "friction")
        .unique()
    )


def _patterns(
    told: pl.DataFrame, flags: pl.DataFrame, names: list[str]
) -> dict[int, Counts]:
    """Journeys and bad ones by fold and by which frictions showed."""
    places = pl.DataFrame(
        {"friction": names, "place": list(range(len(names)))},
        schema={"friction": pl.String, "place": pl.Int64},
    )
    sets = (
        flags.join(places, on="friction")
        .sort("journey_id", "place")
        .group_by("journey_id", maintain_order=True)
        .agg(pattern=pl.col("place").cast(pl.String).str.join(" "))
    )
    rows = (
        told.join(sets, on="journey_id", how="left")
        .with_columns(pl.col("pattern").fill_null(""))
        .group_by("fold", "pattern")
        .agg(n=pl.len(), bad=pl.col("bad").sum())
        .sort("fold", "pattern")
    )
    folds: dict[int, dict[Pattern, tuple[int, int]]] = {}
    for fold, pattern, n, bad in rows.iter_rows():
        showing = frozenset(int(place) for place in pattern.split())
        folds.setdefault(fold, {})[showing] = (n, bad)

    return {fold: folds[fold] for fold in sorted(folds)}


def _added(parts: Iterable[Counts]) -> Counts:
    sums: dict[Pattern, tuple[int, int]] = {}
    for part in parts:
        for pattern, (n, bad) in part.items():
            had = sums.get(pattern, (0, 0))
            sums[pattern] = (had[0] + n, had[1] + bad)

    return sums


def _held_out(by_fold: Mapping[int, Counts], flags: int) -> list[Foretold]:
    """Score and chance of every pattern as the other folds foretell them.

    Journeys are ranked by the score alone: the intercept of the other folds is high
    just where the own fold has few bad ones, and would rank it the wrong way round.
    """
    found = []
    for fold, counts in by_fold.items():
        others = _added(part for name, part in by_fold.items() if name != fold)
        told = fit(others, flags)
        found += [
            (told.score(pattern), told.chance(pattern), n, bad)
            for pattern, (n, bad) in counts.items()
        ]

    return found


def _weighed(
    whole: Fit, names: list[str], by_fold: Mapping[int, Counts]
) -> tuple[Weighed, ...]:
    counts = _added(by_fold.values())
    weighed = []
    for place, name in enumerate(names):
        with_it = [pair for pattern, pair in counts.items() if place in pattern]
        weighed.append(
            Weighed(
                name,
                whole.weights[place],
                whole.lows[place],
                whole.highs[place],
                sum(n for n, _ in with_it),
                sum(bad for _, bad in with_it),
            )
        )

    return tuple(sorted(weighed, key=lambda one: (-one.weight, one.friction)))
