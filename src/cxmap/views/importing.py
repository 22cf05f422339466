"""The import report: where every row went, and what the data can bear."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict

from rich.text import Text

from cxmap.errors import UsageError
from cxmap.importreport import (
    CAUSES,
    SCHEMA,
    FileReport,
    ImportReport,
    Lack,
    Restatement,
    SourceReport,
)
from cxmap.text import safe
from cxmap.views.fitting import fitting, least_width
from cxmap.views.paper import Paper
from cxmap.views.plain import json_text
from cxmap.views.wording import counted, figure

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
ASIDE = {
    "no_start": "left out: no record says when they began",
    "deleted": "left out: deleted",
    "spam": "left out: spam",
    "not_yet": "not counted yet: they begin after now",
    "conflicts": "refer to a contact of another customer: joined with nobody",
}
"""What became of contacts that are apart from the others, by reason."""

NO_ZONE = (
    "name no zone and were read as UTC; set settings.tz, or timezone in the config"
)

SPARE = ("Team", "Agent", "Ended", "Zone", "Inbound", "Answers", "Topic")
"""Columns that a narrow page does without, the first of them first."""


FEW_FILES = 20
"""So many files have a line each."""

FEW_FIGURES = 10
"""So many restated figures are listed unless all are asked for."""

FEW_NAMES = 3
"""So many files are named before the note that they share."""


def render_import(
    report: ImportReport,
    form: str,
    *,
    width: int | None = None,
    color: bool = False,
    ascii: bool = False,
    verbose: bool = False,
) -> str:
    """Return the import report as a table or JSON.

    `verbose` lists every file, and the ids of contacts that are apart.

    Raises UsageError for any other form.
    """
    if form == "json":
        return json_text(_as_json(report, verbose), ascii_only=ascii) + "\n"
    if form != "table":
        raise UsageError(f"-f {safe(form)}: write table or json")

    paper = Paper(width=width, color=color, ascii_only=ascii)
    if report.dry_run:
        paper.line(Text("Dry run: nothing was written.", style="bold"))
        paper.gap()
    _totals(paper, report.files)
    if report.sources:
        _sources(paper, report.sources)
    for sentence in report.can_bear:
        paper.line(Text(safe(sentence)))
    if report.files:
        paper.gap()
        _files(paper, report.files, verbose)
    if report.restated:
        paper.gap()
        for sentence in _restated(report.restated, paper, verbose):
            paper.line(Text(sentence))
    notes = [*_below(report, verbose), *report.notes]
    if notes:
        paper.gap()
    for note in notes:
        paper.line(Text(safe(note), style="dim"))

    return paper.text()


def _restated(
    restated: tuple[Restatement, ...], paper: Paper, every: bool
) -> Iterator[str]:
    """Yield what past figures became and why; the first ones, unless `every` one."""
    months = {one.period for one in restated}
    figures = counted(len(restated), "figure")
    yield f"Restated: {figures} of {counted(len(months), 'past month')}"
    shown = restated if every else restated[:FEW_FIGURES]
    for one in shown:
        told = [figure(value, one.unit) for value in (one.previous, one.value)]
        was, now = (paper.signs.nothing if text is None else text for text in told)
        causes = [f"{n:,} {CAUSES[why][n > 1]}" for why, n in one.because.items()]
        sizes = f"n {one.previous_n:,} {paper.signs.to} {one.n:,}"
        said = "; ".join(
            [sizes if one.n != one.previous_n else f"n {one.n:,}", *causes]
        )
        yield f"  {one.kpi} for {one.period}: {was} {paper.signs.to} {now} ({said})"
    if len(restated) > len(shown):
        yield f"  {len(restated) - len(shown):,} more; -v and -f json list them"
    one = shown[0]
    yield f"  What is behind one: cxmap explain {one.kpi} --since {one.period}"


def _as_json(report: ImportReport, verbose: bool) -> dict[str, object]:
    whole = {"schema": SCHEMA, **asdict(report)}
    if not verbose:
        for source in whole["sources"]:
            del source["contact_ids"]

    return whole


def _totals(paper: Paper, files: tuple[FileReport, ...]) -> None:
    """Say in one line where all rows went."""
    rows = sum(file.records for file in files)
    went = {name: sum(getattr(file, name) for file in files) for name in COUNTS}
    parts = [f"{count:,} {name}" for name, count in went.items() if count]
    where = f": {', '.join(parts)}" if parts else ""
    paper.line(Text(f"{counted(len(files), 'file')}, {counted(rows, 'row')}{where}"))


def _files(paper: Paper, files: tuple[FileReport, ...], every: bool) -> None:
    """Show each file's rows; a column that is nought everywhere is left out.

    Of many files those that tell nothing are one line for each source and state,
    unless `every` one is asked for.
    """
    shown = [name for name in COUNTS if any(getattr(f, name) for f in files)]
    table = paper.table("File")
    table.add_column(Text("Source"), overflow="fold")
    table.add_column(Text("State"), overflow="fold")
    for name in ("rows", *shown):
        table.add_column(Text(name.capitalize()), justify="right", no_wrap=True)
    for together in _grouped(files, every or len(files) <= FEW_FILES):
        first = together[0]
        several = f"{len(together):,} files"
        table.add_row(
            Text(paper.shown(safe(first.file if len(together) == 1 else several))),
            Text(safe(first.source or paper.signs.nothing)),
            Text(STATES[first.state]),
            *(
                Text(f"{sum(getattr(file, name) for file in together):,}")
                for name in ("records", *shown)
            ),
        )
    paper.add(table)


def _grouped(
    files: tuple[FileReport, ...], apart: bool
) -> Iterable[tuple[FileReport, ...]]:
    """Return the files that share a line, in order of the first of each line."""
    lines: dict[tuple[object, ...], tuple[FileReport, ...]] = {}
    for place, file in enumerate(files):
        tells = any(True for _ in _of_file(file)) or not file.taken_in
        known = file.state == "known"
        key = (place,) if apart or (tells and not known) else (file.source, file.state)
        lines[key] = (*lines.get(key, ()), file)

    return lines.values()


def _sources(paper: Paper, sources: tuple[SourceReport, ...]) -> None:
    """Show what is held of each source, in as many columns as the page bears."""
    columns = dict(_columns(paper, sources))
    names = [paper.shown(safe(source.source)) for source in sources]
    least = [("Source", least_width("Source", names, firm=False))]
    least += [
        (head, least_width(head, cells, firm=True)) for head, cells in columns.items()
    ]
    kept = fitting(least, SPARE, paper.width)[1:]
    paper.gap()
    table = paper.table("Source")
    for head in kept:
        right = head not in ("Held (UTC)", "Zone")
        table.add_column(Text(head), justify="right" if right else "left", no_wrap=True)
    for place, name in enumerate(names):
        table.add_row(Text(name), *(Text(columns[head][place]) for head in kept))
    paper.add(table)
    paper.gap()


def _columns(
    paper: Paper, sources: tuple[SourceReport, ...]
) -> Iterator[tuple[str, list[str]]]:
    """Yield each column's head and cells; one that says nothing new is left out."""

    def cells(say: Callable[[SourceReport], str]) -> list[str]:
        return [say(source) for source in sources]

    yield "Contacts", cells(lambda s: f"{s.contacts:,}")
    if any(source.inbound != source.contacts for source in sources):
        yield "Inbound", cells(lambda s: f"{s.inbound:,}")
    if any(source.answers for source in sources):
        yield "Answers", cells(lambda s: f"{s.answers:,}")
    yield "Held (UTC)", cells(lambda s: _held(paper, s))
    for head, name in (
        ("Identified", "identified"),
        ("Topic", "comparable_topic"),
        ("Ended", "ended"),
        ("Agent", "agent"),
        ("Team", "team"),
    ):
        yield head, [_share(paper, getattr(source, name)) for source in sources]
    yield "Zone", cells(lambda s: _zones(paper, s))


