"""One file's rows, as a profile understands them: records, rejects and accounting."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from cxmap.errors import ExportError
from cxmap.sources.columns import Context, Evaluation, Findings
from cxmap.sources.cut import cut
from cxmap.sources.flat import Flat, flatten
from cxmap.sources.part import Part
from cxmap.sources.profile import Profile, parts
from cxmap.sources.reading.shapes import RawExport
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


def extract(raw: RawExport, profile: Profile, part: str, context: Context) -> Extracted:
    """Return the records that the rows of one file become.

    `profile` has its settings filled in. Rows that cannot be used are rejected,
    cells that cannot be read are null; both are in the table `rejects`. Raises
    ExportError where columns are missing or a column contradicts itself.
    """
    chosen = parts(profile)[part]
    try:
        flat = flatten(raw.rows, chosen, file=context.file, json=raw.format == "json")
        evaluation = Evaluation(flat, context)
        wide = widen(evaluation, chosen)
    except pl.exceptions.PolarsError:
        raise ExportError(
            f"{safe(context.file)}: part {safe(part)} of profile "
            f"{safe(profile.profile)} cannot be applied; check its expressions"
        ) from None

    rejects = _rejects(raw, wide, evaluation.findings, context)

    return Extracted(
        {**cut(wide, chosen, part, context), "rejects": rejects},
        _account(raw, flat, wide, rejects),
        evaluation.findings.unmapped,
        tuple(_notes(raw, chosen, flat, evaluation)),
    )


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


def _notes(
    raw: RawExport, part: Part, flat: Flat, evaluation: Evaluation
) -> Iterator[str]:
    yield from raw.notes
    if flat.filtered_null:
        yield f"{flat.filtered_null} rows left out because `where` could not be told"
    if flat.other_kind:
        yield f"{flat.other_kind} rows left out because of their kind"
    for told, columns in evaluation.findings.doubts.items():
        yield f"{sum(columns.values())} {told}"
    for column, rows in evaluation.findings.unmapped.items():
        yield f"{column}: {rows} rows hold a word the profile does not map"
    if part.latest == "load":
        yield "no time of update: of two versions of a row the later load counts"
