"""The promises of the whole: any order, any split, any bucket gives the same."""

import importlib
import math
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import fmean
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cxmap import pipeline
from cxmap.cli.words import Words
from cxmap.config import Config
from cxmap.demo.world import write_world
from cxmap.desk.explaining import explain_any
from cxmap.engines.local import cut
from cxmap.importreport import ImportReport
from cxmap.intake.choosing import choose, profiles_of
from cxmap.intake.loading import Intake, ingest
from cxmap.keys import DEMO_SECRET, Key
from cxmap.pipeline import Request, derive, report, tables_of
from cxmap.store import Store
from cxmap.views.render import render

NOW = datetime(2026, 8, 1, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True)
class House:
    """A store filled in one way."""

    store: Store
    config: Config
    reports: tuple[ImportReport, ...]

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        snapshot = self.store.snapshot()
        profiles = profiles_of(snapshot, self.config)
        return tables_of(snapshot, profiles, self.config, now=NOW)

    @property
    def card(self) -> str:
        request = Request(since="2026-04", by=("channel",))
        card = report(self.tables, self.config, request, now=NOW, zone=ZONE)
        return str(render(card, "json"))


def filled(folder: Path, rounds: Sequence[Sequence[str]], config: Config) -> House:
    """Ingest rounds of files, one run of `ingest` after the other."""
    folder.mkdir(parents=True, exist_ok=True)
    key = Key.create(folder / "cxmap.key", secret=DEMO_SECRET)
    store = Store.create(folder / ".cxmap", key_id=key.key_id)
    reports = []
    for files in rounds:
        chosen, _ = choose(config, list(files))
        done = ingest(store, key, config, Intake(tuple(chosen)), now=NOW)
        reports.append(done.report)

    return House(store, config, tuple(reports))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    write_world(folder, people=60)
    return folder


@pytest.fixture(scope="module")
def config(world: Path) -> Config:
    return Words(config_path=world / "cxmap.yaml").config


def exports(world: Path) -> list[str]:
    files = (path for path in world.glob("*/*") if path.parent.name != "truth")
    return sorted(str(path) for path in files)


@pytest.fixture(scope="module")
def house(
    world: Path, config: Config, tmp_path_factory: pytest.TempPathFactory
) -> House:
    return filled(tmp_path_factory.mktemp("whole"), [exports(world)], config)


def same(one: House, other: House) -> None:
    """The same content, the same tables, the same scorecard to the byte."""
    assert one.store.snapshot().content_digest() == (
        other.store.snapshot().content_digest()
    )
    for name, table in one.tables.items():
        columns = table.columns
        assert_frame_equal(
            table.sort(columns), other.tables[name].sort(columns), check_exact=True
        )
    assert one.card == other.card


def test_every_row_of_every_export_is_accounted_for(house: House) -> None:
    for file in house.reports[0].files:
        assert file.state == "loaded", file
        assert file.balanced, file
        assert file.records > 0


def test_a_second_run_changes_nothing(
    world: Path, config: Config, house: House, tmp_path: Path
) -> None:
    twice = filled(tmp_path, [exports(world), exports(world)], config)

    assert {file.state for file in twice.reports[1].files} == {"known"}
    assert twice.store.snapshot().generation == 1
    same(twice, house)


@pytest.mark.parametrize("seed", [1])
def test_files_in_any_order_and_any_rounds_give_the_same(
    world: Path, config: Config, house: House, tmp_path: Path, seed: int
) -> None:
    files = exports(world)
    random.Random(seed).shuffle(files)  # noqa: S311
    half = len(files) // 2

    same(filled(tmp_path, [files[:half], files[half:]], config), house)


