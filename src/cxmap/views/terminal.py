"""The scorecard on a terminal, in three widths; nothing is ever cut off."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from rich.text import Text

from cxmap.definitions import Definition
from cxmap.scorecard import Score, Scorecard
from cxmap.text import safe
from cxmap.views.benchmarks import benchmarks_on
from cxmap.views.findings import HEADING, sentences
from cxmap.views.fitting import fitting, least_width
from cxmap.views.ledger import ledger_table
from cxmap.views.lines import in_brief
from cxmap.views.paper import Paper
from cxmap.views.published import published_table
from cxmap.views.sections import by_section, by_segment, footnotes, standing
from cxmap.views.sensitivity import sensitivity_table
from cxmap.views.wording import Wording, held, title

SPARED = ("Confirmed + presumed", "95 % interval", "Change")
"""Columns that a narrow terminal is shown without, the first of it first."""

STATUS_STYLE = {"on": "green", "close": "yellow", "off": "bold red"}

FOLDING = ("Status", "Confirmed + presumed")

Section = tuple[str, Sequence[tuple[str, Score]]]
Column = tuple[str, Literal["left", "right"], Callable[[Wording, Score], Text]]


def scorecard_table(
    scorecard: Scorecard,
    paper: Paper,
    kpis: Mapping[str, Definition],
    *,
    min_cell: int,
) -> str:
    """Return the scorecard as `report` shows it on a terminal or in a text file."""
    wording = Wording(
        paper.signs, min_cell, brief=paper.width is not None and not paper.narrow
    )
    paper.line(Text(f"Scorecard: {safe(scorecard.period)}", style="bold"))
    paper.line(Text(held(scorecard, paper.signs)))
    paper.line(Text(standing(scorecard, paper.signs), style="dim"))
    _findings(scorecard, paper)

    sections = [
        (section.capitalize(), [(title(score.kpi), score) for score in scores])
        for section, scores in by_section(scorecard, kpis)
    ]
    _scores(paper, wording, "KPI", sections)
    for heading, cells in by_segment(scorecard, kpis):
        _scores(paper, wording, heading, [("", cells)])
    if scorecard.frictions:
        paper.gap()
        ledger_table(paper, scorecard.frictions, heading="Frictions", min_cell=min_cell)
    published_table(scorecard, paper)
    sensitivity_table(scorecard, paper, wording)
    benchmarks_on(paper, scorecard.benchmarks)

    notes = footnotes(scorecard, paper.signs)
    if wording.brief:
        notes = [*_missing(scorecard, wording), *notes]
    if notes:
        paper.gap()
    for note in notes:
        paper.line(Text(note, style="dim"))
    if scorecard.frictions and not paper.narrow:
        for note in in_brief(scorecard.assumptions, scorecard.frictions, paper.signs):
            paper.words(Text(paper.shown(note), style="dim"))

    return paper.text()


def _findings(scorecard: Scorecard, paper: Paper) -> None:
    """Write what carries the changes, before all the numbers."""
    if not scorecard.findings:
        return
    paper.gap()
    paper.line(Text(HEADING, style="bold"))
    for sentence in sentences(scorecard.findings, paper.signs):
        paper.words(Text(paper.shown(sentence)))


def _missing(scorecard: Scorecard, wording: Wording) -> list[str]:
    """Return the inputs that brief statuses leave out, once a KPI."""
    said = replace(wording, brief=False)
    notes = (
        f"{title(score.kpi)} {said.status(score)}."
        for score in scorecard.scores
        if score.missing_inputs
    )

    return list(dict.fromkeys(notes))


def _scores(
    paper: Paper, wording: Wording, heading: str, sections: Sequence[Section]
) -> None:
    """Show a table whose sections have a heading of their own, unless it is empty."""
    if not sections:
        return
    paper.gap()
    if paper.narrow:
        _two_lines(paper, wording, heading, sections)
        return
    every = [score for _, rows in sections for _, score in rows]
    labels = [label for _, rows in sections for label, _ in rows]
    columns = _columns(paper, wording, (heading, labels), every)
    table = paper.table(heading)
    for name, right, _ in columns:
        table.add_column(Text(name), justify=right, no_wrap=name not in FOLDING)
    for index, (section, rows) in enumerate(sections):
        if index:
            table.add_row()
        if section:
            table.add_row(Text(section, style="bold"))
        for label, score in rows:
            cells = (write(wording, score) for _, _, write in columns)
            table.add_row(Text(paper.shown(label)), *cells)

    paper.add(table)


def _columns(
    paper: Paper,
    wording: Wording,
    first: tuple[str, Sequence[str]],
    scores: Sequence[Score],
) -> list[Column]:
    """Return the columns that say anything and fit the page beside the `first`."""
    heading, labels = first
    least = [("", least_width(heading, labels, firm=True))]
    speaking = {}
    for column in COLUMNS:
        name, _, write = column
        cells = [paper.shown(write(wording, score).plain) for score in scores]
        if any(cells) and (name != "Status" or _judged(scores)):
            speaking[name] = column
            wide = max(
                len(name) * (name not in FOLDING), least_width("", cells, firm=True)
            )
            least.append((name, wide))

    return [speaking[name] for name in fitting(least, SPARED, paper.width) if name]


def _judged(scores: Sequence[Score]) -> bool:
    """Tell whether any score has a target, or lacks its inputs."""
    return any(s.target is not None or s.missing_inputs for s in scores)


def _two_lines(
    paper: Paper, wording: Wording, heading: str, sections: Sequence[Section]
) -> None:
    for index, (section, rows) in enumerate(sections):
        if index:
            paper.gap()
        paper.line(Text(section or heading, style="bold"))
        for label, score in rows:
            value = Text(wording.value(score), style="bold")
            paper.pair(Text(paper.shown(label)), value, _status(wording, score))
            paper.line(Text(f"  {_detail(wording, score)}", style="dim"))


def _detail(wording: Wording, score: Score) -> str:
    said = (
        ("target ", wording.target(score)),
        ("", wording.change(score)),
        ("n ", wording.counted(score)),
        ("95 % ", wording.interval(score)),
        ("confirmed + presumed ", wording.parts(score)),
    )

    return f" {wording.signs.dot} ".join(name + text for name, text in said if text)


def _status(wording: Wording, score: Score) -> Text:
    return Text(wording.status(score), style=STATUS_STYLE.get(score.status, ""))


def _change(wording: Wording, score: Score) -> Text:
    if not score.marked or score.change is None or score.better == "neither":
        return Text(wording.change(score), style="dim")
    gained = (score.change > 0) == (score.better == "higher")

    return Text(wording.change(score), style="green" if gained else "red")


COLUMNS: tuple[Column, ...] = (
    ("Value", "right", lambda w, s: Text(w.value(s), style="bold")),
    ("95 % interval", "right", lambda w, s: Text(w.interval(s), style="dim")),
    ("Target", "right", lambda w, s: Text(w.target(s), style="dim")),
    ("Status", "left", _status),
    ("n", "right", lambda w, s: Text(w.counted(s))),
    ("Change", "right", _change),
    ("Confirmed + presumed", "right", lambda w, s: Text(w.parts(s), style="dim")),
)
