"""The only state: immutable Parquet parts, and manifests that say which count."""

from cxmap.store.check import Finding
from cxmap.store.manifest import FORMAT, Load, Part
from cxmap.store.snapshot import Snapshot
from cxmap.store.store import Store
from cxmap.store.writer import Writer

__all__ = ["FORMAT", "Finding", "Load", "Part", "Snapshot", "Store", "Writer"]
