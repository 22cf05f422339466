"""`cxmap.yaml` as one frozen value: what every room is told, and from where."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cxmap import __version__
from cxmap.byhand import ByHand
from cxmap.config.contradictions import contradictions
from cxmap.config.effective import effective
from cxmap.config.people import read_people
from cxmap.config.policies import Policies, full_settings, read_policies
from cxmap.config.settings import Annotation, Costs, Settings, Source
from cxmap.config.spelling import InYaml
from cxmap.definitions import collect
from cxmap.errors import ConfigError
from cxmap.hours.closings import edition
from cxmap.options import (
    Coverage,
    Hours,
    IdentityRules,
    LinkRules,
    RepeatRule,
    Schedule,
    SegmentTarget,
    write_duration,
)
from cxmap.plugins import FRICTIONS, SOURCES, versions
from cxmap.tables import DERIVED_TABLES, schema
from cxmap.text import safe
from cxmap.yamls.documents import SIZE_CAP, Document, Node, read_document
from cxmap.yamls.problems import Flaws, check_document, failure

NAME = "cxmap.yaml"
ROOMS = ("kpis", "frictions")

Inspect = Callable[[Document], Iterable[Flaws]]
"""Finds what is wrong with what a file names: profiles, and the settings of those."""


@dataclass(frozen=True)
class SourceConfig:
    """One source: how its exports are read and where they are."""

    name: str
    profile: str | Path | None
    """Name of a shipped profile, the path of an own one, or None: detect it."""
    files: tuple[str, ...]
    """Paths and patterns, already relative to nothing but the config's folder."""
    settings: Mapping[str, Any]
    coverage: Coverage
    url: str | None


@dataclass(frozen=True)
class Privacy:
    """What is kept, shown and forgotten."""

    min_cell: int
    agents: bool
    """Whether numbers may be broken down by the people who do the work."""
    text: str
    """drop, or features: length, language and topic flags."""
    retention: timedelta | None


@dataclass(frozen=True)
class Config:
    """Everything a run is told by its configuration; rooms take their part of it."""

    origin: Path | None
    """The file; None: there is none, and every value is a default."""
    store: Path
    key_path: Path | None
    timezone: str
    sources: Mapping[str, SourceConfig]
    identity: IdentityRules
    topics: Mapping[str, Mapping[str, tuple[str, ...]]]
    """Node of the topic tree → source → values; empty: topics as exported."""
    links: LinkRules
    repeat: RepeatRule
    hours: Hours
    kpis: Policies
    frictions: Policies
    segments: Mapping[str, tuple[str, ...]]
    costs: Costs | None
    annotations: tuple[Annotation, ...]
    privacy: Privacy
    settings: Settings
    """The file as it was written, with its defaults."""
    places: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    """The line, from 1, of every key that the file holds."""

    def said_at(self, *place: str) -> str:
        """Return where a setting was written, as `cxmap.yaml:12`; `default`: nowhere.

        What a shorthand says is written where that stands (`repeat: 7d`).
        """
        line = self.places.get(place)
        above = self.places.get(place[:-1])
        if line is None and not any(p[:-1] == place[:-1] for p in self.places):
            line = above
        if line is None or self.origin is None:
            return "default"

        return f"{safe(self.origin.name)}:{line}"

    @property
    def urls(self) -> Mapping[str, str]:
        """By source: where its system shows a contact, `{source_contact_id}` in it."""
        return {name: one.url for name, one in self.sources.items() if one.url}

    @property
    def targets(self) -> Mapping[str, float]:
        """Targets by KPI: shares as fractions, durations in seconds."""
        return self.kpis.targets

    @property
    def segment_targets(self) -> Mapping[str, tuple[SegmentTarget, ...]]:
        """Targets by KPI that hold in segments, in the order of the file."""
        return self.kpis.segment_targets

    @property
    def kpi_options(self) -> Mapping[str, Mapping[str, Any]]:
        """Options by KPI; what is not there is the definition's default.

        How long a solved case may be reopened is said once, under `reopen:`.
        """
        reopening = {"within": self.repeat.reopen_within}
        given = self.kpis.options
        return {**given, "reopen_rate": {**reopening, **given.get("reopen_rate", {})}}

    @property
    def friction_options(self) -> Mapping[str, Mapping[str, Any]]:
        """Options by friction; what is not there is the definition's default."""
        return self.frictions.options

    @property
    def coverage(self) -> Mapping[str, Coverage]:
        """What is declared of each source's coverage."""
        return {name: source.coverage for name, source in self.sources.items()}

    @property
    def hash(self) -> str:
        """Digest of what decides the derived tables, and of nothing else.

        The tables' own columns and the version that computes them belong to it, and
        so do the versions of plug-ins, so that nobody reads what an older cxmap
        derived. Comments, the order of keys, targets, paths and defaults written out
        leave it as it is.
        """
        topics = {
            node: {source: sorted(values) for source, values in by_source.items()}
            for node, by_source in self.topics.items()
        }
        frictions = self.frictions
        decides = {
            "cxmap": __version__,
            "columns": {name: list(schema(name)) for name in DERIVED_TABLES},
            "identity": asdict(self.identity),
            "topics": topics,
            "segments": {name: sorted(said) for name, said in self.segments.items()},
            "links": asdict(self.links),
            "repeat": asdict(self.repeat),
            "hours": asdict(self.hours),
            "holidays": edition(self.hours),
            "frictions": [
                sorted(frictions.off),
                frictions.options,
                frictions.severities,
            ],
            "coverage": {name: asdict(held) for name, held in self.coverage.items()},
            "plug-ins": versions(FRICTIONS, SOURCES),
        }
        written = json.dumps(decides, sort_keys=True, default=_plain)

        return hashlib.sha256(written.encode()).hexdigest()


