"""Derive every table from an ingested store: `stitch.py CONFIG NOW`."""

import sys
import time
from datetime import datetime
from pathlib import Path

from cxmap.config import load_config
from cxmap.pipeline import derive
from cxmap.sources.profile import load_profile, resolve
from cxmap.store import Store


def derived(config_path: Path, now: datetime) -> dict[str, int]:
    """Return the rows of each derived table, computed afresh from the store."""
    config = load_config(config_path)
    snapshot = Store.open(config.store).snapshot()
    profiles = {
        name: resolve(load_profile(source.profile), source.settings)
        for name, source in config.sources.items()
        if source.profile is not None
    }
    tables = derive(snapshot, profiles, config, now=now)

    return {name: table.height for name, table in tables.items()}


def main() -> None:
    began = time.perf_counter()
    rows = derived(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
    print(f"{time.perf_counter() - began:.2f} s", rows)


if __name__ == "__main__":
    main()