def test_split_and_overlapping_files_give_the_same(
    world: Path, config: Config, house: House, tmp_path: Path
) -> None:
    """Every export of lines comes as two files that share some of their lines.

    The beginnings come first, then the ends; what was not cut comes last.
    """
    folder = tmp_path / "cut"
    rounds: list[list[str]] = [[], []]
    for path in map(Path, exports(world)):
        lines = path.read_bytes().splitlines(keepends=True)
        if path.suffix not in (".ndjson", "", ".1") or len(lines) < 4:
            rounds[0].append(str(path))
            continue
        middle, shared = len(lines) // 2, max(1, len(lines) // 10)
        for turn, piece in enumerate((lines[middle:], lines[: middle + shared])):
            target = folder / str(turn) / path.parent.name / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(b"".join(piece))
            rounds[turn].append(str(target))

    same(filled_by_name(tmp_path / "house", rounds[::-1], config), house)


def filled_by_name(
    folder: Path, rounds: Sequence[Sequence[str]], config: Config
) -> House:
    """Like `filled`; a file belongs to the source of the folder it lies in."""
    folder.mkdir(parents=True, exist_ok=True)
    key = Key.create(folder / "cxmap.key", secret=DEMO_SECRET)
    store = Store.create(folder / ".cxmap", key_id=key.key_id)
    for files in rounds:
        by_source: dict[str, list[str]] = {}
        for path in files:
            by_source.setdefault(Path(path).parent.name, []).append(path)
        chosen = [
            one
            for source, paths in sorted(by_source.items())
            for one in choose(config, paths, named=source)[0]
        ]
        ingest(store, key, config, Intake(tuple(chosen)), now=NOW)

    return House(store, config, ())


