"""One file's rows, as a profile understands them: records, rejects and accounting."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl

from cxmap.errors import ExportError
from cxmap.sources.columns import Context, Evaluation
from cxmap.sources.cut import cut
from cxmap.sources.findings import Findings
from cxmap.sources.flat import Flat, flatten, listed
from cxmap.sources.part import Part
from cxmap.sources.profile import Profile, inside, parts
from cxmap.sources.reading.shapes import ROW, RawExport
from cxmap.sources.remarks import remarks
from cxmap.sources.vocabulary import vocabulary
from cxmap.sources.wide import Wide, widen
from cxmap.tables import conform
from cxmap.text import safe


@dataclass(frozen=True)
class Accounting:
    """What became of every record of one file; nothing vanishes."""

    records: int
    kept: int
    filtered: int
    """Left out by the profile: `where`, other kinds, rows that say nothing."""
    duplicates: int
    """Exact repeats in the same file."""
    rejected: int
    blank: int
    footer: int
    cell_rejects: int = 0
    """Cells that could not be read, in rows that were kept."""
    forgotten: int = 0
    """Records of people who asked to be forgotten; the store knows them."""

    @property
    def balanced(self) -> bool:
        """Whether every record is accounted for exactly once."""
        return self.records == (
            self.kept
            + self.filtered
            + self.duplicates
            + self.rejected
            + self.blank
            + self.footer
            + self.forgotten
        )


@dataclass(frozen=True)
class Extracted:
    """What one file brings."""

    tables: Mapping[str, pl.DataFrame]
    """Every table of tables.RECORD_TABLES, rejects included."""
    accounting: Accounting
    unmapped: Mapping[str, int]
    """By column: rows whose word the profile does not know."""
    notes: tuple[str, ...]
    """What the user should know, in sentences without data."""
    warnings: tuple[str, ...] = ()
    """Those of them by which the file holds less than it should."""


def extract(raw: RawExport, profile: Profile, part: str, context: Context) -> Extracted:
    """Return the records that the rows of one file become.

    `profile` has its settings filled in. Rows that cannot be used are rejected,
    cells that cannot be read are null; both are in the table `rejects`. Raises
    ExportError where columns are missing or a column contradicts itself.
    """
    chosen = parts(profile)[part]
    where = f"part {safe(part)} of profile {safe(profile.profile)}"
    flat = flatten(
        raw.rows,
        chosen,
        file=context.file,
        json=raw.format == "json",
        under=raw.under,
    )
    main = _opened(flat, chosen, context, where)
    rejects = _rejects(raw, main.wide, main.findings, context)
    tables = cut(main.wide, chosen, part, context)
    accounting = _account(raw, flat, main.wide, rejects)
    words = vocabulary(main.findings.words, context.source, part)
    tables = {**tables, "vocabulary_records": words}
    unmapped, notes = dict(main.findings.unmapped), list(_notes(raw, chosen, main))

    usable = _usable(flat, main.wide)
    for name, inner in inside(profile, part).items():
        items = _items(raw, name, inner, context).join(usable, on=ROW, how="semi")
        found = _opened(
            flatten(items, inner, file=context.file, json=True), inner, context, where
        )
        words = vocabulary(found.findings.words, context.source, name)
        filled = {
            **cut(found.wide, inner, name, context),
            "vocabulary_records": words,
        }
        tables = {n: pl.concat([tables[n], filled[n]]) for n in tables}
        rejects = pl.concat([rejects, _of_items(found, context)])
        unmapped |= {
            n: unmapped.get(n, 0) + r for n, r in found.findings.unmapped.items()
        }
        notes += _findings_notes(found.findings)
    notes += remarks(tables)

    return Extracted(
        {**tables, "rejects": rejects},
        replace(accounting, cell_rejects=rejects.filter(~pl.col("whole_row")).height),
        unmapped,
        tuple(notes),
        raw.warnings,
    )


@dataclass(frozen=True)
class Opened:
    """The rows of one part with everything they say, and what came to light."""

    flat: Flat
    wide: Wide
    findings: Findings


def _opened(flat: Flat, part: Part, context: Context, where: str) -> Opened:
    evaluation = Evaluation(flat, context)
    try:
        return Opened(flat, widen(evaluation, part), evaluation.findings)
    except pl.exceptions.PolarsError:
        raise ExportError(
            f"{safe(context.file)}: {where} cannot be applied; check its expressions"
        ) from None


def _usable(flat: Flat, wide: Wide) -> pl.DataFrame:
    """Return where the rows stand that the profile keeps: lists in others are gone."""
    lost = wide.rejected.select(pl.col("row").alias(ROW))
    return flat.rows.select(ROW).join(lost, on=ROW, how="anti").unique()


def _items(raw: RawExport, name: str, part: Part, context: Context) -> pl.DataFrame:
    if raw.format == "json":
        return raw.lists[name]
    return listed(raw.rows, part, file=context.file)


def _of_items(found: Opened, context: Context) -> pl.DataFrame:
    """Return what is wrong inside lists: no row of the file is lost by it."""
    cells = [
        one.select(row="_row", column="column", reason="reason")
        for one in found.findings.rejects
    ]
    items = found.wide.rejected.select("row", "column", "reason")
    blamed = pl.concat([items, *(c.select(items.columns) for c in cells)]).unique()
    named = blamed.sort("row", "column", "reason").with_columns(
        whole_row=pl.lit(False),
        load_id=pl.lit(context.load_id),
        file=pl.lit(context.file),
    )

    return conform(named, "rejects")


def _account(
    raw: RawExport, flat: Flat, wide: Wide, rejects: pl.DataFrame
) -> Accounting:
    whole = rejects.filter("whole_row")["row"].len()
    return Accounting(
        records=raw.records,
        kept=wide.rows.height,
        filtered=flat.filtered + wide.silent,
        duplicates=wide.duplicates,
        rejected=whole,
        blank=raw.blank,
        footer=raw.footer,
        cell_rejects=rejects.height - whole,
    )


def _rejects(
    raw: RawExport, wide: Wide, findings: Findings, context: Context
) -> pl.DataFrame:
    columns = ["row", "column", "reason", "whole_row"]
    lost = wide.rejected["row"]
    rows = pl.concat([raw.rejects.select(columns), wide.rejected.select(columns)])
    found = [rows.clear()]
    for cells in findings.rejects:
        blamed = cells.select(
            row="_row", column="column", reason="reason", whole_row=pl.lit(False)
        )
        found.append(blamed.filter(~pl.col("row").is_in(lost.implode())))
    # Two columns may be read from one cell; it is blamed once.
    together = pl.concat([rows, pl.concat(found).unique()])
    named = together.sort(columns).with_columns(
        load_id=pl.lit(context.load_id), file=pl.lit(context.file)
    )

    return conform(named, "rejects")


def _notes(raw: RawExport, part: Part, main: Opened) -> Iterator[str]:
    yield from raw.notes
    flat = main.flat
    if flat.filtered_null:
        yield f"{flat.filtered_null} rows left out because `where` could not be told"
    if flat.other_kind:
        yield f"{flat.other_kind} rows left out because of their kind"
    yield from _findings_notes(main.findings)
    if part.latest == "load":
        yield "no time of update: of two versions of a row the later load counts"


def _findings_notes(findings: Findings) -> Iterator[str]:
    for told, columns in findings.doubts.items():
        yield f"{sum(columns.values())} {told}"
