"""The writer: it brings loads into the store, one generation a commit."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from cxmap import tables
from cxmap.durable import sync_folder
from cxmap.errors import StoreError
from cxmap.records import load_id
from cxmap.store import forgetting
from cxmap.store.forgetting import Forgotten
from cxmap.store.loads import accounted, content, labelled, new_load
from cxmap.store.manifest import (
    DERIVED,
    PARTS,
    DerivedSet,
    Load,
    Manifest,
    Part,
    write_manifest,
)
from cxmap.store.parts import write_part
from cxmap.store.refusing import refusing
from cxmap.store.snapshot import Snapshot
from cxmap.store.sweep import sweep

KEPT_CONFIGS = 3
"""For how many configurations the derived tables are kept."""


class Writer:
    """The one that holds the lock: what it adds is seen by all after `commit`.

    Any error leaves the store as it was, or as committed: open it again, and the
    ledger of loads (`known`) tells which.
    """

    def __init__(self, path: Path, newest: Manifest) -> None:
        self._path = path
        self._newest = newest
        self._pending = newest

    @property
    def snapshot(self) -> Snapshot:
        """What the writer started from; after a commit, what it committed."""
        return Snapshot(self._path, self._newest)

    def pending(self) -> Snapshot:
        """Return the generation as it would be committed now.

        Only this writer sees it: so that tables can be derived from new records and
        be committed together with them.
        """
        manifest = replace(self._pending, generation=self._newest.generation + 1)

        return Snapshot(self._path, manifest)

    def known(self, sha256: str, source: str, mapping: str) -> Load | None:
        """Return the load of these bytes as this source under this mapping, if held.

        As `Snapshot.known`, over what is held and what was added since.
        """
        return self.pending().known(sha256, source, mapping)

    def replaced(self, sha256: str, source: str) -> list[Load]:
        """Return the loads of these bytes as this source, under whatever mapping.

        Adding the same bytes under another mapping takes their place.
        """
        return [
            load
            for load in self._loads
            if (load.sha256, load.source) == (sha256, source)
        ]

    @property
    def _loads(self) -> tuple[Load, ...]:
        return self._pending.loads

    def add(
        self,
        frames: Mapping[str, pl.DataFrame],
        *,
        source: str,
        profile: str,
        file: str,
        sha256: str,
        mapping: str,
        resolved: Mapping[str, Any],
        loaded_at: datetime,
        rows: Mapping[str, int],
    ) -> Load:
        """Write the records of one export and return its load.

        `frames` holds record tables; `mapping` is the hash of the `resolved` mapping;
        `rows` is the accounting. The column `load_id` is filled here. Records of
        forgotten people are left out and counted in `rows` as `forgotten` instead of
        `kept`. A load that is known already is returned as it is; one of the same
        bytes and source under another mapping is replaced.
        """
        if load := self.known(sha256, source, mapping):
            return load
        name = load_id(sha256, source, mapping)
        named = {table: labelled(frame, table, name) for table, frame in frames.items()}
        kept, dropped = self._without_forgotten(named)
        load = new_load(
            self._write(name, kept),
            load_id=name,
            source=source,
            profile=profile,
            file=Path(file).name,
            sha256=sha256,
            mapping=mapping,
            loaded_at=loaded_at,
            rows=accounted(rows, dropped),
        )
        self._replace(load, self.replaced(sha256, source))
        resolved_mappings = {**self._pending.mappings, mapping: dict(resolved)}
        self._pending = replace(self._pending, mappings=resolved_mappings)

        return load

    def _write(
        self, prefix: str, frames: Mapping[str, pl.DataFrame]
    ) -> dict[str, Part]:
        return {
            table: write_part(self._path / PARTS, prefix, table, rows)
            for table, rows in frames.items()
            if not rows.is_empty()
        }

    def _replace(self, load: Load, earlier: Iterable[Load]) -> None:
        gone = {load.load_id, *(one.load_id for one in earlier)}
        others = [one for one in self._loads if one.load_id not in gone]
        loads = tuple(sorted([*others, load], key=lambda one: one.load_id))
        self._pending = replace(self._pending, loads=loads)

    def _without_forgotten(
        self, frames: Mapping[str, pl.DataFrame]
    ) -> tuple[Mapping[str, pl.DataFrame], int]:
        tombstones = self.pending().tombstones()
        forgotten = forgetting.find(
            frames.get("identifier_records", tables.empty("identifier_records")),
            frames.get("identity_link_records", tables.empty("identity_link_records")),
            tombstones,
        )
        if forgotten.nobody:
            return frames, 0

        return _stripped(frames, forgotten)

    def bury(self, pseudonyms: Iterable[str], at: datetime) -> int:
        """Forget people by their identifiers' pseudonyms; return the rows removed.

        Every part is rewritten without the records of theirs that took place up to
        `at`, and what later exports bring of that time stays out. The commit removes
        every earlier generation and derived table: readers of those end with
        BusyError.
        """
        snapshot = self.pending()
        tombstones = forgetting.merged(
            [snapshot.tombstones(), forgetting.tombstone(pseudonyms, at)]
        )
        forgotten = forgetting.find(
            snapshot.collect(snapshot.records("identifier_records")),
            snapshot.collect(snapshot.records("identity_link_records")),
            tombstones,
        )
        removed = 0 if forgotten.nobody else self._strip_loads(forgotten)
        part = write_part(self._path / PARTS, "people", "tombstones", tombstones)
        self._pending = replace(
            self._pending,
            tombstones=part,
            floor=self._newest.generation + 1,
            derived=(),
        )

        return removed

    def _strip_loads(self, forgotten: Forgotten) -> int:
        removed = 0
        for load in self._loads:
            frames = {table: self._rows_of(load, table) for table in load.parts}
            kept, dropped = _stripped(frames, forgotten)
            if dropped:
                parts = self._write(load.load_id, kept)
                rows = accounted(load.rows, dropped)
                self._replace(replace(load, rows=rows, **content(parts)), [])
                removed += dropped

        return removed

    def _rows_of(self, load: Load, table: str) -> pl.DataFrame:
        alone = replace(self._pending, loads=(load,))
        snapshot = Snapshot(self._path, alone)

        return snapshot.collect(snapshot.records(table))

    def alias(self, aliases: pl.DataFrame) -> None:
        """Add rows to `aliases`; a missing generation is the one to be committed."""
        generation = self._newest.generation + 1
        added = tables.conform(aliases, "aliases").with_columns(
            pl.col("generation").fill_null(generation)
        )
        known = self.pending().aliases()
        together = pl.concat([known, added]).unique(
            subset=["kind", "old_id", "new_id"], keep="first", maintain_order=True
        )
        if together.height == known.height:
            return
        part = write_part(
            self._path / PARTS, "ids", "aliases", together.sort(together.columns)
        )
        self._pending = replace(self._pending, aliases=part)

    def put_derived(
        self, config_hash: str, derived: Mapping[str, pl.DataFrame]
    ) -> None:
        """Keep tables computed from the pending records under a configuration.

        They are read back only for exactly these records and this configuration;
        what was kept for these before is replaced.
        """
        prefix = "".join(filter(str.isalnum, config_hash))[:16]
        parts = {
            table: write_part(
                self._path / DERIVED, prefix, table, tables.conform(rows, table)
            )
            for table, rows in derived.items()
        }
        fresh = DerivedSet(self._pending.fingerprint, config_hash, parts)
        others = [one for one in self._pending.derived if one.config != config_hash]
        kept = (*others, fresh)[-KEPT_CONFIGS:]
        self._pending = replace(self._pending, derived=kept)

    def commit(self) -> Snapshot:
        """Make everything since the last commit the next generation.

        When this returns it is on the disk. Nothing to commit is no new generation.
        StoreError where the disk refuses: the generation may be there all the same.
        Old generations are removed; that they are is promised only after `bury`.
        """
        if not self.uncommitted:
            return self.snapshot
        manifest = _tidied(self._pending, self._newest.generation + 1)
        with refusing(self._path):
            sync_folder(self._path / PARTS)
            sync_folder(self._path / DERIVED)
            write_manifest(self._path, manifest)
        forgot = manifest.floor > self._newest.floor
        self._newest = manifest
        self._pending = manifest
        with suppress(*() if forgot else (StoreError,)):
            self.sweep()

        return self.snapshot

    @property
    def uncommitted(self) -> bool:
        """Whether there is anything that `commit` would write."""
        return self._pending != self._newest

    def sweep(self) -> None:
        """Remove what crashed or former writers left and no generation needs.

        StoreError where the disk refuses.
        """
        with refusing(self._path):
            sweep(self._path, self._newest)


def _stripped(
    frames: Mapping[str, pl.DataFrame], forgotten: Forgotten
) -> tuple[dict[str, pl.DataFrame], int]:
    kept = {
        table: forgetting.without(rows, forgotten) for table, rows in frames.items()
    }

    return kept, forgetting.rows_named(frames) - forgetting.rows_named(kept)


def _tidied(pending: Manifest, generation: int) -> Manifest:
    used = {load.mapping for load in pending.loads}
    mappings = {name: one for name, one in pending.mappings.items() if name in used}
    fingerprint = pending.fingerprint
    derived = tuple(one for one in pending.derived if one.records == fingerprint)

    return replace(pending, generation=generation, mappings=mappings, derived=derived)
