"""One export at a time: read, extracted, accounted for, and kept."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from cxmap.config import Config
from cxmap.errors import BusyError, CxmapError
from cxmap.importreport import FileReport, Lost, State
from cxmap.intake.choosing import Chosen, Source, bare_reason, zone_of
from cxmap.keys import Key
from cxmap.sources.columns import Context
from cxmap.sources.extract import Extracted, extract
from cxmap.sources.flat import json_fields, json_lists, read_options
from cxmap.sources.originals import originals
from cxmap.sources.profile import (
    mapping_hash,
    parts,
)
from cxmap.sources.read import read
from cxmap.sources.reading.files import content_digest
from cxmap.store import Writer
from cxmap.text import safe

MOST_REJECTS = 0.05
FEWEST_REJECTS = 20
"""A file is refused whole when more than this share and at least so many rows of
it cannot be used."""


@dataclass(frozen=True)
class Limits:
    """How much of a file may be unusable before it is refused."""

    most_rejects: float = MOST_REJECTS
    fewest: int = FEWEST_REJECTS


@dataclass(frozen=True)
class Taken:
    """What one file brought: its report, and what it would add to the store."""

    report: FileReport
    extracted: Extracted | None = None
    sha256: str = ""
    mapping: str = ""
    rejects: pl.DataFrame | None = None
    """Of a file that was read, even if it is refused for them."""


def take(
    chosen: Chosen,
    config: Config,
    *,
    key: Key,
    now: datetime,
    limits: Limits,
    known: Callable[[str, str, str], object | None],
) -> Taken:
    """Read one export and return what it brings; nothing is written.

    `known` tells whether (sha256, source, mapping) is loaded already. A file that
    cannot be read, or of which too much is rejected, comes back refused.
    """
    if chosen.source is None or chosen.part is None:
        state: State = "refused" if chosen.unreadable else "unrecognised"
        return Taken(_report(chosen, state, notes=(chosen.why,)))
    source = chosen.source
    settings = {**source.settings, "tz": zone_of(source, config)}
    if config.settings.identity.never:
        settings["never"] = sorted(config.settings.identity.never)
    mapping = mapping_hash(source.profile, settings, key.key_id)
    try:
        digest = content_digest(chosen.path)
        if known(digest, source.name, mapping) is not None:
            return Taken(_report(chosen, "known"))
        extracted, sha256 = _extracted(chosen, source, config, key, now)
    except BusyError:
        raise
    except CxmapError as error:
        return Taken(
            _report(chosen, "refused", notes=(bare_reason(error, chosen.path),))
        )
    if sha256 != digest:
        raise BusyError(f"{safe(chosen.path)}: still being written; try again")
    report = _counted(chosen, extracted)
    if _too_many(report, limits):
        why = (
            f"{report.rejected} of {report.records} rows cannot be used, more than "
            f"{limits.most_rejects:.0%}; nothing of it was loaded"
        )
        return Taken(
            replace(
                report,
                state="refused",
                kept=0,
                refused=report.kept,
                notes=(why, *report.notes),
            ),
            rejects=extracted.tables["rejects"],
        )

    return Taken(report, extracted, sha256, mapping, extracted.tables["rejects"])


def _extracted(
    chosen: Chosen, source: Source, config: Config, key: Key, now: datetime
) -> tuple[Extracted, str]:
    part = parts(source.resolved)[chosen.part or ""]
    raw = read(
        chosen.path,
        read_options(part),
        fields=json_fields(part),
        lists=json_lists(source.resolved, chosen.part or ""),
    )
    never = config.settings.identity.never
    context = Context(
        source=source.name,
        load_id="",
        file=chosen.name,
        pseudonyms=key.pseudonyms,
        now=now,
        default_tz=zone_of(source, config),
        region=source.settings.get("region"),
        own_numbers=(*source.numbers, *(one for one in never if "@" not in one)),
        own_addresses=tuple(one for one in never if "@" in one),
    )

    return extract(raw, source.resolved, chosen.part or "", context), raw.sha256


def _too_many(report: FileReport, limits: Limits) -> bool:
    many = report.rejected >= limits.fewest
    return many and report.rejected > limits.most_rejects * report.records


def _report(chosen: Chosen, state: State, *, notes: tuple[str, ...] = ()) -> FileReport:
    source = chosen.source
    return FileReport(
        file=chosen.name,
        source=source.name if source else None,
        profile=source.profile.profile if source else None,
        state=state,
        notes=notes,
    )


def _counted(chosen: Chosen, extracted: Extracted) -> FileReport:
    counts = extracted.accounting
    rejects = extracted.tables["rejects"]
    reasons = rejects.group_by("reason").len().sort("reason")
    lost = (
        rejects.group_by("column", "reason")
        .agg(rows=pl.col("whole_row").sum(), cells=(~pl.col("whole_row")).sum())
        .sort("column", "reason")
    )
    return replace(
        _report(chosen, "loaded", notes=extracted.notes),
        warnings=extracted.warnings,
        records=counts.records,
        kept=counts.kept,
        filtered=counts.filtered,
        duplicates=counts.duplicates,
        rejected=counts.rejected,
        blank=counts.blank,
        footer=counts.footer,
        cell_rejects=counts.cell_rejects,
        reasons=dict(reasons.iter_rows()),
        lost=tuple(Lost(*row) for row in lost.iter_rows()),
    )


def keep(writer: Writer, chosen: Chosen, taken: Taken, *, now: datetime) -> FileReport:
    """Add what a file brought to the store's next generation; return its report."""
    if taken.extracted is None or chosen.source is None:
        return taken.report
    before = writer.replaced(taken.sha256, chosen.source.name)
    load = writer.add(
        taken.extracted.tables,
        source=chosen.source.name,
        profile=chosen.source.profile.profile,
        file=chosen.name,
        sha256=taken.sha256,
        mapping=taken.mapping,
        resolved=chosen.source.resolved.model_dump(
            by_alias=True, exclude_unset=True, mode="json"
        ),
        loaded_at=now,
        rows={
            name: getattr(taken.report, name)
            for name in (
                "records",
                "kept",
                "filtered",
                "duplicates",
                "rejected",
                "blank",
                "footer",
            )
        },
    )
    forgotten = load.rows.get("forgotten", 0)

    return replace(
        taken.report,
        state="replaced" if before else "loaded",
        kept=taken.report.kept - forgotten,
        forgotten=forgotten,
    )


def rejected_rows(
    chosen: Chosen, rejects: pl.DataFrame
) -> Iterator[tuple[int, str, str]]:
    """Yield row, reason and text of the rows of an export that were rejected whole.

    The text is what the parser saw; tabs, which no listing would show, are spelled
    out. It is empty where a file breaks off.
    """
    if chosen.source is None:
        return
    lost = rejects.filter("whole_row").sort("row", "reason")
    part = parts(chosen.source.resolved)[chosen.part or ""]
    found = originals(chosen.path, read_options(part), set(lost["row"]))
    for row, reason in lost.select("row", "reason").iter_rows():
        yield row, reason, found.get(row, "").replace("\t", r"\x09")
