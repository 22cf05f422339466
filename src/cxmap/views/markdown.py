"""The scorecard as Markdown for a pull request, a chat or a job summary."""

import re
from collections.abc import Mapping, Sequence

from cxmap.definitions import Definition
from cxmap.scorecard import Score, Scorecard
from cxmap.text import safe
from cxmap.views.findings import HEADING, sentences
from cxmap.views.sections import by_section, by_segment, footnotes, standing
from cxmap.views.symbols import symbols, to_ascii
from cxmap.views.wording import Wording, held, title

LINES = 60
"""A summary stays on one screen; the data forms hold everything."""

HEADER = ("KPI", "Value", "95 % interval", "n", "Target", "Status", "Change")
ALIGNED = ":--|--:|--:|--:|--:|:--|--:"

SPECIAL = {character: f"\\{character}" for character in "\\`*_[]#|~$"} | {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "@": "&#64;",
}
AUTOLINKS = {"://": "&#58;//", "www.": "www&#46;", "WWW.": "WWW&#46;"}
OPENING = re.compile(r"(?=[-+=]|\d+[.)])")
"""What would begin a list or a heading, at the start of a block."""


def scorecard_markdown(
    scorecard: Scorecard,
    kpis: Mapping[str, Definition],
    *,
    min_cell: int,
    ascii_only: bool,
    ledger: Sequence[str] = (),
    further: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> str:
    """Return the scorecard as GitHub Markdown of at most 60 lines.

    `ledger` are the lines of its frictions; lines `further` stand beneath them and do
    not count. `notes` come after the scorecard's own.
    """
    signs = symbols(ascii_only=ascii_only)
    wording = Wording(signs, min_cell)
    head = [
        f"## Scorecard: {escaped(scorecard.period)}",
        "",
        f"{held(scorecard, signs)}  ",
        paragraph(standing(scorecard, signs)),
        "",
    ]
    if scorecard.findings:
        found = sentences(scorecard.findings, signs)
        head += [f"### {HEADING}", "", *(f"- {paragraph(one)}" for one in found), ""]
    tail = [*ledger, *further]
    tail += [f"- {paragraph(note)}" for note in (*footnotes(scorecard, signs), *notes)]
    table = table_lines(HEADER, ALIGNED, _rows(scorecard, kpis, wording))
    room = LINES - len(head) - len(tail) + len(further) - 1
    lines = head + _fitting(table, room) + [""] + tail
    text = "\n".join(lines).rstrip() + "\n"

    return to_ascii(text) if ascii_only else text


def escaped(text: object) -> str:
    """Return text that Markdown shows as it is: no markup, link, mention or HTML."""
    shown = "".join(SPECIAL.get(character, character) for character in safe(text))
    for link, broken in AUTOLINKS.items():
        shown = shown.replace(link, broken)

    return shown


def paragraph(text: object) -> str:
    """Return escaped text that may also stand at the start of a line or item."""
    shown = escaped(text).strip()
    if not OPENING.match(shown):
        return shown
    digits = len(shown) - len(shown.lstrip("0123456789"))

    return f"{shown[:digits]}\\{shown[digits:]}"


def table_lines(
    header: Sequence[str], aligned: str, rows: Sequence[Sequence[str]]
) -> list[str]:
    """Return a table whose cells are Markdown already."""
    lines = [f"| {' | '.join(header)} |", f"|{aligned}|"]

    return lines + [f"| {' | '.join(row)} |" for row in rows]


def _rows(
    scorecard: Scorecard, kpis: Mapping[str, Definition], wording: Wording
) -> list[list[str]]:
    rows = []
    for section, scores in by_section(scorecard, kpis):
        rows.append([f"**{section.capitalize()}**", *[""] * (len(HEADER) - 1)])
        rows += [_row(title(score.kpi), score, wording) for score in scores]
    for heading, cells in by_segment(scorecard, kpis):
        rows.append([f"**{escaped(heading)}**", *[""] * (len(HEADER) - 1)])
        rows += [_row(label, score, wording) for label, score in cells]

    return rows


def _row(label: str, score: Score, wording: Wording) -> list[str]:
    parts = wording.parts(score)
    interval = wording.interval(score)
    if parts:
        interval += f" (confirmed + presumed {parts})"
    cells = (
        label,
        wording.value(score),
        interval.strip(),
        wording.counted(score),
        wording.target(score),
        wording.status(score),
        wording.change(score),
    )

    return [escaped(cell) for cell in cells]


def _fitting(table: list[str], room: int) -> list[str]:
    if len(table) <= room:
        return table
    kept = table[: max(2, room - 1)]
    more = len(table) - len(kept)

    return [*kept, f"| … {more} more rows: use `-f csv` |{' |' * (len(HEADER) - 1)}"]
