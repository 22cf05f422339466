"""What the config may tell each KPI and friction: `off`, targets and options."""

import functools
import operator
import re
import types
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import (
    Annotated,
    Any,
    Literal,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    create_model,
    model_validator,
)

from cxmap.config.sections import Section
from cxmap.config.settings import Settings
from cxmap.config.spelling import OFF, Duration, Group, SourceName, Span, Topic, Word
from cxmap.definitions import Definition, Friction, Kpi
from cxmap.names import CHANNELS
from cxmap.options import SegmentTarget

Severity = Literal["low", "medium", "high"]
Weight = Annotated[float, Field(ge=0, le=100)]
TARGET = "target"
TARGETS = "targets"
SEVERITY = "severity"
WEIGHT = "weight"
POLICIES = (TARGET, TARGETS, SEVERITY, WEIGHT)
"""What is said of a definition, and not to it."""


@dataclass(frozen=True)
class Policies:
    """What was said of the definitions of one room, by name."""

    off: frozenset[str] = frozenset()
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Only what was given: a definition knows its own defaults."""
    targets: Mapping[str, float] = field(default_factory=dict)
    """Shares as fractions, durations in seconds."""
    segment_targets: Mapping[str, tuple[SegmentTarget, ...]] = field(
        default_factory=dict
    )
    """In the order of the file."""
    severities: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    """What a journey's friction score rises by; empty: there is no score."""


def _month(value: str) -> str:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value, re.ASCII):
        raise ValueError("write a month such as 2026-05")

    return value


class Segment(Section):
    """A segment and what is aimed at in it: every dimension named must match."""

    channel: Literal[CHANNELS] | None = None  # type: ignore[valid-type]
    channel_group: Group | None = None
    topic: Topic | None = None
    segment: Word | None = None
    source: SourceName | None = None
    team: Word | None = None
    month: Annotated[str, AfterValidator(_month)] | None = None

    @model_validator(mode="after")
    def _names_a_segment(self) -> "Segment":
        if not self.where:
            raise ValueError("name a segment, such as channel: voice")

        return self

    @property
    def where(self) -> dict[str, str]:
        """The dimensions named, and their values."""
        named = {name: getattr(self, name) for name in Segment.model_fields}
        return {name: str(value) for name, value in named.items() if value is not None}


def full_settings(
    kpis: Mapping[str, Definition],
    frictions: Mapping[str, Definition],
    *,
    said: Collection[str] | None = None,
) -> type[Settings]:
    """Return the shape of the file with these KPIs, frictions and options in it.

    `said`: the only names of which the file says anything, where that is known; the
    shape of the others is not drawn, which takes most of the time.
    """
    sections = {
        room: _section(room, definitions, said)
        for room, definitions in (("kpis", kpis), ("frictions", frictions))
    }
    fields: dict[str, Any] = {
        room: (section, Field(default_factory=section))
        for room, section in sections.items()
    }

    return create_model("Settings", __base__=Settings, **fields)


def read_policies(section: BaseModel) -> Policies:
    """Return what a checked `kpis:` or `frictions:` section says."""
    off: set[str] = set()
    options: dict[str, Mapping[str, Any]] = {}
    targets: dict[str, float] = {}
    segments: dict[str, tuple[SegmentTarget, ...]] = {}
    severities: dict[str, str] = {}
    weights: dict[str, float] = {}
    for name, choice in _given(section).items():
        if choice == OFF:
            off.add(name)
            continue
        said = _given(choice)
        if TARGET in said:
            targets[name] = _number(said[TARGET])
        if said.get(TARGETS):
            segments[name] = tuple(
                SegmentTarget(one.where, _number(one.target)) for one in said[TARGETS]
            )
        if SEVERITY in said:
            severities[name] = said[SEVERITY]
        if WEIGHT in said:
            weights[name] = float(said[WEIGHT])
        options[name] = {k: v for k, v in said.items() if k not in POLICIES}

    return Policies(
        off=frozenset(off),
        options={name: given for name, given in options.items() if given},
        targets=targets,
        segment_targets=segments,
        severities=severities,
        weights=weights,
    )


def _given(model: BaseModel) -> dict[str, Any]:
    fields = type(model).model_fields
    return {
        fields[name].alias or name: getattr(model, name)
        for name in sorted(model.model_fields_set)
    }


def _number(target: float | timedelta) -> float:
    return target.total_seconds() if isinstance(target, timedelta) else float(target)


def _section(
    room: str, definitions: Mapping[str, Definition], said: Collection[str] | None
) -> type[Section]:
    fields: dict[str, Any] = {
        f"about_{name}": (
            Literal["off"] | _choices(definition)
            if said is None or name in said
            else None,
            Field(None, alias=name, description=definition.sentence),
        )
        for name, definition in definitions.items()
    }

    return create_model(f"{room.title()}Section", __base__=Section, **fields)


def _choices(definition: Definition) -> type[Section]:
    """Return the shape of what may be said of one definition."""
    hints = get_type_hints(definition.build)
    fields: dict[str, Any] = {
        f"option_{name}": (written_as(hints[name]), Field(option.default, alias=name))
        for name, option in definition.options.items()
    }
    if isinstance(definition, Kpi):
        aim = _target(definition)
        fields["option_target"] = (aim, Field(None, alias=TARGET))
        segment = create_model(
            f"Target_{definition.name}", __base__=Segment, target=(aim, ...)
        )
        segments = list[segment]  # type: ignore[valid-type]
        fields["option_targets"] = (segments, Field([], alias=TARGETS))
    if isinstance(definition, Friction):
        severity = Field(definition.severity, alias=SEVERITY)
        fields["option_severity"] = (Severity, severity)
        fields["option_weight"] = (Weight, Field(0.0, alias=WEIGHT))

    return create_model(f"About_{definition.name}", __base__=Section, **fields)


def written_as(annotation: Any) -> Any:
    """Return the type of an option as YAML writes it: durations as `24h`."""
    if annotation is timedelta:
        return Duration
    if annotation == (timedelta | None):
        return Span
    inner = tuple(written_as(part) for part in get_args(annotation))
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return functools.reduce(operator.or_, inner)
    if origin in (dict, Mapping):
        return dict[inner]  # type: ignore[valid-type,misc]

    return annotation


def _share(value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError("a share lies between 0 and 1, such as 0.66")

    return value


def _target(kpi: Kpi) -> Any:
    if kpi.unit == "share":
        return Annotated[float, AfterValidator(_share)]

    return Duration if kpi.unit == "seconds" else float
