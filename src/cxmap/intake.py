"""Exports come in: each file finds its source and every row of it is accounted for."""

import fnmatch
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from cxmap.config import Config, SourceConfig
from cxmap.errors import BusyError, ConfigError, CxmapError, ExportError, UsageError
from cxmap.importreport import FileReport, State
from cxmap.keys import Key
from cxmap.sources.columns import Context
from cxmap.sources.detect import Detection, detect
from cxmap.sources.extract import Extracted, extract
from cxmap.sources.flat import json_fields
from cxmap.sources.profile import (
    Profile,
    load_profile,
    mapping_hash,
    parts,
    resolve,
    shipped_profiles,
)
from cxmap.sources.read import ReadOptions, peek, read
from cxmap.store import Snapshot, Writer
from cxmap.text import safe

UNFINISHED = ("*.part", "*.tmp", "*.filepart", "*.crdownload", "~$*", ".~lock*", ".*")
"""Names of files that somebody is still writing, or that are nobody's export."""

MOST_REJECTS = 0.05
FEWEST_REJECTS = 20
"""A file is refused whole when more than this share and at least so many rows of
it cannot be used."""


@dataclass(frozen=True)
class Source:
    """One source with its profile, settings filled in."""

    name: str
    profile: Profile
    settings: Mapping[str, Any]
    resolved: Profile

    @property
    def numbers(self) -> tuple[str, ...]:
        """The company's own lines."""
        return tuple(self.settings.get("own_numbers") or ())


@dataclass(frozen=True)
class Chosen:
    """A file, and how it is read; no source where nothing recognises it."""

    path: Path
    source: Source | None = None
    part: str | None = None
    why: str = ""


@dataclass(frozen=True)
class Limits:
    """How much of a file may be unusable before it is refused."""

    most_rejects: float = MOST_REJECTS
    fewest: int = FEWEST_REJECTS


def sources_of(config: Config) -> dict[str, Source]:
    """Return the config's sources that name their profile, by name.

    Raises ConfigError with every mistake of every profile and its settings.
    """
    found: dict[str, Source] = {}
    mistakes: list[str] = []
    for name, declared in config.sources.items():
        if declared.profile is None:
            continue
        try:
            found[name] = _source(name, load_profile(declared.profile), declared)
        except ConfigError as error:
            mistakes.append(f"source {safe(name)}: {error}")
    if mistakes:
        raise ConfigError("\n".join(mistakes))

    return found


def _source(name: str, profile: Profile, declared: SourceConfig | None) -> Source:
    settings = declared.settings if declared else {}
    return Source(name, profile, settings, resolve(profile, settings))


def profiles_of(snapshot: Snapshot, config: Config) -> dict[str, Profile]:
    """Return the resolved profile of every source held.

    The config's, else the one under which the source was loaded last.
    """
    found = {}
    for load in sorted(snapshot.loads, key=lambda one: (one.loaded_at, one.load_id)):
        found[load.source] = Profile.model_validate(
            snapshot.mappings[load.mapping], strict=False
        )
    configured = {name: s.resolved for name, s in sources_of(config).items()}

    return {name: configured.get(name, profile) for name, profile in found.items()}


def exports_in(paths: Sequence[str]) -> list[Path]:
    """Return the files that paths, patterns and folders name, in order, once each.

    Raises ExportError for a path that names nothing at all.
    """
    found: dict[Path, None] = {}
    nothing = []
    for given in paths:
        files = _files(given)
        if not files:
            nothing.append(given)
        found |= dict.fromkeys(files)
    if nothing:
        named = ", ".join(safe(name) for name in nothing)
        raise ExportError(f"{named}: no such file, and no file matches it")

    return list(found)


def _files(given: str) -> list[Path]:
    path = Path(given)
    if path.is_dir():
        inside = (p for p in path.rglob("*") if p.is_file())
        return sorted(p for p in inside if _finished(p))
    if path.exists():
        return [path]
    anchor = Path(path.anchor)
    pattern = str(path.relative_to(anchor)) if path.is_absolute() else given
    matches = anchor.glob(pattern) if any(c in given for c in "*?[") else iter(())

    return sorted(p for p in matches if p.is_file() and _finished(p))


def _finished(path: Path) -> bool:
    return not any(fnmatch.fnmatch(path.name, pattern) for pattern in UNFINISHED)


def choose(
    config: Config, paths: Sequence[str], *, named: str | None = None
) -> tuple[list[Chosen], list[str]]:
    """Return how each export is read, and the config's patterns that match nothing.

    Without paths, the config's own files. A file belongs to the source that is
    `named`, else to the one whose `files` it matches, else to the one whose profile
    recognises it; without any, the profile's name becomes the source's.
    """
    declared = sources_of(config)
    owners, missing = _owned(config)
    if not paths:
        if not config.sources:
            raise UsageError(
                "name the exports to ingest, or write a cxmap.yaml with `cxmap init`"
            )
        return [
            _recognised(path, name, config, declared) for path, name in owners.items()
        ], missing

    if named is not None and named not in config.sources and named not in _known():
        raise UsageError(f"--source {safe(named)}: not in the config, and no profile")
    files = exports_in(paths)
    owned = {path.resolve(): name for path, name in owners.items()}
    return [
        _recognised(path, named or owned.get(path.resolve()), config, declared)
        for path in files
    ], []


def _known() -> Mapping[str, Profile]:
    return shipped_profiles()