def find_config(start: Path) -> Path | None:
    """Return the nearest `cxmap.yaml` from `start` upward.

    The search ends at the folder of a repository (one with `.git`) or at the root.
    """
    for folder in (start, *start.parents):
        if (folder / NAME).is_file():
            return folder / NAME
        if (folder / ".git").exists():
            return None

    return None


def load_config(path: Path | None, *, inspect: Inspect | None = None) -> Config:
    """Return the configuration in the file at `path`; None gives the defaults.

    Raises ConfigError with every problem of the file, each with line and caret; those
    that `inspect` finds, in this file or in those it names, stand beside them.
    """
    if path is None:
        return read_config("", None)

    return read_config(_text_of(path), path, inspect=inspect)


def read_config(
    text: str, path: Path | None, *, inspect: Inspect | None = None
) -> Config:
    """Return the configuration in `text`, whose paths are relative to `path`."""
    document = read_document(text, path or Path(NAME))
    settings, problems = check_document(document, _shape(document))
    flaws: list[Flaws] = [(document, problems)]
    by_hand = ByHand()
    if not document.problems:
        flaws.append((document, tuple(contradictions(document))))
        flaws += inspect(document) if inspect else ()
        by_hand, wrong = read_people(document)
        flaws += wrong
    if settings is None or any(found for _, found in flaws):
        raise failure(*flaws)

    return replace(_config(settings, path, by_hand), places=dict(_places(document)))


def config_schema() -> dict[str, Any]:
    """Return the JSON Schema of `cxmap.yaml`, for editors."""
    shape = full_settings(*(collect(room) for room in ROOMS))
    schema = shape.model_json_schema(by_alias=True, schema_generator=InYaml)

    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def show(config: Config) -> str:
    """Return every setting in force as YAML, defaults marked."""
    hours = config.hours
    assumed = "# no hours: Mon-Fri 09:00-17:00 assumed\n"
    origin = f"# {safe(config.origin or 'no cxmap.yaml: defaults')}\n"

    return origin + (assumed if hours.assumed else "") + effective(config.settings)


def _text_of(path: Path) -> str:
    where = safe(path)
    try:
        if path.stat().st_size > SIZE_CAP:
            raise ConfigError(f"{where}: larger than 1 MiB; that is no configuration")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{where}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(
            f"{where}:{line}: not UTF-8; save the file as UTF-8"
        ) from None


def _shape(document: Document) -> type[Settings]:
    """Return the shape to check against; definitions are read only where named."""
    given = document.root.value if isinstance(document.root.value, dict) else {}
    rooms = [collect(room) if given.get(room) else {} for room in ROOMS]
    said = {
        str(name)
        for room in ROOMS
        if isinstance(given.get(room), dict)
        for name in given[room]
    }

    return full_settings(*rooms, said=said)


def _places(document: Document) -> Iterator[tuple[tuple[str, ...], int]]:
    waiting: list[tuple[tuple[str, ...], Node]] = [((), document.root)]
    while waiting:
        above, node = waiting.pop()
        for key, spot in node.keys.items():
            if node.children[key].value != {}:
                yield (*above, key), spot.line + 1
            waiting.append(((*above, key), node.children[key]))


def _config(settings: Settings, origin: Path | None, by_hand: ByHand) -> Config:
    folder = origin.parent if origin else Path()
    privacy = settings.privacy

    return Config(
        origin=origin,
        store=folder / settings.store,
        key_path=folder / privacy.key if privacy.key else None,
        timezone=settings.timezone,
        sources={
            name: _source(name, source, folder, ZoneInfo(settings.timezone))
            for name, source in settings.sources.items()
        },
        identity=settings.identity.rules(by_hand),
        topics={
            node: {source: tuple(values) for source, values in by_source.items()}
            for node, by_source in settings.topics.items()
        },
        links=settings.links.rules(),
        repeat=settings.repeat.rule(settings.reopen),
        hours=settings.hours.hours(settings.timezone)
        if settings.hours
        else Hours(usual=Schedule(zone=settings.timezone)),
        kpis=read_policies(settings.kpis),
        frictions=read_policies(settings.frictions),
        segments={name: tuple(values) for name, values in settings.segments.items()},
        costs=settings.costs,
        annotations=tuple(settings.annotations),
        privacy=Privacy(
            privacy.min_cell, privacy.agents, privacy.text, privacy.retention
        ),
        settings=settings,
    )


def _source(name: str, source: Source, folder: Path, zone: ZoneInfo) -> SourceConfig:
    profile: str | Path | None = source.profile
    if source.profile and source.profile.endswith((".yaml", ".yml")):
        profile = folder / source.profile

    return SourceConfig(
        name=name,
        profile=profile,
        files=tuple(str(folder / pattern) for pattern in source.files),
        settings=source.settings,
        coverage=source.coverage(zone),
        url=source.url,
    )


def _plain(value: object) -> object:
    if isinstance(value, timedelta):
        return write_duration(value)
    if isinstance(value, Mapping):
        return dict(value)

    return str(value)
