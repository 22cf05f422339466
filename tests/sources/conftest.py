"""Exports written in a test's own words, read and mapped as the pipeline does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cxmap.keys import DEMO_SECRET, Key
from cxmap.sources.columns import Context
from cxmap.sources.extract import Extracted, extract
from cxmap.sources.flat import json_fields, json_lists, read_options
from cxmap.sources.fold import Folded, fold
from cxmap.sources.profile import Profile, load_profile, parts, resolve
from cxmap.sources.read import read

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = Key(DEMO_SECRET)
SHARED = Path(__file__).parents[2].parent / "shared" / "data"


@dataclass(frozen=True)
class Mapped:
    """One file's records, and the profile they were mapped by."""

    profile: Profile
    extracted: Extracted
    source: str

    @property
    def folded(self) -> Folded:
        return fold(self.extracted.tables, {self.source: self.profile})

    def contacts(self, *columns: str) -> list[tuple[Any, ...]]:
        return self.folded.contacts.select(columns).rows()

    def rejects(self) -> list[tuple[Any, ...]]:
        columns = ("row", "column", "reason", "whole_row")
        return self.extracted.tables["rejects"].select(columns).rows()

    def identifiers(self, *columns: str) -> list[tuple[Any, ...]]:
        table = self.extracted.tables["identifier_records"]
        return table.select(columns).sort(columns).rows()


Map = Callable[..., Mapped]


def mapped(
    path: Path,
    profile: str | Path,
    *,
    part: str | None = None,
    source: str = "src",
    settings: Mapping[str, Any] | None = None,
    **told: Any,
) -> Mapped:
    resolved = resolve(load_profile(profile), settings)
    chosen = part or next(iter(parts(resolved)))
    options = read_options(parts(resolved)[chosen])
    raw = read(
        path,
        options,
        fields=json_fields(parts(resolved)[chosen]),
        lists=json_lists(resolved, chosen),
    )
    context = Context(
        source=source,
        load_id=f"{path.name}-{raw.sha256[:8]}",
        file=path.name,
        pseudonyms=KEY.pseudonyms,
        **{"now": NOW, **told},
    )
    extracted = extract(raw, resolved, chosen, context)
    assert extracted.accounting.balanced
    assert extracted.accounting.records == raw.records

    return Mapped(resolved, extracted, source)


@pytest.fixture
def map_text(tmp_path: Path) -> Map:
    """Map a text as if it were an export; the profile by name, or its YAML."""
    count = iter(range(1000))

    def of(text: str, profile: str, **told: Any) -> Mapped:
        number = next(count)
        path = tmp_path / f"export{number}"
        path.write_text(text, encoding="utf-8")
        if "\n" in profile:
            written = tmp_path / f"profile{number}.yaml"
            written.write_text(profile, encoding="utf-8")
            return mapped(path, written, **told)
        return mapped(path, profile, **told)

    return of


@pytest.fixture
def shared() -> Callable[[str], Path]:
    """Return a file of the data folder beside the checkout, or skip."""

    def at(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            pytest.skip("needs the shared data folder beside the checkout")
        return path

    return at


@pytest.fixture
def map_file() -> Map:
    """Map a file where it lies."""
    return mapped


@pytest.fixture
def together() -> Callable[..., Folded]:
    """Fold what several files of one source say."""

    def of(*files: Mapped) -> Folded:
        tables = {
            name: pl.concat([file.extracted.tables[name] for file in files])
            for name in files[0].extracted.tables
        }
        return fold(tables, {files[0].source: files[0].profile})

    return of


@pytest.fixture
def pseudonym() -> Callable[[str, str], str]:
    """Return the pseudonym of a value that is in comparable form already."""
    return KEY.pseudonym
