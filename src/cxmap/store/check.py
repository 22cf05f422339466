"""The check: is everything the store's manifests promise there, to the last byte?"""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cxmap.errors import VersionError
from cxmap.store.frozen import FROZEN, damaged
from cxmap.store.manifest import (
    DERIVED,
    PARTS,
    Manifest,
    Part,
    file_name,
    generations,
    read_manifest,
)
from cxmap.store.parts import digest_of


@dataclass(frozen=True)
class Finding:
    """Something wrong with one file of the store."""

    file: str
    """The file's path below the store; `.` is the store itself."""
    problem: str


def check(folder: Path, *, read_data: bool) -> list[Finding]:
    """Return what is wrong with the manifests and the files they name.

    `read_data` reads every byte; without it a file is judged by its size. What a
    crash left and the next writer removes is no finding. Raises OSError.
    """
    findings = [
        Finding(name, "missing folder")
        for name in (PARTS, DERIVED)
        if not (folder / name).is_dir()
    ]
    findings += _open_to_others(folder)
    parts: dict[str, Part] = {}
    for generation in generations(folder):
        manifest = _sound(folder / file_name(generation))
        if manifest is None:
            findings.append(Finding(file_name(generation), "damaged manifest"))
        else:
            parts |= dict(manifest.files())
    for name, part in sorted(parts.items()):
        problem = _problem(folder / name, part, read_data=read_data)
        if problem:
            findings.append(Finding(name, problem))

    return [*findings, *(Finding(*one) for one in damaged(folder))]


def _sound(path: Path) -> Manifest | None:
    try:
        return read_manifest(path)
    except VersionError:
        return None


def _problem(path: Path, part: Part, *, read_data: bool) -> str | None:
    if not path.is_file():
        return "missing"
    if path.stat().st_size != part.bytes:
        return "not the size the manifest says"
    if read_data and digest_of(path) != part.sha256:
        return "not the bytes the manifest says"

    return None


def _open_to_others(folder: Path) -> Iterator[Finding]:
    below = [f for name in (PARTS, DERIVED, FROZEN) if (f := folder / name).is_dir()]
    inside = (path for each in (folder, *below) for path in each.iterdir())
    for path in (folder, *sorted({*below, *inside})):
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            name = path.relative_to(folder).as_posix()
            yield Finding(name, "open to others; take their rights away")
