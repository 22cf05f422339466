"""What was published for a period, what it is now, and why."""

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from rich.text import Text

from cxmap.importreport import CAUSES
from cxmap.scorecard import Published, Restated, Scorecard
from cxmap.text import safe
from cxmap.views.markdown import escaped, paragraph, table_lines
from cxmap.views.paper import Paper
from cxmap.views.symbols import Symbols
from cxmap.views.wording import moment, segment, spelled, title

HEADER = ("KPI", "Published", "Now", "Why")


def published_table(scorecard: Scorecard, paper: Paper) -> None:
    """Write what was published, where that was frozen."""
    told = scorecard.published
    if told is None:
        return
    paper.gap()
    paper.line(Text(paper.shown(_heading(told, scorecard.zone)), style="bold"))
    if told.restated:
        table = paper.table(HEADER[0])
        for name in HEADER[1:]:
            wide = name == "Why"
            table.add_column(
                Text(name),
                justify="left" if wide else "right",
                no_wrap=not wide,
                overflow="fold",
            )
        for one in told.restated:
            table.add_row(*(Text(paper.shown(c)) for c in _row(one, paper.signs)))
        paper.add(table)
    for note in _notes(told):
        paper.words(Text(paper.shown(note), style="dim"))


def published_markdown(scorecard: Scorecard, signs: Symbols) -> list[str]:
    """Return the same as lines of Markdown; none where nothing was frozen."""
    told = scorecard.published
    if told is None:
        return []
    lines = [f"### {escaped(_heading(told, scorecard.zone))}", ""]
    if told.restated:
        rows = [[escaped(cell) for cell in _row(one, signs)] for one in told.restated]
        lines += [*table_lines(HEADER, ":--|--:|--:|:--", rows), ""]
    lines += [f"- {paragraph(note)}" for note in _notes(told)]

    return [*lines, ""]


def _heading(told: Published, zone: str) -> str:
    at = moment(told.frozen_at, ZoneInfo(zone))
    if told.restated:
        return f"Published as of {at}, and now"

    return f"As published as of {at}: no figure has changed"


def _row(one: Restated, signs: Symbols) -> tuple[str, ...]:
    cell = f", {segment(one.by.values())}" if one.by else ""
    was, now = (
        f"{spelled(value, one.unit, signs)} (n {n:,})"
        for value, n in ((one.published, one.published_n), (one.value, one.n))
    )
    return f"{title(one.kpi)}{cell}", was, now, "; ".join(_why(one)) or "see below"


def _why(one: Restated) -> Iterator[str]:
    yield from caused(one.because)
    if one.defined_anew:
        yield "defined anew"
    yield from (f"{safe(key)} changed" for key in one.settings)


def caused(because: Mapping[str, int]) -> list[str]:
    """Return what changed in the records, counted in words."""
    return [f"{n:,} {CAUSES[why][n > 1]}" for why, n in because.items()]


def _notes(told: Published) -> Iterator[str]:
    if told.settings:
        keys = ", ".join(safe(key) for key in told.settings)
        yield f"Settings changed since it was published: {keys}."
    for note in told.notes:
        yield f"{note[:1].upper()}{note[1:]}."