def _owned(config: Config) -> tuple[dict[Path, str], list[str]]:
    owners: dict[Path, str] = {}
    missing = []
    for name, source in config.sources.items():
        for pattern in source.files:
            files = _files(pattern)
            if not files:
                missing.append(f"{safe(name)}: {safe(pattern)}")
            owners |= {path: name for path in files if path not in owners}

    return owners, missing


def _recognised(
    path: Path, name: str | None, config: Config, declared: Mapping[str, Source]
) -> Chosen:
    """Return how one file is read: by its source's profile, else by what it is."""
    if name is not None and name in declared:
        return _by_part(path, declared[name])
    if name is not None and name in _known() and name not in config.sources:
        return _by_part(path, _source(name, _known()[name], None))

    candidates = {s.profile.profile: s.profile for s in declared.values()}
    detections = detect(peek(path), {**_known(), **candidates})
    if not detections or _tied(detections):
        why = "more than one profile fits" if detections else "no profile fits"
        return Chosen(path, why=f"{why}; name one with --source, or `cxmap init`")
    best = detections[0]
    if name is not None:
        profile = {**_known(), **candidates}[best.profile]
        return Chosen(path, _source(name, profile, config.sources[name]), best.part)
    ours = [s for s in declared.values() if s.profile.profile == best.profile]
    if len(ours) > 1:
        names = ", ".join(safe(s.name) for s in ours)
        return Chosen(path, why=f"fits several sources ({names}); say --source")
    source = ours[0] if ours else _source(best.profile, _known()[best.profile], None)

    return Chosen(path, source, best.part, best.why)


def _by_part(path: Path, source: Source) -> Chosen:
    named = parts(source.resolved)
    if len(named) == 1:
        return Chosen(path, source, next(iter(named)))
    found = detect(peek(path), {source.profile.profile: source.resolved})
    if not found:
        return Chosen(
            path, why=f"no part of profile {safe(source.profile.profile)} fits"
        )

    return Chosen(path, source, found[0].part)


def _tied(detections: Sequence[Detection]) -> bool:
    first, *rest = detections
    return any(
        one.confidence == first.confidence and one.profile != first.profile
        for one in rest
    )


@dataclass(frozen=True)
class Taken:
    """What one file brought: its report, and what it would add to the store."""

    report: FileReport
    extracted: Extracted | None = None
    sha256: str = ""
    mapping: str = ""


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
        return Taken(_report(chosen, "unrecognised", notes=(chosen.why,)))
    source = chosen.source
    mapping = mapping_hash(source.profile, source.settings, key.key_id)
    try:
        digest = _digest(chosen.path)
        if known(digest, source.name, mapping) is not None:
            return Taken(_report(chosen, "known"))
        extracted, sha256 = _extracted(chosen, source, config, key, now)
    except BusyError:
        raise
    except CxmapError as error:
        return Taken(_report(chosen, "refused", notes=(str(error),)))
    if sha256 != digest:
        raise BusyError(f"{safe(chosen.path)}: still being written; try again")
    report = _counted(chosen, extracted)
    if _too_many(report, limits):
        why = (
            f"{report.rejected} of {report.records} rows cannot be used, more than "
            f"{limits.most_rejects:.0%}; nothing of it was loaded"
        )
        return Taken(replace(report, state="refused", notes=(why, *report.notes)))

    return Taken(report, extracted, sha256, mapping)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ExportError(f"{safe(path)}: cannot be read: {error.strerror}") from None


def _extracted(
    chosen: Chosen, source: Source, config: Config, key: Key, now: datetime
) -> tuple[Extracted, str]:
    part = parts(source.resolved)[chosen.part or ""]
    given = part.read.model_dump(exclude_none=True)
    raw = read(chosen.path, ReadOptions(**given), fields=json_fields(part))
    context = Context(
        source=source.name,
        load_id="",
        file=chosen.path.name,
        pseudonyms=key.pseudonyms,
        now=now,
        default_tz=config.timezone if config.origin else None,
        region=source.settings.get("region"),
        own_numbers=source.numbers,
    )

    return extract(raw, source.resolved, chosen.part or "", context), raw.sha256


def _too_many(report: FileReport, limits: Limits) -> bool:
    many = report.rejected >= limits.fewest
    return many and report.rejected > limits.most_rejects * report.records


def _report(chosen: Chosen, state: State, *, notes: tuple[str, ...] = ()) -> FileReport:
    source = chosen.source
    return FileReport(
        file=chosen.path.name,
        source=source.name if source else None,
        profile=source.profile.profile if source else None,
        state=state,
        notes=notes,
    )


def _counted(chosen: Chosen, extracted: Extracted) -> FileReport:
    counts = extracted.accounting
    reasons = extracted.tables["rejects"].group_by("reason").len().sort("reason")
    return replace(
        _report(chosen, "loaded", notes=extracted.notes),
        records=counts.records,
        kept=counts.kept,
        filtered=counts.filtered,
        duplicates=counts.duplicates,
        rejected=counts.rejected,
        blank=counts.blank,
        footer=counts.footer,
        cell_rejects=counts.cell_rejects,
        reasons=dict(reasons.iter_rows()),
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
        file=chosen.path.name,
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


def rejected_lines(path: Path, rejects: pl.DataFrame) -> Iterator[tuple[int, str]]:
    """Yield the rows of an export that were rejected whole, as they stand in it."""
    wanted = set(rejects.filter("whole_row")["row"].to_list())
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if number in wanted:
                yield number, line.decode("utf-8", "replace").rstrip("\r\n")
