"""Which exports belong together, so that one source reads them all."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from cxmap.errors import CxmapError
from cxmap.sources.profile import Profile, parts, shipped_profiles
from cxmap.sources.read import Limits
from cxmap.sources.reading.archives import members, split
from cxmap.sources.reading.files import content_digest

GENERIC = "generic_"
"""How the profiles begin that fit any system's files."""

SUFFIX = re.compile(r"\.[a-z]\w{0,7}(\.gz)?$", re.IGNORECASE)
TURN = re.compile(
    r"(\(\d+\)|\d+|(?<![a-z])(copy|kopie)|[\s._-]+)$",
    re.IGNORECASE,
)
"""What tells one month's file from the next, or a copy from its original."""


@dataclass(frozen=True)
class Recognised:
    """An export, and what it was recognised as."""

    path: Path
    profile: str
    header: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """Exports that one source reads."""

    profile: Profile
    files: tuple[Path, ...]

    @property
    def generic(self) -> bool:
        """Whether the profile says nothing of the system."""
        return self.profile.profile.startswith(GENERIC)

    @property
    def names(self) -> tuple[str, ...]:
        """What the source may be called, the best first."""
        best = stem(self.files[0]) if self.generic else self.profile.system
        return plain(best or self.profile.profile), plain(self.profile.profile)


def stem(path: Path) -> str:
    """Return a file's name without what changes from one delivery to the next.

    Suffix, dates, numbers and the marks of a copy go; nothing may be left.
    """
    rest = SUFFIX.sub("", path.name)
    while (shorter := TURN.sub("", rest)) != rest:
        rest = shorter

    return rest


def without_copies(paths: Iterable[Path]) -> tuple[list[Path], dict[Path, Path]]:
    """Return the files that differ in content, and each copy with its original.

    A gzip file is a copy of what it unpacks to. A file that cannot be read is its
    own.
    """
    first: dict[str, Path] = {}
    kept, copies = [], {}
    for path in paths:
        try:
            original = first.setdefault(content_digest(path), path)
        except CxmapError:
            original = path
        if original == path:
            kept.append(path)
        else:
            copies[path] = original

    return kept, copies


def grouped(exports: Sequence[Recognised]) -> dict[str, Group]:
    """Return the sources that exports make, by a name of their own.

    Files of one profile are one source; those of a generic profile are it only if
    they share folder, header and stem.
    """
    together: dict[tuple[object, ...], list[Path]] = {}
    for one in exports:
        generic = one.profile.startswith(GENERIC)
        alike = (one.path.parent, one.header, stem(one.path).casefold())
        key = (one.profile, *(alike if generic else ()))
        together.setdefault(key, []).append(one.path)
    profiles = shipped_profiles()
    groups = [
        Group(profiles[str(key[0])], tuple(files)) for key, files in together.items()
    ]

    return _named(groups)


def _named(groups: Sequence[Group]) -> dict[str, Group]:
    """Name every group; of several of one system the one of most parts bears its name.

    Vendors come before generic files, so that those never take a system's name.
    """
    order = sorted(
        groups,
        key=lambda one: (
            one.generic,
            -len(parts(one.profile)),
            one.profile.profile,
            one.files,
        ),
    )
    named: dict[str, Group] = {}
    for group in order:
        first, second = group.names
        again = (f"{first}_{number}" for number in range(2, len(groups) + 2))
        wanted = (first, *again) if group.generic else (first, second, *again)
        name = next(one for one in wanted if one not in named)
        named[name] = group

    return named


def patterns(files: Sequence[Path], harmless: Iterable[Path] = ()) -> list[Path]:
    """Return how a config names files: one pattern for those of a stem, if it can.

    A pattern is used only where everything it matches today is one of its files, or
    one of the `harmless`; an archive only where all that it holds is.
    """
    alike: dict[tuple[Path, str], list[Path]] = {}
    packed: dict[Path, list[Path]] = {}
    for file in files:
        inside = split(file)
        if inside is None:
            alike.setdefault((file.parent, stem(file)), []).append(file)
        else:
            packed.setdefault(inside[0], []).append(file)
    spare = set(harmless)
    named: list[Path] = []
    for archive, some in packed.items():
        whole = set(members(archive, Limits())) <= {*some, *spare}
        named += [archive] if whole else some
    for (folder, start), some in alike.items():
        pattern = _pattern(start, [file.name for file in some])
        fits = len(some) > 1 and not set("*?[") & set(start)
        sound = fits and set(folder.glob(pattern)) <= {*some, *spare}
        named += [folder / pattern] if sound else some

    return named


def _pattern(start: str, names: Sequence[str]) -> str:
    """Return a pattern of names that all begin with `start`."""
    rest = _shared([name.removeprefix(start) for name in names])
    joint = rest[: len(rest) - len(rest.lstrip(" _-"))]
    found = (SUFFIX.search(name) for name in names)
    suffixes = {match[0] if match else "" for match in found}
    end = _shared(list(suffixes)) + ("*" if len(suffixes) > 1 else "")

    return f"{start}{joint}*{end}"


def _shared(texts: Sequence[str]) -> str:
    """Return what all the texts begin with."""
    columns = zip(*texts, strict=False)
    alike = takewhile(lambda column: len(set(column)) == 1, columns)

    return "".join(column[0] for column in alike)


def plain(name: str) -> str:
    """Return a name that a source can bear."""
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_") or "source"
