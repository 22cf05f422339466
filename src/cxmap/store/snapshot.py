"""A snapshot: one generation of the store, read while others may be written."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import polars as pl

from cxmap import tables
from cxmap.errors import BusyError, StoreError
from cxmap.records import KEY, latest, load_id
from cxmap.store.manifest import (
    DERIVED,
    PARTS,
    Load,
    Manifest,
    Part,
    newest,
)
from cxmap.store.parts import scan_parts
from cxmap.store.refusing import refusing
from cxmap.text import safe

VERSIONED = tuple(
    table
    for table, columns in tables.RECORD_TABLES.items()
    if {*KEY, "version_at"} <= set(columns)
)
"""The record tables whose rows have versions."""

COMPARED = (*KEY, "version_at", "version_no", "content")


@dataclass(frozen=True)
class Snapshot:
    """Everything the store held when it was opened: it never changes.

    Later writers leave its files alone for a few generations; if they are gone all
    the same (someone was forgotten, or the reader was slow), reading ends with
    BusyError: open the store again.
    """

    path: Path
    manifest: Manifest

    @property
    def generation(self) -> int:
        """The generation's number; every commit has a greater one."""
        return self.manifest.generation

    @property
    def key_id(self) -> str:
        """Which key the pseudonyms were made with."""
        return self.manifest.key_id

    @property
    def loads(self) -> tuple[Load, ...]:
        """The exports the records came from."""
        return self.manifest.loads

    @property
    def mappings(self) -> Mapping[str, Any]:
        """The resolved mappings the exports were read by, by hash."""
        return self.manifest.mappings

    def known(self, sha256: str, source: str, mapping: str) -> Load | None:
        """Return the load of these bytes as this source under this mapping, if held.

        Held means there is nothing to do: reading it again would change nothing.
        """
        name = load_id(sha256, source, mapping)

        return next((load for load in self.loads if load.load_id == name), None)

    def records(self, table: str) -> pl.LazyFrame:
        """Return every stored row of a record table, superseded ones included.

        The order of ingesting leaves no trace in the order of rows. Collect it with
        `collect`, which knows why a file may be gone.
        """
        parts = [load.parts[table] for load in self.loads if table in load.parts]

        return self._scan(PARTS, table, parts)

    def tombstones(self) -> pl.DataFrame:
        """Return `tombstones`: whom the store must not hold, and up to when."""
        return self._single("tombstones", self.manifest.tombstones)

    def aliases(self) -> pl.DataFrame:
        """Return `aliases`: ids that later data superseded."""
        return self._single("aliases", self.manifest.aliases)

    def derived(self, table: str, config_hash: str) -> pl.DataFrame | None:
        """Return a derived table as it was written for these records and config.

        None where it was not, or cannot be read: then it is computed again.
        """
        part = self._derived_part(table, config_hash)
        if part is None:
            return None
        try:
            return self.collect(self._scan(DERIVED, table, [part]))
        except (StoreError, BusyError):
            return None

    def collect(self, frame: pl.LazyFrame) -> pl.DataFrame:
        """Return the rows of a frame that was built on this snapshot.

        BusyError where files are gone because the store has moved on, StoreError
        where they are damaged. Neither quotes data.
        """
        try:
            with refusing(self.path):
                return frame.collect()
        except StoreError:
            self._expect(name for name, _ in self.manifest.files())
            raise

    def content_digest(self) -> str:
        """Return a digest of the latest records.

        Equal content gives an equal digest, in whatever files, overlaps and order it
        came; superseded versions, loads and row numbers leave no trace.
        """
        digest = hashlib.sha256()
        for table in VERSIONED:
            compared = (
                latest(self.records(table))
                .select(COMPARED)
                .unique()
                .sort(COMPARED)
                .with_columns(pl.col("version_at").dt.epoch("us"))
            )
            digest.update(f"{table}\n".encode())
            self.collect(compared).write_ndjson(cast(IO[bytes], _Digesting(digest)))

        return digest.hexdigest()

    def _scan(self, folder: str, table: str, parts: list[Part]) -> pl.LazyFrame:
        self._expect(f"{folder}/{part.name}" for part in parts)

        return scan_parts(self.path / folder, table, parts)

    def _expect(self, names: Iterable[str]) -> None:
        missing = [name for name in names if not (self.path / name).exists()]
        if not missing:
            return
        if newest(self.path).generation > self.generation:
            raise BusyError(
                f"{safe(self.path)}: the store has moved on since it was opened; "
                "run again"
            )
        raise StoreError(
            f"{safe(self.path)}: {len(missing)} of its files are missing, such as "
            f"{missing[0]}; restore them from a copy, or ingest the exports again "
            "into a new store"
        )

    def _single(self, table: str, part: Part | None) -> pl.DataFrame:
        return self.collect(self._scan(PARTS, table, [part] if part else []))

    def _derived_part(self, table: str, config_hash: str) -> Part | None:
        fingerprint = self.manifest.fingerprint
        for derived in self.manifest.derived:
            if (derived.records, derived.config) == (fingerprint, config_hash):
                return derived.parts.get(table)

        return None


@dataclass(frozen=True)
class _Digesting:
    """A file that keeps nothing but the digest of what is written to it."""

    digest: "hashlib._Hash"

    def write(self, text: bytes) -> int:
        self.digest.update(text)
        return len(text)

    def flush(self) -> None:
        pass
