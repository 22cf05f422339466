"""The friction ledger, for people and for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any
from zoneinfo import ZoneInfo

from rich.text import Text

from cxmap.errors import UsageError
from cxmap.money import amount
from cxmap.names import DIMENSIONS
from cxmap.scorecard import Assumptions, FrictionLine, Ledger
from cxmap.text import safe
from cxmap.views.fitting import fitting, least_width
from cxmap.views.markdown import escaped, paragraph, table_lines
from cxmap.views.paper import Paper
from cxmap.views.plain import csv_text, json_text
from cxmap.views.symbols import Symbols, symbols, to_ascii
from cxmap.views.wording import counted, moment, percent, segment, span, title

SCHEMA = "cxmap.ledger/1"
FORMS = ("table", "md", "csv", "json", "jsonl")

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
    if form not in FORMS:
        raise UsageError(f"-f {safe(form)}: write one of {', '.join(FORMS)}")
    hide = share or form == "md"
    lines = tuple(hidden(one) if hide else unhidden_line(one) for one in ledger.lines)
    told = replace(ledger, lines=lines)
    if form == "json":
        return json_text(_as_object(told), ascii_only=ascii) + "\n"
    period = {"since": ledger.since, "until": ledger.until}
    if form == "jsonl":
        objects = [{**period, **asdict(line)} for line in lines]
        texts = [json_text(one, indent=None, ascii_only=ascii) for one in objects]
        return "".join(f"{text}\n" for text in texts)
    if form == "csv":
        return _csv(told)
    if form == "md":
        text = _markdown(told, min_cell)
        return to_ascii(text) if ascii else text

    return _page(told, Paper(width=width, color=color, ascii_only=ascii), min_cell)


def hidden(line: FrictionLine) -> FrictionLine:
    """Return a line without any figure, where it rests on too few customers."""
    if not line.suppressed:
        return line

    return FrictionLine(
        friction=line.friction,
        points=0,
        journeys=0,
        share=None,
        contacts_after=0,
        severity=line.severity,
        currency=line.currency,
        by=line.by,
        suppressed=True,
    )


def unhidden_line(line: FrictionLine) -> FrictionLine:
    """Return a line as its analyst sees it: small cells are no secret there."""
    return replace(line, suppressed=line.suppressed and not line.journeys)


def columns(
    lines: Sequence[FrictionLine], signs: Symbols, min_cell: int
) -> dict[str, list[str]]:
    """Return the cells of a ledger by heading; columns that say nothing are left out.

    Money only where the config names prices.
    """
    every = {
        "Journeys": [_journeys(line, min_cell) for line in lines],
        "Share": [_part(line.share, line, signs) for line in lines],
        "Points": [_number(line.points, line) for line in lines],
        "After": [_number(line.contacts_after, line) for line in lines],
        "CSAT effect": [effect(line, signs) for line in lines],
        "Hours": [hours(line, signs) for line in lines],
        "Of care": [_part(line.handling_share, line, signs) for line in lines],
    }
    if any(line.currency for line in lines):
        every["Cost"] = [money(line.cost, line, signs) for line in lines]
        every["A year"] = [money(line.cost_year, line, signs) for line in lines]
    every["Severity"] = [safe(line.severity) for line in lines]
    silent = ("", signs.nothing)

    return {
        name: cells
        for name, cells in every.items()
        if name in ("Journeys", "Share") or any(cell not in silent for cell in cells)
    }


def effect(line: FrictionLine, signs: Symbols) -> str:
    """Return the CSAT effect in points with its interval: `−12 (−20 to −4)`."""
    if line.suppressed:
        return ""
    if line.csat_effect is None or line.csat_low is None or line.csat_high is None:
        return signs.nothing
    value, low, high = (
        points(number, signs)
        for number in (line.csat_effect, line.csat_low, line.csat_high)
    )

    return f"{value} ({low} to {high})"


def points(number: float, signs: Symbols) -> str:
    """Return a difference of shares in percentage points: `−12`, `+3`, `0`."""
    rounded = round(100 * number)
    sign = "+" if rounded > 0 else signs.minus if rounded < 0 else ""

    return f"{sign}{abs(rounded)}"


def hours(line: FrictionLine, signs: Symbols) -> str:
    """Return the hours that followed; at least so many where some are not known."""
    if line.suppressed:
        return ""
    if line.handling_seconds is None:
        return signs.nothing
    floor = f"{signs.at_least} " if line.contacts_untimed else ""

    return f"{floor}{line.handling_seconds / 3600:,.1f}"


def money(minor: int | None, line: FrictionLine, signs: Symbols) -> str:
    """Return an amount in the line's currency; at least so much where some is not."""
    if line.suppressed or line.currency is None:
        return ""
    if minor is None:
        return signs.nothing
    floor = f"{signs.at_least} " if line.contacts_unpriced else ""

    return floor + amount(minor, line.currency)


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


