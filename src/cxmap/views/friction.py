"""One friction in detail, as a page for people or an object for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.text import Text

from cxmap.desk.frictions import Detail
from cxmap.effects import MOST_CONTACTS
from cxmap.scorecard import FrictionLine
from cxmap.text import safe
from cxmap.views.discreet import with_companions
from cxmap.views.explanation import explained_object, paragraphs, settings_facts
from cxmap.views.lines import (
    effect,
    hidden_line,
    hours,
    hours_known,
    money,
    rests_on,
    unhidden_line,
)
from cxmap.views.markdown import escaped, paragraph, table_lines
from cxmap.views.paper import Paper
from cxmap.views.plain import json_text
from cxmap.views.shapes import published_shape
from cxmap.views.symbols import Symbols, symbols, to_ascii
from cxmap.views.wording import counted, percent, segment, title

SCHEMA = "cxmap.friction/1"
MOST_KINDS = 12
"""So many kinds of journeys are listed for people."""

CUT_HEADER = ("Journeys", "Share", "Points", "CSAT effect", "Hours")
SILENT = ("CSAT effect", "Hours")
"""Columns that are left out where no row tells any."""

KIND_HEADER = ("With it", "Satisfied", "Without", "Satisfied")


def render_friction(
    told: Detail,
    form: str,
    *,
    width: int | None = None,
    color: bool = False,
    ascii: bool = False,
    share: bool = False,
    min_cell: int = 10,
) -> str:
    """Return one friction as a page, Markdown or JSON.

    `share`, and Markdown always: figures of too few customers are hidden, and no
    journey is named.
    """
    hide = share or form == "md"
    signs = symbols(ascii_only=ascii)
    if form == "json":
        return json_text(_as_object(told, hide=hide), ascii_only=ascii) + "\n"
    blocks = _blocks(told, signs, hide=hide, min_cell=min_cell)
    facts = _facts(told, _line(told.line, hide=hide), signs, min_cell)
    if form == "md":
        text = _markdown(told, facts, blocks, signs)
        return to_ascii(text) if ascii else text

    paper = Paper(width=width, color=color, ascii_only=ascii)
    paper.line(Text(title(told.line.friction), style="bold"))
    paper.gap()
    for block in paragraphs(told.explanation.doc):
        paper.words(Text(paper.shown(block)))
        paper.gap()
    table = paper.table("What")
    table.add_column(Text("How it stands"), overflow="fold")
    for name, text in facts:
        table.add_row(Text(paper.shown(name)), Text(paper.shown(text)))
    paper.add(table)
    for header, rows in blocks:
        _table(paper, header, rows)
    _reach(paper, told, hide=hide)
    paper.gap()
    for note in rests_on(told.assumptions, [told.line], signs):
        paper.words(Text(paper.shown(note), style="dim"))

    return paper.text()


def friction_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `friction NAME -f json` prints."""
    return published_shape("friction")


def _cut(lines: Sequence[FrictionLine], *, hide: bool) -> list[FrictionLine]:
    """Return the segments of a friction as their reader may see them."""
    told = with_companions(lines) if hide else lines
    return [_line(one, hide=hide) for one in told]


def _line(line: FrictionLine, *, hide: bool) -> FrictionLine:
    return hidden_line(line) if hide else unhidden_line(line)


def _facts(
    told: Detail, line: FrictionLine, signs: Symbols, min_cell: int
) -> list[tuple[str, str]]:
    facts = [("period", told.explanation.period.words), ("severity", line.severity)]
    if line.suppressed:
        facts.append(("journeys", f"of <{min_cell} customers; hidden"))
        return [*facts, *settings_facts(told.explanation)]

    share = signs.nothing if line.share is None else percent(line.share)
    facts += [
        ("journeys", f"{line.journeys:,} ({share} of those that began)"),
        ("points", f"{line.points:,} of {counted(line.customers, 'customer')}"),
        ("contacts after", f"{line.contacts_after:,} by the customers"),
        ("CSAT effect", _effect(line, signs)),
        ("hours", _hours(line, signs)),
    ]
    if line.currency:
        facts.append(("cost", _cost(line, signs)))

    return [*facts, *settings_facts(told.explanation)]


def _effect(line: FrictionLine, signs: Symbols) -> str:
    kinds = counted(line.csat_kinds, "kind")
    compared = (
        f"{line.csat_n:,} answers with it and {line.csat_n_unflagged:,} without, in "
        f"{kinds} of journeys"
    )
    dropped = (
        f"; {line.csat_n_dropped:,} more in {counted(line.csat_kinds_dropped, 'kind')} "
        "that nobody without it answered"
        if line.csat_kinds_dropped
        else ""
    )
    if line.csat_effect is not None:
        return f"{effect(line, signs)} points: {compared}{dropped}"
    if line.csat_n or line.csat_kinds_dropped:
        return f"too few to compare: {compared}{dropped}"

    return "nothing to compare: no answers, or the friction is itself read off them"


def _hours(line: FrictionLine, signs: Symbols) -> str:
    followed = f"{counted(line.contacts_followed, 'contact')} followed"
    if not hours_known(line):
        return f"not known: {followed}, none with a handling time"
    part = percent(line.handling_share or 0)
    text = f"{hours(line, signs)} ({part} of all care time): {followed}"
    if line.handling_seconds_guessed:
        text += f", {line.handling_seconds_guessed / 3600:,.1f} h by the usual times"

    return text + (
        f", {line.contacts_untimed:,} untimed" if line.contacts_untimed else ""
    )


