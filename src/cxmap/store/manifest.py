"""The manifest: what one generation of the store consists of, and nothing else does."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from cxmap.durable import write_whole
from cxmap.errors import StoreError, VersionError
from cxmap.store.refusing import refusing
from cxmap.text import safe

FORMAT = 2
"""What this version reads and writes; a store of another format is refused. Rises
with every change of what is kept: parts, manifests, and how a row's content is told."""

PARTS = "parts"
DERIVED = "derived"
LOCK = "lock"

SEAL = (b'{"digest":"', b'","manifest":', b"}")
"""What stands around the digest and the body of a manifest, in every format."""

NAME = re.compile(r"manifest-(\d{10})\.json")


@dataclass(frozen=True)
class Part:
    """An immutable Parquet file of one table."""

    name: str
    """The file's name in its folder."""
    table: str
    rows: int
    sha256: str
    bytes: int
    since: datetime | None = None
    """Earliest time of its rows, where the table's rows take place at a time."""
    until: datetime | None = None
    """Latest time of its rows."""


@dataclass(frozen=True)
class Load:
    """One export as it was read once: what it was, and what of it is held."""

    load_id: str
    """Digest of content, source and mapping: see `records.load_id`."""
    source: str
    profile: str
    file: str
    """The file's name, without its folder."""
    sha256: str
    """Digest of the bytes that were parsed."""
    mapping: str
    """Hash of the resolved mapping."""
    loaded_at: datetime
    rows: Mapping[str, int]
    """What became of the rows: records, kept, filtered, rejected, forgotten …"""
    since: datetime | None
    until: datetime | None
    parts: Mapping[str, Part]
    """By table; a table without rows has no part."""


@dataclass(frozen=True)
class DerivedSet:
    """Tables computed from one state of the records under one configuration."""

    records: str
    """Fingerprint of the parts they were computed from."""
    config: str
    parts: Mapping[str, Part]


@dataclass(frozen=True)
class Manifest:
    """One generation of the store."""

    generation: int
    key_id: str
    format: int = FORMAT
    floor: int = 0
    """No generation below this may be kept: it holds a person since forgotten."""
    loads: tuple[Load, ...] = ()
    """In the order of their ids, so that the order of loading leaves no trace."""
    mappings: Mapping[str, Any] = field(default_factory=dict)
    """The resolved mappings by hash, so that the store explains itself."""
    tombstones: Part | None = None
    aliases: Part | None = None
    derived: tuple[DerivedSet, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Digest of the records' parts: what derived tables are valid for."""
        digests = sorted(part.sha256 for part in self.records())

        return sha256("\n".join(digests).encode()).hexdigest()

    def records(self) -> Iterator[Part]:
        """Yield the parts of the record tables."""
        for load in self.loads:
            yield from load.parts.values()

    def files(self) -> Iterator[tuple[str, Part]]:
        """Yield every part with the folder it lies in, as paths below the store."""
        single = (part for part in (self.tombstones, self.aliases) if part)
        for part in (*self.records(), *single):
            yield f"{PARTS}/{part.name}", part
        for derived in self.derived:
            for part in derived.parts.values():
                yield f"{DERIVED}/{part.name}", part


ADAPTER = TypeAdapter(Manifest)


def file_name(generation: int) -> str:
    """Return the name of a generation's manifest."""
    return f"manifest-{generation:010}.json"


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a generation's manifest: once this returns, the generation is there.

    Raises OSError; the generation may be there all the same.
    """
    body = json.dumps(
        ADAPTER.dump_python(manifest, mode="json"),
        sort_keys=True,
        separators=(",", ":"),
    ).encode("ascii")
    path = folder / file_name(manifest.generation)
    write_whole(path, lambda file: file.write(_sealed(body)))


def _sealed(body: bytes) -> bytes:
    digest = sha256(body).hexdigest().encode("ascii")

    return b"".join((SEAL[0], digest, SEAL[1], body, SEAL[2]))


def _unsealed(text: bytes) -> bytes | None:
    start = len(SEAL[0]) + 64 + len(SEAL[1])
    body = text[start : -len(SEAL[2])]

    return body if _sealed(body) == text else None


def read_manifest(path: Path) -> Manifest | None:
    """Return the manifest of a file; None where it is damaged.

    Every byte counts: the digest inside is that of the text. Raises OSError, and
    VersionError for a sound manifest of another format.
    """
    body = _unsealed(path.read_bytes())
    if body is None:
        return None
    try:
        manifest = ADAPTER.validate_json(body)
    except ValidationError:
        _refuse_other(_format_of(body), path.parent)
        return None
    _refuse_other(manifest.format, path.parent)

    return manifest if file_name(manifest.generation) == path.name else None


def _format_of(body: bytes) -> int:
    try:
        return int(json.loads(body)["format"])
    except (ValueError, TypeError, LookupError, RecursionError):
        return 0


def _refuse_other(found: int, folder: Path) -> None:
    if found > FORMAT:
        raise VersionError(
            f"{safe(folder)}: the store has format {found}, this cxmap reads "
            f"{FORMAT}; use the newer cxmap that wrote it"
        )
    if 0 < found < FORMAT:
        raise VersionError(
            f"{safe(folder)}: the store has format {found}, this cxmap reads "
            f"{FORMAT}; move it away and ingest the exports again"
        )


def generations(folder: Path) -> list[int]:
    """Return the generations that have a manifest file, newest first."""
    found = (NAME.fullmatch(path.name) for path in folder.iterdir())
    return sorted((int(name[1]) for name in found if name), reverse=True)


def newest(folder: Path) -> Manifest:
    """Return the newest generation's manifest.

    A manifest gets its name once it is whole on the disk, so one that is not sound is
    damage, and an older generation is never silently taken for it. StoreError where
    it is damaged, where there is none or where the folder cannot be read, VersionError
    where it is of another format.
    """
    with refusing(folder):
        found = generations(folder)
    if not found:
        raise StoreError(f"{safe(folder)}: holds no store; ingest an export first")
    path = folder / file_name(found[0])
    try:
        manifest = read_manifest(path)
    except FileNotFoundError:
        return newest(folder)
    except OSError as error:
        raise StoreError(f"{safe(path)}: {error.strerror}") from error
    if manifest is None:
        raise StoreError(f"{safe(path)}: damaged; {_way_back(folder, found[1:])}")

    return manifest


def _way_back(folder: Path, older: Sequence[int]) -> str:
    """Say what its owner can do about a damaged newest manifest."""
    for generation in older:
        with suppress(OSError, VersionError):
            if manifest := read_manifest(folder / file_name(generation)):
                return (
                    "`cxmap store check` tells what else is. Restore it from a copy, "
                    f"or remove it to go back to generation {generation}, which holds "
                    f"{len(manifest.loads)} load(s)"
                )

    return (
        "no other generation is sound. Restore the store from a copy, or remove the "
        "folder and ingest the exports again"
    )
