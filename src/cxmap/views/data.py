"""The scorecard as data: JSON, one score a line, tidy CSV."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from cxmap.scorecard import Score, Scorecard, Variation
from cxmap.views.plain import csv_text, json_text
from cxmap.views.sections import dimensions
from cxmap.views.sensitivity import SETTINGS, of_kpi, spread
from cxmap.views.shapes import published_shape

FACTS = (
    "value",
    "numerator",
    "n",
    "low",
    "high",
    "pending",
    "confirmed",
    "presumed",
    "target",
    "status",
    "previous",
    "change",
    "change_low",
    "change_high",
    "marked",
    "unit",
    "better",
    "definition",
    "variant",
    "interval",
    "missing_inputs",
    "suppressed",
)
"""The columns of the CSV after the KPI and its segment."""

TRIED = (*SETTINGS, "spread", "moved")
"""The columns after those where other settings were tried."""


def scorecard_json(scorecard: Scorecard, *, ascii_only: bool) -> str:
    """Return the scorecard as one object, as its published schema says."""
    return json_text(scorecard.as_json(), ascii_only=ascii_only) + "\n"


def scorecard_jsonl(scorecard: Scorecard, *, ascii_only: bool) -> str:
    """Return one object a line: each score with its period, and its sensitivity."""
    period = {"since": scorecard.since, "until": scorecard.until}
    varied = _varied(scorecard)
    lines = [
        json_text(
            {
                **period,
                **asdict(score),
                **(_beside(score, varied) if varied else {}),
                **_published(score, scorecard),
            },
            indent=None,
            ascii_only=ascii_only,
        )
        for score in scorecard.scores
    ]

    return "".join(f"{line}\n" for line in lines)


def scorecard_csv(scorecard: Scorecard) -> str:
    """Return one row a score: its KPI, its segment, the period and its facts.

    Where other settings were tried, their values, how far they lie apart, and which
    of them moved it stand at the end.
    """
    cut = dimensions(scorecard)
    varied = _varied(scorecard)
    header = ("kpi", *cut, "since", "until", *FACTS, *(TRIED if varied else ()))
    rows = [
        [*_row(score, cut, scorecard), *(_tried(score, varied) if varied else ())]
        for score in scorecard.scores
    ]

    return csv_text(header, rows)


def scorecard_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `report -f json` prints."""
    return published_shape("scorecard")


def _varied(scorecard: Scorecard) -> dict[str, dict[str, Variation]]:
    return {score.kpi: variations for score, variations in of_kpi(scorecard)}


def _beside(score: Score, varied: Mapping[str, dict[str, Variation]]) -> dict[str, Any]:
    """Return the variations of a score of the whole, each by its setting."""
    own = {} if score.by else varied.get(score.kpi, {})
    return {"sensitivity": [asdict(one) for one in own.values()]}


def _published(score: Score, scorecard: Scorecard) -> dict[str, Any]:
    """Return what is published of a score of the whole, where that was asked for."""
    if not scorecard.benchmarks:
        return {}
    own = [one for one in scorecard.benchmarks if one.kpi == score.kpi and not score.by]

    return {"benchmarks": [asdict(one) for one in own]}


def _tried(score: Score, varied: Mapping[str, dict[str, Variation]]) -> list[Any]:
    own = {} if score.by else varied.get(score.kpi, {})
    values = [own[name].value if name in own else None for name in SETTINGS]
    moved = [name for name in SETTINGS if name in own and own[name].moved]

    return [*values, spread(score, own) if own else None, " ".join(moved)]


def _row(score: Score, cut: tuple[str, ...], scorecard: Scorecard) -> list[Any]:
    segment = [score.by.get(name) for name in cut]
    facts = [getattr(score, name) for name in FACTS]
    joined = [" ".join(fact) if isinstance(fact, tuple) else fact for fact in facts]

    return [score.kpi, *segment, scorecard.since, scorecard.until, *joined]
