"""Every number of a scorecard can be followed to the rows it was counted on."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from cxmap.cli.words import Words
from cxmap.config import Config
from cxmap.definitions import collect
from cxmap.demo.world import write_world
from cxmap.desk.explaining import explain_any
from cxmap.intake.choosing import choose
from cxmap.intake.loading import Intake, ingest
from cxmap.keys import DEMO_SECRET, Key
from cxmap.pipeline import Request, report
from cxmap.scorecard import FrictionLine, Score, Scorecard
from cxmap.store import Store

NOW = datetime(2026, 8, 1, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")

Held = tuple[Mapping[str, pl.DataFrame], Config, Scorecard]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    folder = tmp_path_factory.mktemp("world")
    write_world(folder, people=60)
    words = Words(config_path=folder / "cxmap.yaml", now_text=NOW.isoformat())
    key = Key.create(folder / "cxmap.key", secret=DEMO_SECRET)
    store = Store.create(words.store_folder, key_id=key.key_id)
    chosen, _ = choose(words.config, [])
    ingest(store, key, words.config, Intake(tuple(chosen)), now=NOW)
    request = Request(since="2026-04", kpis=tuple(collect("kpis")))
    card = report(words.tables, words.config, request, now=NOW, zone=ZONE)

    return words.tables, words.config, card


@pytest.mark.parametrize("name", collect("kpis"))
def test_a_kpi_counts_the_rows_it_lists(held: Held, name: str) -> None:
    tables, config, card = held
    told = explain_any(
        tables, config, name, since="2026-04", until=None, now=NOW, zone=ZONE
    )
    score = next(score for score in card.scores if score.kpi == name)
    by_role = dict(told.rows.group_by("counted_as").len().iter_rows())
    counted = told.rows.filter(pl.col("counted_as") == "counted")

    assert isinstance(told.score, Score)
    assert (told.score.value, told.score.n) == (score.value, score.n)
    if not score.missing_inputs:
        assert by_role.get("counted", 0) == score.n
        assert by_role.get("pending", 0) == score.pending
        for reason, rows in score.excluded.items():
            assert by_role[f"left out: {reason}"] == rows
    if score.unit == "share":
        assert counted["value"].sum() == (score.numerator or 0)


@pytest.mark.parametrize("name", collect("kpis"))
def test_only_behind_the_repeat_rate_lies_a_curve(held: Held, name: str) -> None:
    """Of the contacts that it counts, as far as they can be watched."""
    tables, config, _ = held
    told = explain_any(
        tables, config, name, since="2026-04", until=None, now=NOW, zone=ZONE
    )
    if name != "repeat_contact_rate":
        assert told.curves == ()
        return

    whole = told.curves[0]
    ids = told.rows.filter(pl.col("counted_as") == "counted")
    contacts = tables["contacts"].join(ids, on="contact_id", how="semi")
    watched = contacts.filter(pl.col("last_touch_at") <= pl.col("horizon_at"))
    assert whole.contacts == watched.height > 0
    repeated = watched.filter(
        "repeated", pl.col("repeat_window_seconds") <= 7 * 86_400
    ).height
    assert 0 < repeated <= whole.repeats


@pytest.mark.parametrize("name", collect("frictions"))
def test_a_friction_lists_its_points(held: Held, name: str) -> None:
    tables, config, card = held
    told = explain_any(
        tables, config, name, since="2026-04", until=None, now=NOW, zone=ZONE
    )
    line = next(line for line in card.frictions if line.friction == name)

    assert isinstance(told.score, FrictionLine)
    assert told.rows.height == line.points
    assert told.rows["journey_id"].n_unique() == line.journeys
    assert told.rows["because"].null_count() == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("first_contact_resolution", "up to which every source is held"),
        ("ladder_best", "up to which every source is held"),
        ("first_response_time", "up to which its own source is held"),
        ("unanswered", "up to which its own source is held"),
        ("transfer_rate", None),
        ("abandon", None),
    ],
)
def test_it_says_up_to_when_silence_was_believed(
    held: Held, name: str, words: str | None
) -> None:
    tables, config, _ = held
    told = explain_any(
        tables, config, name, since="2026-04", until=None, now=NOW, zone=ZONE
    )

    assert told.settings.get("horizon") == words
