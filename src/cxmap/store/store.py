"""The store: one folder of immutable parts and the manifests that name them."""

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from cxmap.durable import PARTIAL, sync_folder
from cxmap.errors import KeyMismatchError, StoreError
from cxmap.store.check import Finding, check
from cxmap.store.frozen import FROZEN, keep, kept
from cxmap.store.lock import held
from cxmap.store.manifest import (
    DERIVED,
    LOCK,
    NAME,
    PARTS,
    Manifest,
    file_name,
    generations,
    newest,
    write_manifest,
)
from cxmap.store.refusing import refusing
from cxmap.store.snapshot import Snapshot
from cxmap.store.writer import Writer
from cxmap.text import safe


@dataclass(frozen=True)
class Store:
    """A folder that only its owner may enter: the only state cxmap has.

    One writer at a time; readers never wait and never see half a load. A load is
    acknowledged once its generation's manifest is on the disk.
    """

    path: Path

    @classmethod
    def exists(cls, path: Path) -> bool:
        """Tell whether the folder holds a store, sound or not."""
        with refusing(path):
            return path.is_dir() and bool(generations(path))

    @classmethod
    def open(cls, path: Path) -> "Store":
        """Return the store of a folder.

        StoreError where there is none or its newest manifest is damaged,
        VersionError where a cxmap of another format wrote it.
        """
        newest(path)

        return cls(path)

    @classmethod
    def create(cls, path: Path, *, key_id: str) -> "Store":
        """Make a store without records for pseudonyms of one key, and return it.

        Of two runs that create it at once, both get the same store. StoreError where
        the folder holds anything else, KeyMismatchError where it is a store of
        another key.
        """
        with refusing(path):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _refuse_strangers(path)
        store = cls(path)
        if not cls.exists(path):
            with held(path / LOCK, wait=timedelta(minutes=1)):
                if not cls.exists(path):
                    store._found(key_id)
        store.require_key(key_id)

        return store

    def _found(self, key_id: str) -> None:
        with refusing(self.path):
            self.path.chmod(0o700)
            for below in (PARTS, DERIVED):
                (self.path / below).mkdir(mode=0o700, exist_ok=True)
            sync_folder(self.path)
            sync_folder(self.path.parent)
            write_manifest(self.path, Manifest(generation=0, key_id=key_id))

    def require_key(self, key_id: str) -> None:
        """Raise KeyMismatchError unless the store's pseudonyms are of this key."""
        own = newest(self.path).key_id
        if own != key_id:
            raise KeyMismatchError(
                f"{safe(self.path)}: its pseudonyms were made with key {safe(own)}, "
                f"not with {safe(key_id)}; give that key, or name a new store"
            )

    def snapshot(self) -> Snapshot:
        """Return the newest generation: it stays as it is while others write."""
        return Snapshot(self.path, newest(self.path))

    @contextmanager
    def write(self, *, wait: timedelta = timedelta()) -> Iterator[Writer]:
        """Hold the store for writing: nothing counts until the writer commits.

        BusyError when another run still holds it after `wait`; StoreError where the
        disk refuses.
        """
        with held(self.path / LOCK, wait=wait):
            with refusing(self.path):
                # What a former writer renamed may not be on the disk yet, and
                # knowing it here acknowledges it.
                sync_folder(self.path)
            writer = Writer(self.path, newest(self.path))
            writer.sweep()
            try:
                yield writer
            finally:
                if writer.uncommitted:
                    with suppress(StoreError):
                        writer.sweep()

    def freeze(
        self,
        name: str,
        card: Mapping[str, Any],
        *,
        again: bool,
        wait: timedelta = timedelta(),
    ) -> bool:
        """Keep a published card under a name; tell whether it was kept.

        It was not where one of that name is kept already, unless `again`. Cards stay
        whatever becomes of the records. BusyError where another run still holds the
        store after `wait`, StoreError where the disk refuses.
        """
        with held(self.path / LOCK, wait=wait):
            return keep(self.path, name, card, again=again)

    def frozen(self) -> dict[str, dict[str, Any]]:
        """Return the published cards by name; StoreError where one is damaged."""
        found = {}
        for name, card in kept(self.path):
            if card is None:
                raise StoreError(
                    f"{safe(self.path / FROZEN / name)}.json: a damaged card; restore "
                    "it from a copy, or remove it"
                )
            found[name] = card

        return found

    def discard_unused(self) -> bool:
        """Remove a store without loads or cards that forgot nobody; tell whether.

        BusyError where another run holds it, StoreError where the disk refuses.
        """
        with held(self.path / LOCK, wait=timedelta()):
            manifest = newest(self.path)
            if manifest.loads or manifest.tombstones or any(kept(self.path)):
                return False
            with refusing(self.path):
                for generation in generations(self.path):
                    (self.path / file_name(generation)).unlink()
                shutil.rmtree(self.path)
                sync_folder(self.path.parent)

        return True

    def check(self, *, read_data: bool) -> list[Finding]:
        """Return what is wrong with the store's files; none: all is well.

        `read_data` reads every byte and finds a single flipped bit.
        """
        with refusing(self.path):
            return check(self.path, read_data=read_data)

    def info(self) -> dict[str, Any]:
        """Return what the store holds, in numbers."""
        manifest = newest(self.path)
        rows: Counter[str] = Counter()
        for part in manifest.records():
            rows[part.table] += part.rows
        loads = manifest.loads

        return {
            "format": manifest.format,
            "generation": manifest.generation,
            "key_id": manifest.key_id,
            "loads": len(loads),
            "rows": dict(sorted(rows.items())),
            "bytes": sum(part.bytes for _, part in manifest.files()),
            "oldest": min((load.since for load in loads if load.since), default=None),
            "newest": max((load.until for load in loads if load.until), default=None),
        }


def _refuse_strangers(path: Path) -> None:
    own = {LOCK, PARTS, DERIVED, FROZEN}
    if generations(path):
        return
    held_parts = any((path / PARTS).iterdir()) if (path / PARTS).is_dir() else False
    strangers = [
        one
        for one in path.iterdir()
        if one.name not in own
        and not NAME.fullmatch(one.name)
        and not one.name.endswith(PARTIAL)
    ]
    if strangers:
        raise StoreError(f"{safe(path)}: holds other files; name an empty folder")
    if held_parts:
        raise StoreError(
            f"{safe(path)}: holds parts of a store without {file_name(0)} or any "
            "later manifest; restore one from a copy, or name an empty folder"
        )
