"""The import report: where every row went, and what the data can bear."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC

from rich.text import Text

from cxmap.errors import UsageError
from cxmap.importreport import SCHEMA, FileReport, ImportReport, SourceReport
from cxmap.text import safe
from cxmap.views.paper import Paper
from cxmap.views.plain import json_text
from cxmap.views.wording import moment

COUNTS = (
    "kept",
    "filtered",
    "duplicates",
    "rejected",
    "blank",
    "footer",
    "forgotten",
    "refused",
)
STATES = {
    "loaded": "loaded",
    "known": "already held",
    "replaced": "mapping changed, replaced",
    "refused": "refused",
    "unrecognised": "not recognised",
    "dry_run": "would be loaded",
}


def render_import(
    report: ImportReport,
    form: str,
    *,
    width: int | None = None,
    color: bool = False,
    ascii: bool = False,
) -> str:
    """Return the import report as a table or JSON.

    Raises UsageError for any other form.
    """
    if form == "json":
        whole = {"schema": SCHEMA, **asdict(report)}
        return json_text(whole, ascii_only=ascii) + "\n"
    if form != "table":
        raise UsageError(f"-f {safe(form)}: write table or json")

    paper = Paper(width=width, color=color, ascii_only=ascii)
    if report.dry_run:
        paper.line(Text("Dry run: nothing was written.", style="bold"))
        paper.gap()
    _files(paper, report.files)
    if report.sources:
        _sources(paper, report.sources)
    notes = [*_below(report), *report.can_bear, *report.notes]
    if notes:
        paper.gap()
    for note in notes:
        paper.line(Text(safe(note), style="dim"))

    return paper.text()


def _files(paper: Paper, files: tuple[FileReport, ...]) -> None:
    """Show each file's rows; a column that is nought everywhere is left out."""
    shown = [name for name in COUNTS if any(getattr(f, name) for f in files)]
    table = paper.table("File")
    table.add_column(Text("Source"), overflow="fold")
    table.add_column(Text("State"), overflow="fold")
    for name in ("rows", *shown):
        table.add_column(Text(name.capitalize()), justify="right", no_wrap=True)
    for file in files:
        table.add_row(
            Text(paper.shown(safe(file.file))),
            Text(safe(file.source or paper.signs.nothing)),
            Text(STATES[file.state]),
            Text(f"{file.records:,}"),
            *(Text(f"{getattr(file, name):,}") for name in shown),
        )
    paper.add(table)


def _sources(paper: Paper, sources: tuple[SourceReport, ...]) -> None:
    paper.gap()
    table = paper.table("Source")
    for name in ("Contacts", "Identified", "Comparable topic"):
        table.add_column(Text(name), justify="right", no_wrap=True)
    table.add_column(Text("Held (UTC)"), overflow="fold")
    for source in sources:
        table.add_row(
            Text(paper.shown(safe(source.source))),
            Text(f"{source.contacts:,}"),
            Text(_share(paper, source.identified)),
            Text(_share(paper, source.comparable_topic)),
            Text(_held(paper, source)),
        )
    paper.add(table)


def _share(paper: Paper, share: float | None) -> str:
    return paper.signs.nothing if share is None else f"{100 * share:.1f} %"


def _held(paper: Paper, source: SourceReport) -> str:
    if source.since is None or source.until is None:
        return paper.signs.nothing
    since, until = moment(source.since, UTC), moment(source.until, UTC)

    return f"{since} {paper.signs.dash} {until}"


def _below(report: ImportReport) -> Iterator[str]:
    """Yield what each file and source says below the tables."""
    for file in report.files:
        if file.in_vain:
            yield f"{file.file}: nothing was kept of its {file.records:,} rows"
        for what in ("rows", "cells"):
            if listed := ", ".join(_lost(file, what)):
                said = "rows rejected" if what == "rows" else "cells left empty"
                yield f"{file.file}: {said}: {listed}"
        if not file.balanced:
            yield f"{file.file}: the counts do not add up to its rows"
        for note in file.notes:
            yield f"{file.file}: {note}"
    for source in report.sources:
        for column, rows in source.unmapped.items():
            yield f"{source.source}: {column}: {rows:,} rows with an unmapped value"


def _lost(file: FileReport, what: str) -> Iterator[str]:
    for one in file.lost:
        if count := getattr(one, what):
            where = f"{one.column}: " if one.column is not None else ""
            yield f"{where}{one.reason} {count:,}"