def test_any_buckets_give_the_same_tables_and_scorecard(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = house.store.snapshot()
    profiles = profiles_of(snapshot, house.config)
    request = Request(since="2026-04", by=("channel", "topic"))
    whole = derive(snapshot, profiles, house.config, now=NOW)
    card = report(whole, house.config, request, now=NOW, zone=ZONE)

    monkeypatch.setattr(pipeline, "cut", partial(cut, at_most=17))
    parted = derive(snapshot, profiles, house.config, now=NOW)
    for name, table in whole.items():
        columns = table.columns
        assert_frame_equal(table.sort(columns), parted[name].sort(columns))
    again = report(parted, house.config, request, now=NOW, zone=ZONE)
    assert render(again, "json") == render(card, "json")


def test_what_ingest_left_is_what_a_reader_would_compute(house: House) -> None:
    snapshot = house.store.snapshot()
    profiles = profiles_of(snapshot, house.config)
    fresh = derive(snapshot, profiles, house.config, now=NOW)

    for name, stored in house.tables.items():
        columns = stored.columns
        assert_frame_equal(stored.sort(columns), fresh[name].sort(columns))


def test_a_reader_with_other_rules_computes_in_memory(
    house: House, world: Path
) -> None:
    text = (world / "cxmap.yaml").read_text("utf-8")
    other = world / "loose.yaml"
    other.write_text(f"{text}\nlinks: {{same_topic: 1h, unknown_topic: off}}\n")
    config = Words(config_path=other).config
    snapshot = house.store.snapshot()
    tables = tables_of(snapshot, profiles_of(snapshot, config), config, now=NOW)

    assert tables["journeys"].height > house.tables["journeys"].height
    assert house.store.snapshot().generation == snapshot.generation


def test_a_run_before_the_last_record_leaves_nothing_that_later_ones_believe(
    world: Path, config: Config, house: House, tmp_path: Path
) -> None:
    """A clock that was wrong once must not be believed ever after."""
    key = Key.create(tmp_path / "cxmap.key", secret=DEMO_SECRET)
    store = Store.create(tmp_path / ".cxmap", key_id=key.key_id)
    chosen, _ = choose(config, exports(world))
    early = datetime(2026, 5, 20, tzinfo=UTC)
    ingest(store, key, config, Intake(tuple(chosen)), now=early)
    held = House(store, config, ())

    assert store.snapshot().derived("contacts", config.hash) is None
    late = held.tables["contacts"]["started_at"].max()
    assert isinstance(late, datetime)
    assert late > early


def test_nothing_after_now_is_known(house: House) -> None:
    early = datetime(2026, 3, 1, tzinfo=UTC)
    snapshot = house.store.snapshot()
    profiles = profiles_of(snapshot, house.config)
    tables = tables_of(snapshot, profiles, house.config, now=early)

    assert 0 < tables["contacts"].height < house.tables["contacts"].height
    last = tables["contacts"]["started_at"].max()
    assert isinstance(last, datetime)
    assert last <= early


PLUGGED_KPI = '''"""Journeys longer than usual."""

import polars as pl

from cxmap.definitions import baseline, kpi
from cxmap.measures import mean, share


@baseline(over="journeys", by=("first_channel_group",))
def usual_length():
    """How many contacts a need that begins on such a channel takes."""
    return mean(pl.col("contacts"))


@kpi(over="journeys", unit="share", better="lower", section="routing",
     needs=("usual_length",))
def longer_than_usual():
    """Needs that took more contacts than those like them do."""
    return share(pl.col("contacts") > pl.col("baseline_usual_length"))
'''

PLUGGED_FRICTION = '''"""Waits longer than nine of ten."""

import polars as pl

from cxmap.definitions import baseline, friction
from cxmap.measures import p90


@baseline(over="steps", by=("channel",))
def slowest_tenth():
    """Nine of ten contacts on a channel have waited no longer."""
    return p90(pl.col("queue_seconds"))


@friction(because="waited {queue_seconds}", needs=("slowest_tenth",))
def slow_for_its_channel():
    """The customer waits longer than nine of ten on the channel."""
    return pl.col("queue_seconds") > pl.col("baseline_slowest_tenth")
'''


@pytest.fixture
def plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A KPI and a friction in their rooms that need baselines."""
    rooms = {"kpis": PLUGGED_KPI, "frictions": PLUGGED_FRICTION}
    for name, text in rooms.items():
        package = importlib.import_module(f"cxmap.{name}")
        folder = tmp_path / name
        folder.mkdir()
        (folder / "plugged.py").write_text(text)
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    yield
    for name in rooms:
        sys.modules.pop(f"cxmap.{name}.plugged", None)
        vars(importlib.import_module(f"cxmap.{name}")).pop("plugged", None)


@pytest.mark.usefixtures("plugged")
def test_what_needs_a_baseline_is_judged_by_everything_held(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = house.store.snapshot()
    profiles = profiles_of(snapshot, house.config)
    request = Request(since="2026-04", kpis=("longer_than_usual",))
    monkeypatch.setattr(pipeline, "cut", partial(cut, at_most=17))

    tables = derive(snapshot, profiles, house.config, now=NOW)
    [score] = report(tables, house.config, request, now=NOW, zone=ZONE).scores
    told = explain_any(
        tables,
        house.config,
        "longer_than_usual",
        since="2026-04",
        until=None,
        now=NOW,
        zone=ZONE,
    )

    contacts = [
        row
        for row in tables["contacts"].to_dicts()
        if row["inbound"] and row["queue_seconds"] is not None
    ]
    waits: dict[str, list[int]] = {}
    for row in contacts:
        waits.setdefault(row["channel"], []).append(row["queue_seconds"])
    slow = {
        channel: sorted(found)[math.ceil(0.9 * len(found)) - 1]
        for channel, found in waits.items()
    }
    points = tables["points"].filter(friction="slow_for_its_channel")
    assert sorted(points["contact_id"]) == sorted(
        row["contact_id"]
        for row in contacts
        if row["queue_seconds"] > slow[row["channel"]]
    )
    assert points.height > 0

    journeys = tables["journeys"].to_dicts()
    lengths: dict[str, list[int]] = {}
    for row in journeys:
        lengths.setdefault(row["first_channel_group"], []).append(row["contacts"])
    since, until = (datetime(2026, month, 1, tzinfo=ZONE) for month in (4, 5))
    began = [row for row in journeys if since <= row["started_at"] < until]
    longer = [
        row
        for row in began
        if row["contacts"] > fmean(lengths[row["first_channel_group"]])
    ]
    assert (score.numerator, score.n) == (len(longer), len(began))
    assert told.rows["value"].sum() == len(longer) > 0
