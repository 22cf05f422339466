"""Which source an export belongs to, and by which profile it is read."""

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxmap.config import Config, SourceConfig
from cxmap.errors import ConfigError, CxmapError, ExportError, UsageError
from cxmap.sources.detect import Detection, detect
from cxmap.sources.profile import (
    Profile,
    load_profile,
    parts,
    resolve,
    shipped_profiles,
)
from cxmap.sources.read import Limits, peek
from cxmap.sources.reading.archives import is_archive, matching, members, name_of, show
from cxmap.store import Snapshot
from cxmap.text import safe

LIMITS = Limits()

UNFINISHED = ("*.part", "*.tmp", "*.filepart", "*.crdownload", "~$*", ".~lock*", ".*")
"""Names of files that somebody is still writing, or that are nobody's export."""


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
    """What it was recognised by; without a source, what is in the way."""
    unreadable: bool = False
    """Whether its head already shows that it must be refused."""

    @property
    def name(self) -> str:
        """The name by which it is known: its own, or `archive!member`."""
        return name_of(self.path)


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


def zone_of(source: Source, config: Config) -> str | None:
    """Return the zone of local times that nothing else places; None: nobody said."""
    said = source.settings.get("tz")
    if isinstance(said, str):
        return said

    return config.timezone if config.origin else None


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

    Of an archive, the files inside it.

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
        below = (p for p in path.rglob("*") if p.is_file())
        return _unpacked(p for p in below if _finished(p))
    if path.exists():
        return _unpacked([path])
    anchor = Path(path.anchor)
    pattern = str(path.relative_to(anchor)) if path.is_absolute() else given
    matches = anchor.glob(pattern) if any(c in given for c in "*?[") else iter(())

    files = [p for p in matches if p.is_file() and _finished(p)]

    return _unpacked(files) or matching(path, LIMITS)


def _unpacked(files: Iterable[Path]) -> list[Path]:
    """Return the files in order, those inside an archive instead of the archive.

    One that cannot be unpacked stays, for whoever reads it to say why.
    """
    found: list[Path] = []
    for path in sorted(files):
        try:
            inside = members(path, LIMITS) if is_archive(path) else [path]
        except CxmapError:
            inside = [path]
        found += inside

    return found


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
            _chosen(path, name, config, declared) for path, name in owners.items()
        ], missing

    if named is not None and named not in config.sources and named not in _known():
        raise UsageError(f"--source {safe(named)}: not in the config, and no profile")
    files = exports_in(paths)
    owned = {path.resolve(): name for path, name in owners.items()}
    return [
        _chosen(path, named or owned.get(path.resolve()), config, declared)
        for path in files
    ], []


def unmatched(config: Config) -> list[str]:
    """Return the config's patterns that match no file, each after its source."""
    return _owned(config)[1]


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


def _chosen(
    path: Path, name: str | None, config: Config, declared: Mapping[str, Source]
) -> Chosen:
    """Return how one file is read; one that cannot be does not stop the others."""
    try:
        return _recognised(path, name, config, declared)
    except ExportError as error:
        return Chosen(path, why=bare_reason(error, path), unreadable=True)


def bare_reason(error: CxmapError, path: Path) -> str:
    """Return what is wrong with a file, without the file's name before it."""
    said = str(error)
    for where in (safe(path), show(path)):
        said = said.removeprefix(f"{where}: ")

    return said


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
    head = peek(path, sheet=source.settings.get("sheet"))
    found = detect(head, {source.profile.profile: source.resolved})
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
