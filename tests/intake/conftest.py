"""Exports written by hand, taken into a store of their own."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cxmap.config import Config, load_config
from cxmap.importreport import ImportReport
from cxmap.intake.choosing import choose
from cxmap.intake.loading import Intake, ingest
from cxmap.keys import Key
from cxmap.store import Store

NOW = datetime(2026, 8, 1, tzinfo=UTC)
KEY = Key(bytes(32))

Report = Callable[..., ImportReport]


def ingested(
    folder: Path, config: Config, paths: Sequence[Path], *, now: datetime = NOW
) -> ImportReport:
    """Take exports (none: the config's) into the store of a folder, a new one."""
    held = Store.exists(folder / "store")
    store = (
        Store.open(folder / "store")
        if held
        else Store.create(folder / "store", key_id=KEY.key_id)
    )
    chosen, unmatched = choose(config, [str(path) for path in paths])
    intake = Intake(tuple(chosen), tuple(unmatched))

    return ingest(store, KEY, config, intake, now=now).report


@pytest.fixture(scope="session")
def ingesting() -> Report:
    """Return the function that takes exports into the store of a folder."""
    return ingested


@pytest.fixture
def report_on(tmp_path: Path) -> Report:
    """Return a function that ingests texts as files, by name; None: no config."""

    def report(
        files: dict[str, str], config: str | None = "{}", *, now: datetime = NOW
    ) -> ImportReport:
        paths = []
        for name, text in files.items():
            paths.append(tmp_path / name)
            paths[-1].write_text(text, encoding="utf-8")
        settings = tmp_path / "cxmap.yaml"
        if config is None:
            return ingested(tmp_path, load_config(None), paths, now=now)
        settings.write_text(config, encoding="utf-8")
        return ingested(tmp_path, load_config(settings), paths, now=now)

    return report