def rests_on(
    told: Assumptions, lines: Sequence[FrictionLine], signs: Symbols
) -> list[str]:
    """Return what must be read under a ledger: how its figures came about."""
    notes = [
        "After: customers' contacts after the first point. CSAT effect: percentage "
        "points by which fewer (or more) customers with the friction were satisfied "
        "than comparable ones without it, with its 95 % interval: associated with it, "
        "not proven to come of it, and true of those who answered alone. "
        f"{signs.nothing}: fewer than ten answers to compare."
    ]
    usual = ", ".join(
        f"{group.replace('_', ' ')} {span(seconds)}"
        for group, seconds in told.usual_handling_seconds.items()
    )
    if any(line.handling_seconds is not None for line in lines):
        borrowed = any(line.handling_seconds_guessed for line in lines)
        stand_in = f"; the median of the channel stands in: {usual}" if borrowed else ""
        notes.append(
            "Hours: talk, hold and wrap-up time of the contacts that followed, a "
            f"return itself and our own calls out included{stand_in}."
            + _floors(lines, signs)
        )
    if told.second_contact_ratio is not None:
        times = f"{told.second_contact_ratio:.2f} {signs.times}"
        low, high = told.second_contact_low, told.second_contact_high
        counts = f"n {told.second_contact_n:,} and {told.first_contact_n:,}"
        notes.append(
            f"Here later contacts take {times} as long as first ones of their channel "
            f"and topic (95 % {low:.2f} {signs.dash} {high:.2f}, {counts}): their own "
            "times count above, nothing is added."
        )

    return [*notes, *_prices(told)]


def _floors(lines: Sequence[FrictionLine], signs: Symbols) -> str:
    if not any(line.contacts_untimed and line.handling_seconds for line in lines):
        return ""

    return (
        f" {signs.at_least}: other contacts followed whose handling time is not "
        "recorded, nor usual on their channel."
    )


def _prices(told: Assumptions) -> list[str]:
    if told.currency is None:
        return []
    parts = [
        f"{amount(price, told.currency)} a contact by {group.replace('_', ' ')}"
        for group, price in told.contact_prices.items()
    ]
    if told.hour_price is not None:
        by_hour = f"{amount(told.hour_price, told.currency)} an hour"
        parts.append(f"{by_hour} of handling elsewhere" if parts else by_hour)
    year = (
        f"; a year is {told.year_factor:.2f} such periods" if told.year_factor else ""
    )

    return [f"Cost, from costs: in the config: {', '.join(parts)}{year}."]


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


def _journeys(line: FrictionLine, min_cell: int) -> str:
    return f"<{min_cell}" if line.suppressed else f"{line.journeys:,}"


def _said(line: FrictionLine, min_cell: int) -> str:
    return f"<{min_cell}" if line.suppressed else counted(line.journeys, "journey")


def _number(number: int, line: FrictionLine) -> str:
    return "" if line.suppressed else f"{number:,}"


def _part(share: float | None, line: FrictionLine, signs: Symbols) -> str:
    if line.suppressed:
        return ""

    return signs.nothing if share is None else percent(share)
