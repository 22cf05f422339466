"""Any table or set of facts, in the same forms as the scorecard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl
from rich.text import Text

from cxmap.errors import UsageError
from cxmap.text import safe
from cxmap.views.frames import frame_csv, frame_jsonl
from cxmap.views.markdown import escaped, paragraph, table_lines
from cxmap.views.paper import Paper
from cxmap.views.plain import csv_text, json_text
from cxmap.views.symbols import symbols, to_ascii
from cxmap.views.wording import moment, span, title

FORMS = ("table", "md", "csv", "json", "jsonl")


@dataclass(frozen=True)
class _Sheet:
    """A table in words, for people."""

    heading: str
    columns: Sequence[str]
    numeric: Sequence[bool]
    cells: Sequence[Sequence[str]]
    notes: Sequence[str]


def render_table(
    rows: pl.DataFrame,
    form: str,
    *,
    heading: str = "",
    notes: Sequence[str] = (),
    shares: Sequence[str] = (),
    width: int | None = None,
    color: bool = False,
    ascii: bool = False,
) -> str:
    """Return the rows of any table in a form; columns keep their stable names in data.

    For people, `*_seconds` columns read as durations, columns named in `shares` as
    per cent, and instants in UTC. Raises UsageError for a form that does not exist.
    """
    if form not in FORMS:
        raise UsageError(f"-f {safe(form)}: write one of {', '.join(FORMS)}")
    if form == "csv":
        return frame_csv(rows)
    if form in ("json", "jsonl"):
        lines = frame_jsonl(rows, ascii_only=ascii)
        return lines if form == "jsonl" else _array(lines)

    sheet = _Sheet(
        heading=safe(heading),
        columns=[title(name.removesuffix("_seconds")) for name in rows.columns],
        numeric=[dtype.is_numeric() for dtype in rows.dtypes],
        cells=[
            [_cell(name, value, shares, ascii_only=ascii) for name, value in r.items()]
            for r in rows.to_dicts()
        ],
        notes=[safe(note) for note in notes],
    )
    if form == "md":
        return _markdown(sheet, ascii_only=ascii)

    return _table(sheet, Paper(width=width, color=color, ascii_only=ascii))


def _array(lines: str) -> str:
    """Return JSON lines as one array, an object a line."""
    return "[\n" + ",\n".join(lines.splitlines()) + "\n]\n"


def render_facts(
    facts: Mapping[str, Any],
    form: str,
    *,
    heading: str = "",
    width: int | None = None,
    color: bool = False,
    ascii: bool = False,
) -> str:
    """Return named facts, one a line; as JSON they are one object."""
    if form in ("json", "jsonl"):
        indent = 2 if form == "json" else None
        return json_text(facts, indent=indent, ascii_only=ascii) + "\n"
    if form == "csv":
        return csv_text(("fact", "value"), facts.items())
    rows = pl.DataFrame(
        {
            "fact": [title(name) for name in facts],
            "value": [
                _cell(name, value, (), ascii_only=ascii)
                for name, value in facts.items()
            ],
        },
        schema={"fact": pl.String(), "value": pl.String()},
    )

    return render_table(
        rows, form, heading=heading, width=width, color=color, ascii=ascii
    )


def _table(sheet: _Sheet, paper: Paper) -> str:
    if sheet.heading:
        paper.line(Text(sheet.heading, style="bold"))
        paper.gap()
    table = paper.table(sheet.columns[0] if sheet.columns else "")
    for name in sheet.columns[1:]:
        table.add_column(Text(name), overflow="fold")
    for column, numeric in zip(table.columns, sheet.numeric, strict=False):
        column.justify = "right" if numeric else "left"
    for row in sheet.cells:
        table.add_row(*(Text(paper.shown(cell)) for cell in row))
    paper.add(table)
    if sheet.notes:
        paper.gap()
    for note in sheet.notes:
        paper.line(Text(note, style="dim"))

    return paper.text()


def _markdown(sheet: _Sheet, *, ascii_only: bool) -> str:
    header = [escaped(name) for name in sheet.columns]
    aligned = "|".join("--:" if numeric else ":--" for numeric in sheet.numeric)
    cells = [[escaped(cell) for cell in row] for row in sheet.cells]
    lines = [f"## {escaped(sheet.heading)}", ""] if sheet.heading else []
    lines += table_lines(header, aligned, cells)
    lines += (
        ["", *(f"- {paragraph(note)}" for note in sheet.notes)] if sheet.notes else []
    )
    text = "\n".join(lines) + "\n"

    return to_ascii(text) if ascii_only else text


def _cell(name: str, value: Any, shares: Sequence[str], *, ascii_only: bool) -> str:
    if value is None:
        return symbols(ascii_only=ascii_only).nothing
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(name, value, shares)
    if isinstance(value, datetime):
        return moment(value, UTC)
    if isinstance(value, list | tuple):
        return ", ".join(safe(item) for item in value)

    return safe(value)


def _number(name: str, value: float, shares: Sequence[str]) -> str:
    if name in shares:
        return f"{100 * value:.1f} %"
    if name.endswith("_seconds"):
        return span(value)

    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
