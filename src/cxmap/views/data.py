"""The scorecard as data: JSON, one score a line, tidy CSV."""

import json
from dataclasses import asdict
from importlib.resources import files
from typing import Any

from cxmap.scorecard import Score, Scorecard
from cxmap.views.plain import csv_text, json_text
from cxmap.views.sections import dimensions

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


def scorecard_json(scorecard: Scorecard, *, ascii_only: bool) -> str:
    """Return the scorecard as one object, as its published schema says."""
    return json_text(scorecard.as_json(), ascii_only=ascii_only) + "\n"


def scorecard_jsonl(scorecard: Scorecard, *, ascii_only: bool) -> str:
    """Return one object a line: each score with its period."""
    period = {"since": scorecard.since, "until": scorecard.until}
    lines = [
        json_text({**period, **asdict(score)}, indent=None, ascii_only=ascii_only)
        for score in scorecard.scores
    ]

    return "".join(f"{line}\n" for line in lines)


def scorecard_csv(scorecard: Scorecard) -> str:
    """Return one row a score: its KPI, its segment, the period and its facts."""
    cut = dimensions(scorecard)
    header = ("kpi", *cut, "since", "until", *FACTS)
    rows = [_row(score, cut, scorecard) for score in scorecard.scores]

    return csv_text(header, rows)


def scorecard_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `report -f json` prints."""
    text = files("cxmap.views").joinpath("scorecard.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)

    return schema


def _row(score: Score, cut: tuple[str, ...], scorecard: Scorecard) -> list[Any]:
    segment = [score.by.get(name) for name in cut]
    facts = [getattr(score, name) for name in FACTS]
    joined = [" ".join(fact) if isinstance(fact, tuple) else fact for fact in facts]

    return [score.kpi, *segment, scorecard.since, scorecard.until, *joined]
