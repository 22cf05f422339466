"""What other settings would make of a scorecard is what they do make of it."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from cxmap.cli.words import Words
from cxmap.config import Config, read_config
from cxmap.definitions import collect
from cxmap.demo.world import write_world
from cxmap.desk.sensitivity import explained, varied, with_sensitivity
from cxmap.errors import UsageError
from cxmap.intake.choosing import choose
from cxmap.intake.loading import Intake, ingest
from cxmap.keys import DEMO_SECRET, Key
from cxmap.options import Window, write_duration
from cxmap.pipeline import Request, report
from cxmap.scorecard import Score, Scorecard, Variation
from cxmap.store import Store

NOW = datetime(2026, 8, 1, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")

OWN = """
links:
  same_topic: {within: 6d, channel_groups: {written: 12d}}
  unknown_topic: {within: 60h, after_resolved: 10h}
  retry: 90m
  farthest: 80d
repeat:
  within: 5d
  channel_groups: {written: 8d}
  topics: {billing: 20d}
  retry: 20m
  campaign_response: 48h
  return_call: 12h
"""
WRITTEN = {
    "strict": OWN + "identity: {level: strict}\n",
    "normal": OWN + "identity: {level: normal}\n",
    "loose": OWN + "identity: {level: loose}\n",
    "half": """
links:
  same_topic: {within: 3d, channel_groups: {written: 6d}}
  unknown_topic: {within: 30h, after_resolved: 5h}
  retry: 45m
  farthest: 40d
repeat:
  within: 60h
  channel_groups: {written: 4d}
  topics: {billing: 10d}
  retry: 10m
  campaign_response: 24h
  return_call: 6h
""",
    "double": """
links:
  same_topic: {within: 12d, channel_groups: {written: 24d}}
  unknown_topic: {within: 120h, after_resolved: 20h}
  retry: 3h
  farthest: 160d
repeat:
  within: 10d
  channel_groups: {written: 16d}
  topics: {billing: 40d}
  retry: 40m
  campaign_response: 96h
  return_call: 24h
""",
}
"""What somebody would write into cxmap.yaml to have each setting."""

STRETCHED = {"half": 0.5, "double": 2}


def windows(by: float) -> Iterator[str]:
    """Yield what sets each KPI's own window, in lines of YAML."""
    for name, kpi in collect("kpis").items():
        if "within" in kpi.options:
            span = write_duration(kpi.options["within"].default * by)
            yield f"  {name}: {{within: {span}}}\n"


@dataclass(frozen=True)
class Tried:
    """A store, its config as text, and its scorecard with the settings beside."""

    folder: Path
    text: str
    card: Scorecard


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    folder = tmp_path_factory.mktemp("world")
    write_world(folder, people=60)
    path = folder / "cxmap.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + OWN, encoding="utf-8")
    words = Words(config_path=path, now_text=NOW.isoformat())
    key = Key.create(folder / "cxmap.key", secret=DEMO_SECRET)
    store = Store.create(words.store_folder, key_id=key.key_id)
    chosen, _ = choose(words.config, [])
    ingest(store, key, words.config, Intake(tuple(chosen)), now=NOW)
    request = Request(since="2026-04")
    card = report(words.tables, words.config, request, now=NOW, zone=ZONE)
    beside = with_sensitivity(
        card, words.folded, words.config, request, now=NOW, zone=ZONE
    )

    return Tried(folder, text, beside)


@pytest.mark.parametrize("setting", WRITTEN)
def test_a_setting_gives_what_a_config_of_that_setting_gives(
    tried: Tried, setting: str, tmp_path: Path
) -> None:
    own = "".join(windows(STRETCHED.get(setting, 1)))
    text = tried.text.replace("kpis:", f"kpis:\n{own}")
    path = tmp_path / "cxmap.yaml"
    path.write_text(text + WRITTEN[setting], encoding="utf-8")
    words = Words(
        config_path=path, store_path=tried.folder / ".cxmap", now_text=NOW.isoformat()
    )
    asked = Request(since="2026-04", compare="none")
    card = report(words.tables, words.config, asked, now=NOW, zone=ZONE)
    said = {v.kpi: v for v in tried.card.sensitivity if v.setting == setting}

    for score in card.scores:
        if score.missing_inputs or score.kpi == "friction_journey_rate":
            assert score.kpi not in said
            continue
        told = said.pop(score.kpi)
        assert (told.value, told.n) == (score.value, score.n), score.kpi
        assert (told.low, told.high) == (score.low, score.high), score.kpi
        assert told.pending == score.pending, score.kpi
    assert said == {}


def test_the_settings_do_make_a_difference(tried: Tried) -> None:
    """Else all of them could be the same and no test would see it."""
    needs = _of(tried.card, "first_contact_resolution")
    found = {name: (needs[name].value, needs[name].n) for name in needs}

    for name in ("strict", "half", "double"):
        assert found[name] != found["normal"], name


