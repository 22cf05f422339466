"""One journey as a time line: when, how, what rubbed, and each contact's id."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

import polars as pl
from rich.table import Table
from rich.text import Text

from cxmap.text import safe
from cxmap.views.paper import Paper
from cxmap.views.wording import moment, span, times_in

Row = Mapping[str, Any]


def render_timeline(
    steps: pl.DataFrame,
    *,
    heading: str,
    notes: Sequence[str] = (),
    zone: tzinfo,
    width: int | None = None,
    color: bool = False,
    ascii: bool = False,
) -> str:
    """Return a journey's contacts in order, a few short lines each.

    `steps` holds the columns of `desk.looking.one_journey`. Only a line between
    two words is broken, never an id or a time that fits the width.
    """
    paper = Paper(width=width, color=color, ascii_only=ascii)
    paper.line(Text(paper.shown(safe(heading)), style="bold"))
    paper.gap()
    for row in steps.iter_rows(named=True):
        paper.add(_step(row, paper, zone))
    paper.gap()
    for note in (*notes, times_in(zone)):
        paper.line(Text(paper.shown(safe(note)), style="dim"))

    return paper.text()


def _step(row: Row, paper: Paper, zone: tzinfo) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, min_width=2, justify="right")
    grid.add_column(no_wrap=True, min_width=16)
    grid.add_column(overflow="fold")
    when = moment(row["started_at"], zone)
    grid.add_row(str(row["step"] or ""), when, Text(_what(row, paper), style="bold"))
    if how := _how(row, paper):
        gap = row["gap_seconds"]
        grid.add_row("", "" if gap is None else f"{span(gap)} later", how)
    if row["frictions"]:
        words = _spoken(row["frictions"])
        grid.add_row("", "", Text(paper.shown(f"friction: {words}"), style="red"))
    for name in ("contact_id", "url"):
        if row.get(name):
            grid.add_row("", "", Text(paper.shown(safe(row[name])), style="dim"))

    return grid


def _what(row: Row, paper: Paper) -> str:
    """Return the channel, and what is known of the contact."""
    ended = {True: "resolved", False: "unresolved"}.get(row["resolved"])
    aside = row["direction"] if row["direction"] != "inbound" else None
    known = (row["channel"], aside, row["topic"], row["disposition"], ended)
    words = [safe(one) for one in (*known, row["team"]) if one]

    return paper.shown(f" {paper.signs.dot} ".join(words))


def _how(row: Row, paper: Paper) -> str:
    """Return by which rule the contact belongs here, and how well it continued."""
    rule = f"linked by {_spoken(row['rule'])}" if row["rule"] else ""
    continued = row["continuity"]
    words = [
        rule,
        f"continuity {_spoken(continued)}" if continued else "",
    ]

    return paper.shown(f" {paper.signs.dot} ".join(word for word in words if word))


def _spoken(name: str) -> str:
    return safe(name).replace("_", " ")
