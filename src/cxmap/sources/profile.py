"""Profiles: where they are found, their settings filled in, their hash and schema."""

import json
import re
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from pydantic import ValidationError

from cxmap.errors import ConfigError
from cxmap.plugins import (
    SOURCES,
    PlugIn,
    PlugInError,
    Wrong,
    gather,
    refusal,
)
from cxmap.sources.identifiers import NORMALISATION
from cxmap.sources.language import Scalar
from cxmap.sources.part import ONE, Part, Profile, Setting
from cxmap.text import safe
from cxmap.yamls.checking import reasons
from cxmap.yamls.problems import check_yaml, proposal

__all__ = [
    "Given",
    "Part",
    "Profile",
    "inside",
    "load_profile",
    "mapping_hash",
    "parts",
    "profile_origin",
    "profile_schema",
    "resolve",
    "settings_of",
    "shipped_names",
    "shipped_profiles",
    "wrong_profiles",
]

Given = Scalar | tuple[Scalar, ...] | None

SUFFIX = ".yaml"
FOLDER = files("cxmap.sources") / "profiles"
MARK = re.compile(r"\$\{(\w+)\}")
OFFERED = ("tz", "region", "own_numbers", "sheet")
"""Settings that every profile takes: how its numbers and times are meant, and which
sheet of a workbook holds them."""


def parts(profile: Profile) -> dict[str, Part]:
    """Return the parts of a profile by name; the only one is called `rows`."""
    return dict(profile.parts) if profile.parts is not None else {ONE: profile}


def inside(profile: Profile, part: str) -> dict[str, Part]:
    """Return the parts that read lists inside the rows of `part`."""
    return {name: one for name, one in parts(profile).items() if one.of == part}


