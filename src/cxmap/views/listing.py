"""Any table or set of facts, in the same forms as the scorecard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Any

import polars as pl
import polars.selectors as cs
from rich.cells import cell_len
from rich.text import Text

from cxmap.errors import UsageError
from cxmap.text import safe
from cxmap.views.fitting import fitting, least_width
from cxmap.views.frames import frame_csv, frame_jsonl
from cxmap.views.markdown import escaped, paragraph, table_lines
from cxmap.views.paper import Paper
from cxmap.views.plain import csv_text, json_text
from cxmap.views.symbols import Symbols, symbols, to_ascii
from cxmap.views.wording import moment, runs, span, times_in, title

FORMS = ("table", "md", "csv", "json", "jsonl")


@dataclass(frozen=True)
class _Sheet:
    """A table in words, for people."""

    heading: str
    columns: Sequence[str]
    numeric: Sequence[bool]
    cells: Sequence[Sequence[str]]
    notes: Sequence[str]
    names: Sequence[str]
    """The columns' stable names."""
    firm: Sequence[bool]
    """Which columns never wrap: ids, times and numbers."""
    spare: Sequence[str] = ()


def render_table(
    rows: pl.DataFrame,
    form: str,
    *,
    heading: str = "",
    notes: Sequence[str] = (),
    shares: Sequence[str] = (),
    spare: Sequence[str] = (),
    numbers: Sequence[str] = (),
    zone: tzinfo = UTC,
    clock: bool = True,
    width: int | None = None,
    color: bool = False,
    ascii: bool = False,
) -> str:
    """Return the rows of any table in a form; columns keep their stable names in data.

    For people, `*_seconds` columns read as durations, columns named in `shares` as
    per cent, and instants in `zone`, which a note says unless `clock` is false; data
    forms stay in UTC. On a
    terminal too narrow the columns in `spare` are left out, the first of it first.
    Texts in `numbers` are numbers in words.
    Raises UsageError for a form that does not exist.
    """
    if form not in FORMS:
        raise UsageError(f"-f {safe(form)}: write one of {', '.join(FORMS)}")
    if form == "csv":
        return frame_csv(rows)
    if form in ("json", "jsonl"):
        lines = frame_jsonl(rows, ascii_only=ascii)
        return lines if form == "jsonl" else _array(lines)

    cell = partial(_cell, shares=shares, zone=zone, signs=symbols(ascii_only=ascii))
    sheet = _Sheet(
        heading=safe(heading),
        columns=[title(name.removesuffix("_seconds")) for name in rows.columns],
        numeric=[
            dtype.is_numeric() or name in numbers for name, dtype in rows.schema.items()
        ],
        cells=[
            [cell(name, value) for name, value in row.items()]
            for row in rows.iter_rows(named=True)
        ],
        notes=[*(safe(note) for note in notes), *(_clock(rows, zone) if clock else ())],
        names=rows.columns,
        firm=[
            _is_firm(name, dtype) or name in numbers
            for name, dtype in rows.schema.items()
        ],
        spare=spare,
    )
    if form == "md":
        return _markdown(sheet, ascii_only=ascii)

    return _table(sheet, Paper(width=width, color=color, ascii_only=ascii))


def _clock(rows: pl.DataFrame, zone: tzinfo) -> list[str]:
    """Return the note on the zone, where times are shown."""
    told = rows.select(cs.datetime())
    shown = any(column.null_count() < column.len() for column in told)

    return [times_in(zone)] if shown else []


def _is_firm(name: str, dtype: pl.DataType) -> bool:
    return name.endswith("_id") or dtype.is_numeric() or dtype.is_temporal()


def _array(lines: str) -> str:
    """Return JSON lines as one array, an object a line."""
    return "[\n" + ",\n".join(lines.splitlines()) + "\n]\n"


def render_facts(
    facts: Mapping[str, Any],
    form: str,
    *,
    heading: str = "",
    zone: tzinfo = UTC,
    width: int | None = None,
    color: bool = False,
    ascii: bool = False,
) -> str:
    """Return named facts, one a line; as JSON they are one object.

    A fact that holds facts has a line for each. Instants stand in `zone` for people.
    """
    if form in ("json", "jsonl"):
        indent = 2 if form == "json" else None
        return json_text(facts, indent=indent, ascii_only=ascii) + "\n"
    if form == "csv":
        return csv_text(("fact", "value"), _flat(facts, ".").items())
    flat = _flat(facts, ": ")
    signs = symbols(ascii_only=ascii)
    rows = pl.DataFrame(
        {
            "fact": [title(name) for name in flat],
            "value": [
                _cell(name, value, shares=(), zone=zone, signs=signs)
                for name, value in flat.items()
            ],
        },
        schema={"fact": pl.String(), "value": pl.String()},
    )
    timed = any(isinstance(value, datetime) for value in flat.values())

    return render_table(
        rows,
        form,
        heading=heading,
        notes=[times_in(zone)] if timed else (),
        width=width,
        color=color,
        ascii=ascii,
    )


def _flat(facts: Mapping[str, Any], joint: str) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in facts.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}{joint}{key}": one for key, one in value.items()}
        else:
            flat[name] = value

    return flat


def _table(sheet: _Sheet, paper: Paper) -> str:
    if sheet.heading:
        paper.line(Text(sheet.heading, style="bold"))
        paper.gap()
    places = _places(sheet, paper.width)
    table = paper.table(sheet.columns[places[0]] if places else "")
    for place in places[1:]:
        table.add_column(Text(sheet.columns[place]), overflow="fold")
    for column, place in zip(table.columns, places, strict=False):
        column.justify = "right" if sheet.numeric[place] else "left"
        if paper.width is not None:
            column.min_width = _least(sheet, place)
            column.no_wrap = all(
                cell_len(row[place]) <= column.min_width for row in sheet.cells
            )
    for row in sheet.cells:
        table.add_row(*(Text(paper.shown(row[place])) for place in places))
    paper.add(table)
    left_out = [name for place, name in enumerate(sheet.columns) if place not in places]
    notes = [f"Too narrow for: {', '.join(left_out)}."] if left_out else []
    if sheet.notes or notes:
        paper.gap()
    for note in (*sheet.notes, *notes):
        paper.line(Text(paper.shown(note), style="dim"))

    return paper.text()


def _places(sheet: _Sheet, width: int | None) -> list[int]:
    """Return the places of the columns that fit."""
    least = [(name, _least(sheet, place)) for place, name in enumerate(sheet.names)]
    kept = fitting(least, sheet.spare, width)

    return [place for place, name in enumerate(sheet.names) if name in kept]


def _least(sheet: _Sheet, place: int) -> int:
    cells = [row[place] for row in sheet.cells]

    return least_width(sheet.columns[place], cells, firm=sheet.firm[place])


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


def _cell(
    name: str, value: Any, *, shares: Sequence[str], zone: tzinfo, signs: Symbols
) -> str:
    if value is None:
        return signs.nothing
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(name, value, shares)
    if isinstance(value, datetime):
        return moment(value, zone)
    if isinstance(value, list | tuple):
        return ", ".join(safe(item) for item in value)

    return runs(safe(value), signs.times) if name == "path" else safe(value)


def _number(name: str, value: float, shares: Sequence[str]) -> str:
    if name in shares:
        return f"{100 * value:.1f} %"
    if name.endswith("_seconds"):
        return span(value)

    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
