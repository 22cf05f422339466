"""Removing what no generation within the grace time needs."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cxmap.durable import PARTIAL, sync_folder
from cxmap.errors import VersionError
from cxmap.store.manifest import (
    DERIVED,
    PARTS,
    Manifest,
    file_name,
    generations,
    read_manifest,
)

GRACE = 3
"""How many generations stay readable, the newest included."""


def sweep(folder: Path, current: Manifest) -> None:
    """Remove old generations, and the files of none.

    Only the holder of the lock may call it. While a damaged manifest is within the
    grace, no part is removed: it may be the last trace of what was acknowledged.
    Raises OSError.
    """
    oldest = max(current.floor, current.generation - GRACE + 1)
    kept: list[Manifest | None] = []
    for generation in generations(folder):
        path = folder / file_name(generation)
        if generation < oldest:
            path.unlink(missing_ok=True)
        else:
            kept.append(_sound(path))
    # Names of old manifests must be gone for good before the files they name are.
    sync_folder(folder)
    needed = {name for manifest in kept if manifest for name, _ in manifest.files()}
    unsure = None in kept
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if path.name.endswith(PARTIAL) or (not unsure and _is_part(name, needed)):
            path.unlink(missing_ok=True)
    for below in (PARTS, DERIVED):
        sync_folder(folder / below)


def _sound(path: Path) -> Manifest | None:
    with suppress(VersionError):
        return read_manifest(path)

    return None


def _is_part(name: str, needed: set[str]) -> bool:
    return "/" in name and name not in needed


def _files(folder: Path) -> Iterator[Path]:
    yield from folder.glob(f"*{PARTIAL}")
    for below in (PARTS, DERIVED):
        yield from (folder / below).iterdir()