def test_the_configured_level_is_the_scorecard_itself(tried: Tried) -> None:
    values = {score.kpi: score.value for score in tried.card.scores}

    for one in tried.card.sensitivity:
        if one.setting == "normal":
            assert one.value == values[one.kpi]
            assert one.change in (0, None)
            assert one.moved in (False, None)


def test_moved_is_what_lies_outside_the_interval_as_configured(tried: Tried) -> None:
    scores = {score.kpi: score for score in tried.card.scores}
    seen = set()
    for one in tried.card.sensitivity:
        score = scores[one.kpi]
        seen.add(one.moved)
        if score.low is None or score.high is None or one.value is None:
            assert one.moved is None
        else:
            assert one.moved is (one.value < score.low or one.value > score.high)

    assert seen == {True, False, None}


def test_what_is_not_asked_for_is_not_tried(tried: Tried) -> None:
    words = Words(config_path=tried.folder / "cxmap.yaml", now_text=NOW.isoformat())
    request = Request(since="2026-04", kpis=("csat", "repeat_contact_rate"))
    card = report(words.tables, words.config, request, now=NOW, zone=ZONE)
    beside = with_sensitivity(
        card, words.folded, words.config, request, now=NOW, zone=ZONE
    )

    assert card.sensitivity == ()
    assert [one.kpi for one in beside.sensitivity] == (
        ["csat"] * 5 + ["repeat_contact_rate"] * 5
    )
    assert beside.scores == card.scores
    assert beside.frictions == card.frictions


@pytest.mark.parametrize("setting", ["strict", "double"])
def test_each_number_can_be_explained_under_its_setting(
    tried: Tried, setting: str
) -> None:
    words = Words(config_path=tried.folder / "cxmap.yaml", now_text=NOW.isoformat())
    for kpi in ("first_contact_resolution", "repeat_contact_rate"):
        told = explained(
            setting,
            words.folded,
            words.tables,
            words.config,
            kpi,
            since="2026-04",
            until=None,
            now=NOW,
            zone=ZONE,
        )
        one = _of(tried.card, kpi)[setting]
        assert isinstance(told.score, Score)
        assert (told.score.value, told.score.n) == (one.value, one.n)
        assert told.settings["under"]
        counted = told.rows.filter(pl.col("counted_as") == "counted")
        assert counted.height == one.n


@pytest.mark.parametrize(
    ("setting", "name", "said"),
    [
        (
            "lax",
            "csat",
            "--under lax: write one of strict, normal, loose, half, double",
        ),
        ("half", "restart", "restart rests on frictions: not varied"),
        ("half", "friction_journey_rate", "rests on frictions: not varied"),
    ],
)
def test_what_is_not_varied_cannot_be_explained_so(
    tried: Tried, setting: str, name: str, said: str
) -> None:
    words = Words(config_path=tried.folder / "cxmap.yaml", now_text=NOW.isoformat())
    with pytest.raises(UsageError, match=said):
        explained(
            setting,
            words.folded,
            words.tables,
            words.config,
            name,
            since="2026-04",
            until=None,
            now=NOW,
            zone=ZONE,
        )


@pytest.mark.parametrize(
    "text",
    ["", OWN, "links: {same_topic: off}\n", "links: {retry: off}\nrepeat: off\n"],
)
def test_only_identity_windows_and_frictions_are_other_than_configured(
    text: str,
) -> None:
    config = read_config(text, None)
    for setting, other in varied(config).items():
        back = replace(other, frictions=config.frictions)
        if setting in ("half", "double"):
            factor = 2 if setting == "double" else 0.5
            _is_stretched(config, other, factor)
            back = replace(
                back, links=config.links, repeat=config.repeat, kpis=config.kpis
            )
        else:
            assert other.identity.level == setting
            back = replace(back, identity=config.identity)
        assert back == config
        assert other.frictions.off == set(collect("frictions"))


def _is_stretched(config: Config, other: Config, factor: float) -> None:
    pairs = list(zip(_durations(config), _durations(other), strict=True))

    assert len(pairs) > 8
    for was, became in pairs:
        assert (was is None) == (became is None)
        assert was is None or became == was * factor
    assert other.repeat.reopen_within == config.repeat.reopen_within


def _durations(config: Config) -> list[timedelta | None]:
    """Every duration of the rules of links and repeats, whatever rules there are."""
    found: list[timedelta | None] = []
    for rules in (config.links, config.repeat):
        for field in fields(rules):
            value = getattr(rules, field.name)
            if isinstance(value, Window):
                groups = value.channel_groups
                found.append(value.default)
                found += [value.topics[name] for name in sorted(value.topics)]
                found += [groups[name] for name in sorted(groups)]
            elif value is None or isinstance(value, timedelta):
                found += [] if field.name == "reopen_within" else [value]

    return found


def _of(card: Scorecard, kpi: str) -> dict[str, Variation]:
    return {one.setting: one for one in card.sensitivity if one.kpi == kpi}
