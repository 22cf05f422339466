"""Several tables that belong together, as one page or one object."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import polars as pl
from rich.text import Text

from cxmap.errors import UsageError
from cxmap.text import safe
from cxmap.views.frames import frame_csv, frame_jsonl
from cxmap.views.listing import render_table
from cxmap.views.markdown import escaped, paragraph
from cxmap.views.paper import Paper
from cxmap.views.plain import json_text
from cxmap.views.symbols import to_ascii
from cxmap.views.wording import times_in

FORMS = ("auto", "table", "json", "jsonl", "md", "csv")


@dataclass(frozen=True)
class Sheet:
    """One of the tables."""

    name: str
    """What programs call it, and `--part`."""
    heading: str
    rows: pl.DataFrame
    """As programs get it."""
    shown: pl.DataFrame
    """The same for people."""
    empty: str = ""
    """What people read where there are no rows; nothing: the sheet is left out."""
    shares: tuple[str, ...] = ()
    spare: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    """Columns of texts that are numbers in words: they stand at the right."""


@dataclass(frozen=True)
class Page:
    """What stands above the tables."""

    schema: str
    heading: str
    facts: Mapping[str, Any]
    """What programs get beside the tables."""
    notes: Sequence[str] = ()
    opening: Sequence[str] = ()
    """Lines that people read first, beneath the heading."""


def one_sheet(sheets: Sequence[Sheet], part: str | None) -> list[Sheet]:
    """Return the sheet of that name, or all; UsageError where there is none."""
    if part is None:
        return list(sheets)
    found = [sheet for sheet in sheets if sheet.name == part]
    if not found:
        names = ", ".join(sheet.name for sheet in sheets)
        raise UsageError(f"--part {safe(part)}: write one of {names}")

    return found


def render_sheets(
    page: Page,
    sheets: Sequence[Sheet],
    form: str,
    *,
    zone: tzinfo,
    width: int | None = None,
    color: bool = False,
    ascii: bool = False,
) -> str:
    """Return the tables as a page, one JSON object, JSON lines, or one CSV table.

    A JSON line says in `part` of which table it is. Raises UsageError where CSV was
    asked for and there are several.
    """
    if form == "csv":
        return frame_csv(_alone(sheets).rows)
    if form == "jsonl":
        named = (s.rows.select(pl.lit(s.name).alias("part"), pl.all()) for s in sheets)
        return "".join(frame_jsonl(rows, ascii_only=ascii) for rows in named)
    if form == "json":
        tables = {sheet.name: sheet.rows.to_dicts() for sheet in sheets}
        whole = {"schema": page.schema, **page.facts, **tables}
        return json_text(whole, ascii_only=ascii) + "\n"
    if form == "md":
        text = _markdown(page, sheets, zone)
        return to_ascii(text) if ascii else text

    paper = Paper(width=width, color=color, ascii_only=ascii)
    paper.line(Text(paper.shown(safe(page.heading)), style="bold"))
    for line in page.opening:
        paper.words(Text(paper.shown(safe(line))))
    pieces = [
        render_table(
            sheet.shown,
            "table",
            heading=sheet.heading,
            shares=sheet.shares,
            spare=sheet.spare,
            numbers=sheet.numbers,
            zone=zone,
            clock=False,
            width=width,
            color=color,
            ascii=ascii,
        )
        for sheet in sheets
        if sheet.shown.height
    ]
    below = Paper(width=width, color=color, ascii_only=ascii)
    for note in _notes(page, sheets, zone):
        below.words(Text(below.shown(safe(note)), style="dim"))

    return "\n".join([paper.text(), *pieces, below.text()])


def _alone(sheets: Sequence[Sheet]) -> Sheet:
    if len(sheets) == 1:
        return sheets[0]
    names = ", ".join(sheet.name for sheet in sheets)
    raise UsageError(f"-f csv: holds one table; name it with --part: {names}")


def _markdown(page: Page, sheets: Sequence[Sheet], zone: tzinfo) -> str:
    pieces = [f"## {escaped(page.heading)}\n"]
    if page.opening:
        pieces.append("".join(f"- {paragraph(line)}\n" for line in page.opening))
    pieces += [
        render_table(
            sheet.shown,
            "md",
            heading=sheet.heading,
            shares=sheet.shares,
            numbers=sheet.numbers,
            zone=zone,
            clock=False,
        ).replace("## ", "### ", 1)
        for sheet in sheets
        if sheet.shown.height
    ]
    notes = [f"- {paragraph(note)}\n" for note in _notes(page, sheets, zone)]

    return "\n".join([*pieces, "".join(notes)])


def _notes(page: Page, sheets: Sequence[Sheet], zone: tzinfo) -> list[str]:
    """Return what stands below the tables: what is empty, and in which zone."""
    told = [sheet.empty for sheet in sheets if sheet.empty and sheet.shown.is_empty()]
    times = any(
        dtype.is_temporal()
        for sheet in sheets
        if sheet.shown.height
        for dtype in sheet.shown.dtypes
    )

    return [*told, *page.notes, *([times_in(zone)] if times else [])]
