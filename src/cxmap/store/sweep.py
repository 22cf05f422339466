"""Removing what no generation within the grace time needs."""

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
            known = generation == current.generation
            kept.append(current if known else _sound(path))
    # Names of old manifests must be gone for good before the files they name are.
    sync_folder(folder)
    needed = {name for manifest in kept if manifest for name, _ in manifest.files()}
    unsure = None in kept
    for partial in folder.glob(f"*{PARTIAL}"):
        partial.unlink(missing_ok=True)
    for below in (PARTS, DERIVED):
        for path in (folder / below).iterdir():
            unneeded = not unsure and f"{below}/{path.name}" not in needed
            if unneeded or path.suffix == PARTIAL:
                path.unlink(missing_ok=True)
        sync_folder(folder / below)


def _sound(path: Path) -> Manifest | None:
    with suppress(VersionError):
        return read_manifest(path)

    return None
