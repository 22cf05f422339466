"""The friction ledger, for people and for programs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any
from zoneinfo import ZoneInfo

from rich.text import Text

from cxmap.names import DIMENSIONS
from cxmap.scorecard import FrictionLine, Ledger
from cxmap.text import safe
from cxmap.views.fitting import fitting, least_width
from cxmap.views.forms import as_data
from cxmap.views.lines import columns, hidden_line, rests_on, unhidden_line
from cxmap.views.markdown import escaped, paragraph, table_lines
from cxmap.views.paper import Paper
from cxmap.views.plain import csv_text
from cxmap.views.shapes import published_shape
from cxmap.views.symbols import Symbols, symbols, to_ascii
from cxmap.views.wording import counted, moment, segment, title

SCHEMA = "cxmap.ledger/1"
FACTS = tuple(one.name for one in fields(FrictionLine) if one.name != "by")
SPARED = ("Points", "Severity", "Of care", "A year", "After", "Share")
"""Columns that a narrow terminal is shown without, the first of it first."""

OVERLAP = "Frictions overlap; do not add the rows."


def render_ledger(
    ledger: Ledger,
    form: str,
    *,
    width: int | None = None,
    color: bool = False,
    ascii: bool = False,
    share: bool = False,
    min_cell: int = 10,
) -> str:
    """Return the ledger as a table, Markdown, CSV, JSON or JSON lines.

    `share`, and Markdown always: rows of too few customers are hidden. Raises
    UsageError for a form that does not exist.
    """
    hide = share or form == "md"
    lines = tuple(
        hidden_line(one) if hide else unhidden_line(one) for one in ledger.lines
    )
    told = replace(ledger, lines=lines)
    data = as_data(
        form,
        whole=lambda: _as_object(told),
        lines=lambda: _lines(told),
        csv=lambda: _csv(told),
        ascii=ascii,
    )
    if data is not None:
        return data
    if form == "md":
        text = _markdown(told, min_cell)
        return to_ascii(text) if ascii else text

    return _page(told, Paper(width=width, color=color, ascii_only=ascii), min_cell)


def ledger_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `friction -f json` prints."""
    return published_shape("ledger")


def ledger_table(
    paper: Paper, lines: Sequence[FrictionLine], *, heading: str, min_cell: int
) -> None:
    """Write the lines as a table that fits, on a narrow page with less of each."""
    cells = columns(lines, paper.signs, min_cell)
    labels = [title(line.friction) for line in lines]
    if paper.narrow:
        paper.line(Text(heading, style="bold"))
        for place, line in enumerate(lines):
            journeys = Text(_said(line, min_cell), style="bold")
            share = Text(cells["Share"][place])
            paper.pair(Text(labels[place]), journeys, share)
        return

    least = [("", least_width(heading, labels, firm=True))]
    least += [
        (name, least_width(name, held, firm=True)) for name, held in cells.items()
    ]
    kept = [name for name in fitting(least, SPARED, paper.width) if name]
    table = paper.table(heading)
    for name in kept:
        right = name != "Severity"
        column = Text(name)
        table.add_column(column, justify="right" if right else "left", no_wrap=True)
    for place, label in enumerate(labels):
        table.add_row(Text(label), *(Text(cells[name][place]) for name in kept))

    paper.add(table)
    missing = [name for name in cells if name not in kept]
    if missing:
        note = f"Too narrow for: {', '.join(missing)}."
        paper.line(Text(note, style="dim"))


def _page(ledger: Ledger, paper: Paper, min_cell: int) -> str:
    zone = ZoneInfo(ledger.zone)
    paper.line(Text(f"Frictions: {safe(ledger.period)}", style="bold"))
    reach = ledger.horizon and f"data reach {moment(ledger.horizon, zone)}"
    parts = [counted(ledger.journeys, "journey"), reach, safe(ledger.zone)]
    paper.line(Text(f" {paper.signs.dot} ".join(part for part in parts if part)))
    for heading, lines in _blocks(ledger):
        paper.gap()
        ledger_table(paper, lines, heading=heading, min_cell=min_cell)
    paper.gap()
    for note in (OVERLAP, *rests_on(ledger.assumptions, ledger.lines, paper.signs)):
        paper.words(Text(paper.shown(note), style="dim"))

    return paper.text()


def _blocks(ledger: Ledger) -> list[tuple[str, list[FrictionLine]]]:
    """The whole, then every segment with the frictions that show in it."""
    blocks: dict[tuple[str | None, ...], list[FrictionLine]] = {(): []}
    for line in ledger.lines:
        if not line.by or line.journeys or line.suppressed:
            blocks.setdefault(tuple(line.by.values()), []).append(line)

    return [
        (segment(key) if key else "Frictions", lines) for key, lines in blocks.items()
    ]


def _markdown(ledger: Ledger, min_cell: int) -> str:
    signs = symbols(ascii_only=False)
    text = [f"## Frictions: {escaped(ledger.period)}", ""]
    text += [paragraph(counted(ledger.journeys, "journey")), ""]
    for heading, lines in _blocks(ledger):
        text += [*ledger_markdown(lines, signs, heading, min_cell), ""]
    notes = (OVERLAP, *rests_on(ledger.assumptions, ledger.lines, signs))

    return "\n".join([*text, *(f"- {paragraph(note)}" for note in notes)]) + "\n"


def ledger_markdown(
    lines: Sequence[FrictionLine], signs: Symbols, heading: str, min_cell: int
) -> list[str]:
    """Return the lines as a Markdown table."""
    cells = columns(lines, signs, min_cell)
    rows = [
        [
            escaped(title(line.friction)),
            *(escaped(held[place]) for held in cells.values()),
        ]
        for place, line in enumerate(lines)
    ]
    aligned = "|".join([":--", *(":--" if n == "Severity" else "--:" for n in cells)])

    return table_lines([escaped(heading), *cells], aligned, rows)


def _lines(ledger: Ledger) -> Iterator[dict[str, Any]]:
    period = {"since": ledger.since, "until": ledger.until}

    return ({**period, **asdict(line)} for line in ledger.lines)


def _csv(ledger: Ledger) -> str:
    used = {name for line in ledger.lines for name in line.by}
    cut = [name for name in DIMENSIONS if name in used]
    rows = [
        [
            *(line.by.get(name) for name in cut),
            ledger.since,
            ledger.until,
            *(getattr(line, fact) for fact in FACTS),
        ]
        for line in ledger.lines
    ]

    return csv_text((*cut, "since", "until", *FACTS), rows)


def _as_object(ledger: Ledger) -> Mapping[str, Any]:
    return {
        "schema": SCHEMA,
        "period": {
            "since": ledger.since,
            "until": ledger.until,
            "chosen": ledger.period,
        },
        "now": ledger.now,
        "horizon": ledger.horizon,
        "zone": ledger.zone,
        "journeys": ledger.journeys,
        "frictions": [asdict(line) for line in ledger.lines],
        "assumptions": asdict(ledger.assumptions),
        "notes": list(ledger.notes),
    }


def _said(line: FrictionLine, min_cell: int) -> str:
    return f"<{min_cell}" if line.suppressed else counted(line.journeys, "journey")
