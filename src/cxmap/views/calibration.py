"""Weights of the friction score: as a page, as data, and as YAML to paste."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.text import Text

from cxmap.desk.calibrating import Calibration
from cxmap.desk.labelling import LABELS
from cxmap.views.markdown import escaped, paragraph, table_lines
from cxmap.views.paper import Paper
from cxmap.views.plain import json_text
from cxmap.views.shapes import published_shape
from cxmap.views.symbols import Symbols, symbols, to_ascii
from cxmap.views.wording import percent, title

SCHEMA = "cxmap.calibration/1"
CHANCE = 0.5
"""The area under the curve of a score that tells nothing."""

WEIGHTS = ("Friction", "Weight", "95 % interval", "Odds", "Journeys", "Bad")
STEPS = ("Foretold", "Happened", "95 % interval", "Journeys")

HARDLY = 0.6
"""Below this weights tell the bad from the good hardly oftener than a coin."""


def render_calibration(
    told: Calibration,
    form: str,
    *,
    now: datetime,
    width: int | None = None,
    color: bool = False,
    ascii: bool = False,
) -> str:
    """Return weights, and how far they can be believed, in a form; yaml: to paste."""
    if form == "yaml":
        return as_yaml(told, now=now)
    if form == "json":
        return json_text(_as_object(told), ascii_only=ascii) + "\n"
    signs = symbols(ascii_only=ascii)
    if form == "md":
        text = _markdown(told, signs)
        return to_ascii(text) if ascii else text

    paper = Paper(width=width, color=color, ascii_only=ascii)
    paper.line(Text(f"Friction weights on {title(told.on)}", style="bold"))
    for line in _heading(told, signs):
        paper.words(Text(paper.shown(line)))
    _table(paper, WEIGHTS, _weights(told, signs))
    _table(paper, STEPS, _steps(told, signs))
    paper.gap()
    for note in _notes(told, signs):
        paper.words(Text(paper.shown(note), style="dim"))

    return paper.text()


def calibration_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `calibrate -f json` prints."""
    return published_shape("calibration")


def as_yaml(told: Calibration, *, now: datetime) -> str:
    """Return the weights as the `frictions:` section of a config."""
    lines = [
        f"# Friction weights, fitted to {told.labels:,} labels ({told.on}), "
        f"{told.bad:,} of them bad, as of {now:%Y-%m-%d}.",
        f"# {_ranking(told, symbols(ascii_only=True))}",
        "# Where frictions: is in the file already, add each weight to its friction.",
        "frictions:",
    ]
    kept = [one for one in told.weights if round(one.weight, 2) > 0]
    lines += [f"  {one.friction}: {{weight: {one.weight:.2f}}}" for one in kept]
    if not kept:
        lines[-1] = "frictions: {}"

    return "\n".join(lines) + "\n"


def _heading(told: Calibration, signs: Symbols) -> list[str]:
    base = percent(told.bad / told.labels)
    what = LABELS[told.on]

    return [f"{told.bad:,} of {told.labels:,} ({base}): {what}.", _ranking(told, signs)]


def _ranking(told: Calibration, signs: Symbols) -> str:
    if told.area is None:
        return "AUC: not to be told."
    value, low, high = told.area.value, told.area.low, told.area.high
    text = f"AUC {value:.2f} ({low:.2f} {signs.dash} {high:.2f}), by {told.folds} folds"
    if low <= CHANCE:
        return f"{text}: no better than chance; do not use these weights."
    if low < HARDLY:
        return f"{text}: hardly better than chance (0.5); do not rank by them."

    return f"{text} of customers that were not fitted on."


def _weights(told: Calibration, signs: Symbols) -> list[list[str]]:
    return [
        [
            title(one.friction),
            f"{one.weight:.2f}",
            f"{one.low:.2f} {signs.dash} {one.high:.2f}",
            f"{signs.times} {one.odds:.1f}",
            f"{one.journeys:,}",
            percent(one.bad / one.journeys),
        ]
        for one in told.weights
    ]


def _steps(told: Calibration, signs: Symbols) -> list[list[str]]:
    return [
        [
            percent(one.foretold),
            percent(one.happened),
            f"{100 * one.low:.1f} {signs.dash} {percent(one.high)}",
            f"{one.n:,}",
        ]
        for one in told.steps
    ]


def _notes(told: Calibration, signs: Symbols) -> list[str]:
    notes = [
        "Weight: what the friction adds to the log odds of a bad outcome, never less "
        "than 0; odds: by what they rise. A journey's score is the sum over its "
        "frictions. Associated with it, not proven to cause it.",
        "Foretold and happened: journeys by the chance foretold by weights that were "
        "fitted on other customers.",
    ]
    if told.too_rare:
        names = ", ".join(title(one) for one in told.too_rare)
        notes.append(f"Too rare to weigh: {names}.")
    if told.not_asked:
        names = ", ".join(title(one) for one in told.not_asked)
        notes.append(f"Not weighed, since read off what is to be foretold: {names}.")

    return [*notes, "`cxmap calibrate -f yaml` prints the weights to paste."]


def _table(paper: Paper, header: Sequence[str], rows: list[list[str]]) -> None:
    paper.gap()
    table = paper.table(header[0])
    for name in header[1:]:
        table.add_column(Text(name), justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(paper.shown(cell)) for cell in row))
    paper.add(table)


def _markdown(told: Calibration, signs: Symbols) -> str:
    lines = [f"## Friction weights on {escaped(title(told.on))}", ""]
    for line in _heading(told, signs):
        lines += [paragraph(line), ""]
    for header, rows in (
        (WEIGHTS, _weights(told, signs)),
        (STEPS, _steps(told, signs)),
    ):
        aligned = "|".join([":--", *("--:" for _ in header[1:])])
        cells = [[escaped(cell) for cell in row] for row in rows]
        lines += [*table_lines([escaped(one) for one in header], aligned, cells), ""]

    return (
        "\n".join([*lines, *(f"- {paragraph(n)}" for n in _notes(told, signs))]) + "\n"
    )


def _as_object(told: Calibration) -> dict[str, Any]:
    weights = [{**asdict(one), "odds": one.odds} for one in told.weights]

    return {
        "schema": SCHEMA,
        **asdict(told),
        "base_rate": told.bad / told.labels,
        "label": LABELS[told.on],
        "weights": weights,
    }