def load_profile(path_or_name: str | Path) -> Profile:
    """Return a profile: a shipped or plugged-in one by its name, any other by its file.

    Its settings are not filled in yet; see `resolve`. Raises ConfigError that holds
    every mistake with file, line, column and the nearest word that exists.
    """
    name = str(path_or_name)
    if not name.endswith((SUFFIX, ".yml")):
        if name not in shipped_names():
            advice = proposal(name, shipped_names())
            raise ConfigError(f"profile {safe(name)}: unknown; {advice}, or a .yaml")
        return _shipped(name)

    path = Path(path_or_name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(
            f"{safe(path)}: the profile cannot be read; give a YAML file in UTF-8"
        ) from None

    return check_yaml(text, path, Profile)


def shipped_profiles() -> Mapping[str, Profile]:
    """Return the profiles that come with cxmap and with plug-ins, by name."""
    return MappingProxyType({name: _shipped(name) for name in shipped_names()})


@cache
def shipped_names() -> tuple[str, ...]:
    """Return the names of the profiles that can be had by name: those of their files.

    Raises ConfigError where plug-ins offer none, or one whose name is taken.
    """
    return tuple(_files())


def profile_origin(name: str) -> str:
    """Return whence a profile comes: cxmap, or the plug-in's package and version."""
    plug_in = _files()[name][1]

    return "cxmap" if plug_in is None else plug_in.origin


@cache
def _files() -> dict[str, tuple[Traversable, PlugIn | None]]:
    """The file of each profile, and the plug-in that offers it."""
    found, wrong = _offered()
    if wrong:
        raise refusal(wrong)

    return found


def wrong_profiles() -> list[Wrong]:
    """Return what is wrong with the profiles that plug-ins offer."""
    found, wrong = _offered()
    offered = [(n, file, one) for n, (file, one) in found.items() if one is not None]
    for name, file, plug_in in offered:
        try:
            profile = check_yaml(file.read_text("utf-8"), Path(file.name), Profile)
        except ConfigError as error:
            wrong.append(Wrong(plug_in, f"{safe(file.name)}: no profile\n{error}"))
        except (OSError, UnicodeDecodeError):
            wrong.append(Wrong(plug_in, f"{safe(file.name)}: not a text in UTF-8"))
        else:
            if profile.profile != name:
                reason = f"says profile: {safe(profile.profile)}; name it as its file"
                wrong.append(Wrong(plug_in, f"{safe(file.name)}: {reason}"))

    return wrong


def _offered() -> tuple[dict[str, tuple[Traversable, PlugIn | None]], list[Wrong]]:
    return gather(SOURCES, _profiles_in(FOLDER), _profiles_of)


def _profiles_of(plug_in: PlugIn) -> dict[str, Traversable]:
    """The files of the profiles in the package or folder that a plug-in names."""
    thing = plug_in.load()
    if isinstance(thing, ModuleType) and hasattr(thing, "__path__"):
        folder: Traversable = files(thing)
    elif isinstance(thing, str | Path) and Path(thing).is_dir():
        folder = Path(thing)
    else:
        reason = "is no package and no folder that holds profiles"
        raise PlugInError(plug_in, reason)
    found = _profiles_in(folder)
    if not found:
        raise PlugInError(plug_in, f"holds no profile: no file that ends in {SUFFIX}")

    return found


def _profiles_in(folder: Traversable) -> dict[str, Traversable]:
    return {
        entry.name.removesuffix(SUFFIX): entry
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(SUFFIX)
    }


@cache
def _shipped(name: str) -> Profile:
    file, _ = _files()[name]
    return check_yaml(file.read_text("utf-8"), Path(file.name), Profile)


def profile_schema() -> dict[str, Any]:
    """Return the JSON Schema of profiles, for editors."""
    return Profile.model_json_schema(by_alias=True)


def settings_of(profile: Profile) -> dict[str, Given]:
    """Return the settings a profile takes, with their defaults."""
    declared = {
        name: given.default if isinstance(given, Setting) else given
        for name, given in profile.settings.items()
    }
    return {**dict.fromkeys(OFFERED), **declared}


def resolve(profile: Profile, settings: Mapping[str, Given] | None = None) -> Profile:
    """Return the profile with `settings` in the places that name them: `${name}`.

    A value that is one such place takes the setting as it is; one without a value
    leaves its key out. Raises ConfigError for a setting the profile does not take,
    and for a profile that its settings make wrong.
    """
    known = settings_of(profile)
    given = dict(settings or {})
    for name in given:
        if name not in known:
            raise ConfigError(
                f"profile {safe(profile.profile)}: no setting {safe(name)}; "
                + proposal(name, list(known))
            )
    filled = {**known, **given}
    document = profile.model_dump(by_alias=True, exclude_unset=True, mode="json")
    kept = {key: document.pop(key) for key in ("settings",) if key in document}
    if filled["sheet"] is not None:
        for part in document.get("parts", {"": document}).values():
            part["read"] = {**part.get("read", {}), "sheet": filled["sheet"]}
    try:
        return Profile.model_validate_json(
            json.dumps({**_filled(document, filled), **kept}), strict=True
        )
    except ValidationError as error:
        wrong = "; ".join(dict.fromkeys(reasons(error)))
        raise ConfigError(
            f"profile {safe(profile.profile)}: its settings do not fit: {safe(wrong)}"
        ) from error


TOLD = frozenset({"title", "limits", "ignored", "traps"})
"""What a profile only tells its reader: no row becomes another one by it."""


def mapping_hash(
    profile: Profile, settings: Mapping[str, Given] | None, key_id: str
) -> str:
    """Return the hash of everything that decides what a file's rows become."""
    said = {
        "profile": profile.model_dump(
            by_alias=True, exclude_unset=True, exclude=set(TOLD), mode="json"
        ),
        "settings": {**settings_of(profile), **dict(settings or {})},
        "normalisation": NORMALISATION,
        "key": key_id,
    }
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _filled(node: Any, settings: Mapping[str, Given]) -> Any:
    if isinstance(node, dict):
        filled = {key: _filled(value, settings) for key, value in node.items()}
        return {
            key: value
            for key, value in filled.items()
            if value is not None or node[key] is None
        }
    if isinstance(node, list):
        return [_filled(value, settings) for value in node]
    if not isinstance(node, str):
        return node
    whole = MARK.fullmatch(node)
    if whole:
        return settings.get(whole[1])
    named = MARK.findall(node)
    if any(settings.get(name) is None for name in named):
        return None

    return MARK.sub(lambda found: str(settings[found[1]]), node)