def _share(paper: Paper, share: float | None) -> str:
    return paper.signs.nothing if share is None else f"{100 * share:.1f} %"


def _zones(paper: Paper, source: SourceReport) -> str:
    """Return how the zones were known, the commonest way first."""
    known = [name for name in source.zones if name != "unknown"]
    return ", ".join(known or source.zones) or paper.signs.nothing


def _held(paper: Paper, source: SourceReport) -> str:
    if source.since is None or source.until is None:
        return paper.signs.nothing

    return f"{source.since:%Y-%m-%d} {paper.signs.dash} {source.until:%Y-%m-%d}"


def _below(report: ImportReport, verbose: bool) -> Iterator[str]:
    """Yield what each file and source says below the tables."""
    for file in report.files:
        yield from _of_file(file)
    yield from _file_notes(report.files)
    for source in report.sources:
        for said in _of_source(source, verbose):
            yield f"{source.source}: {said}"
    yield from _not_computable(report)


def _of_file(file: FileReport) -> Iterator[str]:
    if file.in_vain:
        yield f"{file.file}: nothing was kept of its {file.records:,} rows"
    for what in ("rows", "cells"):
        if listed := ", ".join(_lost(file, what)):
            said = "rows rejected" if what == "rows" else "cells left empty"
            yield f"{file.file}: {said}: {listed}"
    if not file.balanced:
        yield f"{file.file}: the counts do not add up to its rows"


