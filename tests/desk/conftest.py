"""The demo company, ingested once for every test of the desk that asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from cxmap.cli.words import Words
from cxmap.config import Config
from cxmap.demo.world import write_world
from cxmap.intake.choosing import choose
from cxmap.intake.loading import Intake, ingest
from cxmap.keys import DEMO_SECRET, Key
from cxmap.store import Store

NOW = datetime(2026, 8, 1, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True)
class World:
    """A store and what was derived from it."""

    folder: Path
    words: Words
    now: datetime = NOW
    zone: ZoneInfo = ZONE

    @property
    def config(self) -> Config:
        return self.words.config

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        return self.words.tables


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    write_world(folder, people=60)
    words = Words(config_path=folder / "cxmap.yaml", now_text=NOW.isoformat())
    key = Key.create(folder / "cxmap.key", secret=DEMO_SECRET)
    store = Store.create(words.store_folder, key_id=key.key_id)
    chosen, _ = choose(words.config, [])
    ingest(store, key, words.config, Intake(tuple(chosen)), now=NOW)

    return World(folder, words)
