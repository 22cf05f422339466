"""Derive every table from an ingested store: `stitch.py CONFIG NOW`."""

import sys
import time
from datetime import datetime
from pathlib import Path

from cxmap.config import Config, load_config
from cxmap.pipeline import Tables, derive
from cxmap.sources.profile import load_profile, resolve
from cxmap.store import Store


def derived(config: Config, now: datetime) -> Tables:
    """Return the derived tables, computed afresh from the store."""
    snapshot = Store.open(config.store).snapshot()
    profiles = {
        name: resolve(load_profile(source.profile), source.settings)
        for name, source in config.sources.items()
        if source.profile is not None
    }
    return derive(snapshot, profiles, config, now=now)


def main() -> None:
    began = time.perf_counter()
    config = load_config(Path(sys.argv[1]))
    tables = derived(config, datetime.fromisoformat(sys.argv[2]))
    rows = {name: table.height for name, table in tables.items()}
    print(f"{time.perf_counter() - began:.2f} s", rows)


if __name__ == "__main__":
    main()