def _file_notes(files: tuple[FileReport, ...]) -> Iterator[str]:
    """Yield the files' notes; one that several have is said once."""
    where: dict[str, list[str]] = {}
    for file in files:
        for note in file.notes:
            where.setdefault(note, []).append(file.file)
    for note, named in where.items():
        few = len(named) <= FEW_NAMES
        yield f"{', '.join(named) if few else f'{len(named):,} files'}: {note}"


def _lost(file: FileReport, what: str) -> Iterator[str]:
    for one in file.lost:
        if count := getattr(one, what):
            where = f"{one.column}: " if one.column is not None else ""
            yield f"{where}{one.reason} {count:,}"


def _of_source(source: SourceReport, verbose: bool) -> Iterator[str]:
    yield from source.limits
    if assumed := source.zones.get("assumed"):
        yield f"times of {counted(assumed, 'contact')} {NO_ZONE}"
    for precision, contacts in source.precision.items():
        yield f"{counted(contacts, 'contact')} with times to the {precision} only"
    for column, rows in source.unmapped.items():
        topic = column == "topic"
        listing = "topics" if topic else f"sources show {source.source} --unmapped"
        of = counted(rows, "contact" if topic else "row")
        yield f"{column}: {of} with an unmapped value; `cxmap {listing}` lists them"
    apart = {**source.left_out, "conflicts": source.conflicts}
    for reason, contacts in apart.items():
        if contacts:
            listed = f": {', '.join(source.contact_ids.get(reason, ()))}"
            ids = listed if verbose else ""
            yield f"{counted(contacts, 'contact')} {ASIDE[reason]}{ids}"


def _not_computable(report: ImportReport) -> Iterator[str]:
    """Yield what cannot be computed: of which sources, and what it would need."""
    where: dict[Lack, list[str]] = {}
    for source in report.sources:
        for lack in source.lacking:
            where.setdefault(lack, []).append(source.source)
    lines: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for lack, sources in where.items():
        lines.setdefault((", ".join(sources), lack.needs), []).append(lack.name)
    for lack in report.lacking:
        lines.setdefault(("any source", lack.needs), []).append(lack.name)
    for (of, needs), names in lines.items():
        yield (
            f"not computable for {of}: {', '.join(sorted(names))}; "
            f"needs {_needed(needs)}"
        )


def _needed(needs: Iterable[str]) -> str:
    return " and ".join(" or ".join(one.split("|")) for one in needs)