def _cost(line: FrictionLine, signs: Symbols) -> str:
    if line.cost is None:
        return "not known: nothing that followed has a price"
    share = (
        "" if line.cost_share is None else f", {percent(line.cost_share)} of all care"
    )
    year = money(line.cost_year, line, signs)

    return f"{money(line.cost, line, signs)}{share}; {year} a year"


Block = tuple[Sequence[str], list[list[str]]]


def _blocks(told: Detail, signs: Symbols, *, hide: bool, min_cell: int) -> list[Block]:
    """The tables of a friction: by channel, topic and month, and what was compared."""
    blocks: list[Block] = []
    for cut, lines in told.cuts.items():
        if lines:
            told_lines = _cut(lines, hide=hide)
            rows = [_cut_row(one, signs, min_cell) for one in told_lines]
            blocks.append(_telling((f"By {cut}", *CUT_HEADER), rows, signs))
    if not hide and told.kinds.height:
        blocks.append((("Compared", *KIND_HEADER), _kind_rows(told, signs)))

    return blocks


def _telling(header: Sequence[str], rows: list[list[str]], signs: Symbols) -> Block:
    """Return a table without the columns of CSAT effects and hours that say nothing."""
    kept = [
        place
        for place, name in enumerate(header)
        if name not in SILENT
        or any(row[place] not in ("", signs.nothing) for row in rows)
    ]

    return [header[p] for p in kept], [[row[p] for p in kept] for row in rows]


def _cut_row(line: FrictionLine, signs: Symbols, min_cell: int) -> list[str]:
    label = segment(line.by.values())
    if line.suppressed:
        return [label, f"<{min_cell}", "", "", "", ""]
    share = signs.nothing if line.share is None else percent(line.share)

    return [
        label,
        f"{line.journeys:,}",
        share,
        f"{line.points:,}",
        effect(line, signs),
        hours(line, signs),
    ]


def _kind_rows(told: Detail, signs: Symbols) -> list[list[str]]:
    rows = []
    for kind in told.kinds.head(MOST_KINDS).iter_rows(named=True):
        names = [kind[name] for name in ("entry", "topic", "segment") if kind[name]]
        if kind["contacts"]:
            names.append(_contacts(kind["contacts"]))
        without = [f"{kind['unflagged_answers']:,}", f"{kind['unflagged_satisfied']:,}"]
        rows.append(
            [
                f" {signs.dot} ".join(safe(name).replace("_", " ") for name in names),
                f"{kind['answers']:,}",
                f"{kind['satisfied']:,}",
                *(without if kind["used"] else ["none", "dropped"]),
            ]
        )
    more = told.kinds.height - len(rows)
    if more > 0:
        rows.append([f"{more} more: -f json", "", "", "", ""])

    return rows


def _contacts(number: int) -> str:
    more = " or more" if number == MOST_CONTACTS else ""

    return f"{counted(number, 'contact')}{more}"


def _table(paper: Paper, header: Sequence[str], rows: list[list[str]]) -> None:
    paper.gap()
    table = paper.table(header[0])
    for name in header[1:]:
        table.add_column(Text(name), justify="right", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(paper.shown(cell)) for cell in row))
    paper.add(table)


def _reach(paper: Paper, told: Detail, *, hide: bool) -> None:
    """Say by which commands its contacts can be reached."""
    if hide or not told.examples:
        return
    span = told.explanation.period
    paper.gap()
    paper.line(Text("Look at some", style="bold"))
    for journey_id in told.examples:
        paper.line(Text(f"cxmap journey {safe(journey_id)}"))
    paper.line(
        Text(
            f"cxmap explain {told.line.friction} --contacts "
            f"--since {span.since:%Y-%m-%dT%H:%MZ} --until {span.until:%Y-%m-%dT%H:%MZ}"
        )
    )


def _markdown(
    told: Detail, facts: list[tuple[str, str]], blocks: list[Block], signs: Symbols
) -> str:
    lines = [f"## {escaped(title(told.line.friction))}", ""]
    for block in paragraphs(told.explanation.doc):
        lines += [block, ""]
    lines += [f"- **{escaped(name)}**: {escaped(text)}" for name, text in facts]
    for header, rows in blocks:
        aligned = "|".join([":--", *("--:" for _ in header[1:])])
        cells = [[escaped(cell) for cell in row] for row in rows]
        lines += ["", *table_lines([escaped(one) for one in header], aligned, cells)]
    notes = rests_on(told.assumptions, [told.line], signs)
    lines += ["", *(f"- {paragraph(note)}" for note in notes)]

    return "\n".join(lines) + "\n"


def _as_object(told: Detail, *, hide: bool) -> Mapping[str, Any]:
    explained = dict(explained_object(told.explanation))
    explained.pop("curves")
    kinds = [] if hide else list(told.kinds.iter_rows(named=True))

    return {
        **explained,
        "schema": SCHEMA,
        "score": asdict(_line(told.line, hide=hide)),
        "cuts": {
            cut: [asdict(one) for one in _cut(lines, hide=hide)]
            for cut, lines in told.cuts.items()
        },
        "kinds": kinds,
        "examples": [] if hide else list(told.examples),
        "assumptions": asdict(told.assumptions),
    }
