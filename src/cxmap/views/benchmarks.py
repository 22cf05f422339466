"""Published figures beneath a scorecard: to read, never to judge by."""

from collections.abc import Sequence
from itertools import groupby

from rich.text import Text

from cxmap.scorecard import Benchmark
from cxmap.views.markdown import escaped, table_lines
from cxmap.views.paper import Paper
from cxmap.views.wording import figure, title

HEADING = "Published figures"
CAUTION = (
    "Of other companies, found in other ways: no target and no verdict. "
    "Each says how it differs from ours."
)
HEADER = ("KPI", "Published", "Where", "Source", "Year", "Found by", "Differs")


def benchmarks_on(paper: Paper, benchmarks: Sequence[Benchmark]) -> None:
    """Write the figures KPI by KPI, each with its source; nothing where there are none.

    They are lines, not a table: addresses are long, and none may be cut.
    """
    if not benchmarks:
        return
    paper.gap()
    paper.line(Text(HEADING, style="bold"))
    paper.words(Text(CAUTION, style="dim"))
    for kpi, group in groupby(benchmarks, key=lambda one: one.kpi):
        paper.gap()
        paper.line(Text(paper.shown(title(kpi)), style="bold"))
        for notes, alike in groupby(group, key=_notes):
            for one in alike:
                paper.line(Text(paper.shown(f"{published(one)}  {one.industry}")))
            for note in notes:
                paper.line(Text(paper.shown(note), style="dim"))


def benchmarks_markdown(benchmarks: Sequence[Benchmark]) -> list[str]:
    """Return the figures as lines of Markdown; none where there are none."""
    if not benchmarks:
        return []
    rows = [
        [
            escaped(cell)
            for cell in (
                title(one.kpi),
                published(one),
                one.industry,
                f"{one.source}, {one.url}",
                _year(one),
                one.method,
                one.mismatch,
            )
        ]
        for one in benchmarks
    ]
    aligned = ":--|--:" + "|:--" * (len(HEADER) - 2)

    return [
        f"### {HEADING}",
        "",
        escaped(CAUTION),
        "",
        *table_lines(HEADER, aligned, rows),
        "",
    ]


def published(one: Benchmark) -> str:
    """Return a published figure in its unit, or the range of it."""
    low, high = figure(one.low, one.unit), figure(one.high, one.unit)

    return f"{low}" if one.low == one.high else f"{low} – {high}"


def _year(one: Benchmark) -> str:
    return "not said" if one.year is None else str(one.year)


def _notes(one: Benchmark) -> tuple[str, ...]:
    return (
        f"  {one.source}, year {_year(one)}: {one.url}",
        f"  found by: {one.method}",
        f"  differs: {one.mismatch}",
    )
