"""What the days held can bear: the formula, its sentences, and what they promise."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap import tables
from cxmap.config import Config, load_config
from cxmap.importreport import ImportReport, what_it_bears
from cxmap.intake.bearing import days_held, history, history_of_changes
from cxmap.intake.choosing import profiles_of
from cxmap.pipeline import Request, bound_kpis, report, tables_of
from cxmap.store import Store

Report = Callable[..., ImportReport]
NOW = datetime(2026, 8, 1, tzinfo=UTC)
FIRST = datetime(2026, 1, 1, 9, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def settings(folder: Path, text: str = "{}") -> Config:
    path = folder / "cxmap.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(path)


def contacts(*kinds: tuple[str, str | None]) -> pl.DataFrame:
    rows = [{"channel_group": group, "topic": topic} for group, topic in kinds]
    return tables.conform(pl.DataFrame(rows, strict=False), "contacts")


def needed(config: Config, *kinds: tuple[str, str | None]) -> dict[str, int]:
    return history(contacts(*kinds), bound_kpis(config), config)


VOICE, MAIL = ("voice", None), ("written", None)


@pytest.mark.parametrize(
    ("kinds", "resolution", "looking_back", "changes"),
    [((VOICE,), 45, 38, 75), ((MAIL,), 51, 41, 81), ((VOICE, MAIL), 51, 41, 81)],
)
def test_a_month_takes_the_windows_around_it(
    tmp_path: Path,
    kinds: tuple[tuple[str, str | None], ...],
    resolution: int,
    looking_back: int,
    changes: int,
) -> None:
    days = needed(settings(tmp_path), *kinds)

    assert days["first_contact_resolution"] == resolution
    assert days["next_contact_avoidance"] == resolution
    assert days["repeat_contact_rate"] == looking_back
    assert history_of_changes(days) == changes


def test_a_kpi_without_a_window_takes_no_history(tmp_path: Path) -> None:
    days = needed(settings(tmp_path), VOICE, MAIL)

    assert {"backlog", "csat", "abandonment_rate", "transfer_rate"}.isdisjoint(days)
    assert "one_contact_resolution" in days


def test_a_longer_window_of_a_topic_counts_where_the_topic_is_held(
    tmp_path: Path,
) -> None:
    config = settings(tmp_path, "repeat: {within: 7d, topics: {claims: 30d}}\n")
    held = needed(config, VOICE, ("voice", "claims/water"))["next_contact_avoidance"]

    assert held == 30 + 31 + 30
    assert needed(config, VOICE)["next_contact_avoidance"] == 45


@pytest.mark.parametrize(
    ("text", "name", "days"),
    [
        ("repeat: 3d\n", "first_contact_resolution", 3 + 31 + 3),
        ("repeat: 36h\n", "first_contact_resolution", 34),
        ("links: {same_topic: 14d}\n", "one_contact_resolution", 31 + 14),
        ("links: {same_topic: 14d}\n", "ladder_best", 31 + 14),
        ("links: {same_topic: 99d, farthest: 20d}\n", "ladder_best", 31 + 20),
        ("reopen: 21d\n", "reopen_rate", 31 + 21),
        ("kpis: {reopen_rate: {within: 2d}}\n", "reopen_rate", 31 + 2),
    ],
)
def test_the_days_follow_the_config(
    tmp_path: Path, text: str, name: str, days: int
) -> None:
    assert needed(settings(tmp_path, text), VOICE)[name] == days


def test_a_kpi_that_is_off_needs_nothing(tmp_path: Path) -> None:
    config = settings(tmp_path, "kpis: {first_contact_resolution: off}\n")

    assert "first_contact_resolution" not in needed(config, VOICE)


def calls(days: int, *, step: int = 1) -> str:
    """A call every day, and one a second before; every customer's only one."""
    lines = ["source_contact_id,channel,started_at,ended_at,disposition,external_id"]
    for number, day in enumerate(range(0, days + 1, step)):
        for early in (0, 1) if number else (0,):
            start = FIRST + timedelta(days=day, seconds=-early)
            moment = f"{start:%Y-%m-%dT%H:%M:%SZ}"
            name = f"{day}-{early}"
            lines.append(f"{name},voice,{moment},{moment},handled,LF-{name}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", ["first_contact_resolution", "next_contact_avoidance"])
@pytest.mark.parametrize(("spare", "judged"), [(0, True), (-1, False)])
def test_with_so_many_days_a_whole_month_is_judged_and_with_fewer_it_is_not(
    report_on: Report, tmp_path: Path, name: str, spare: int, judged: bool
) -> None:
    said = report_on({"calls.csv": calls(0)}, now=NOW)
    days = said.needed[name] + spare
    report_on({"calls.csv": calls(days)}, now=NOW)
    store, config = Store.open(tmp_path / "store"), load_config(tmp_path / "cxmap.yaml")
    held = tables_of(
        store.snapshot(), profiles_of(store.snapshot(), config), config, now=NOW
    )
    begin = FIRST + timedelta(days=7)
    request = Request(
        since=begin.isoformat(),
        until=(begin + timedelta(days=31)).isoformat(),
        kpis=(name,),
    )
    (score,) = report(held, config, request, now=NOW, zone=UTC_ZONE).scores

    assert (score.n == 62 and not score.pending and not score.excluded) == judged


@pytest.mark.parametrize(
    ("text", "days"),
    [(calls(0), 1), (calls(1), 1), (calls(30), 30), (calls(30, step=15), 30)],
)
def test_days_held_run_from_the_first_start_to_the_last(
    report_on: Report, text: str, days: int
) -> None:
    (source,) = report_on({"calls.csv": text}).sources

    assert source.days == days


def test_declared_coverage_counts_instead_of_the_first_and_last_start(
    report_on: Report, tmp_path: Path
) -> None:
    config = (
        "sources:\n  desk: {profile: generic_contacts, files: calls.csv,"
        " covered: [2025-12-01, 2026-01-31]}\n"
    )
    (source,) = report_on({"calls.csv": calls(10)}, config).sources

    assert source.days == 62


def test_days_after_the_first_source_ends_prove_nothing() -> None:
    starts = {"long": (0, 1, 2, 3), "short": (0, 1)}
    rows = [
        {"source": source, "started_at": FIRST + timedelta(days=day)}
        for source, days in starts.items()
        for day in days
    ]
    held = tables.conform(pl.DataFrame(rows), "contacts")

    assert days_held(held, load_config(None), now=NOW) == {"long": 1, "short": 1}


def test_where_everything_is_borne_one_sentence_says_so() -> None:
    assert what_it_bears({"a": 80, "b": 75}, {"x": 45}, 75) == (
        "75 to 80 days held: enough for every KPI and for changes",
    )
    assert what_it_bears({}, {"x": 45}, 75) == ()


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (30, "30 days held: fcr needs 45, changes 75"),
        (45, "45 days held: changes need 75"),
        (1, "1 day held: fcr needs 45, changes 75"),
    ],
)
def test_what_is_not_borne_is_named_with_the_days_it_takes(
    days: int, sentence: str
) -> None:
    assert what_it_bears({"desk": days}, {"fcr": 45}, 75) == (sentence,)


def test_of_many_that_need_the_same_one_is_named() -> None:
    five = dict.fromkeys("abcde", 38)

    assert what_it_bears({"desk": 3}, {**five, "y": 51, "z": 51}, 81) == (
        "3 days held: a and 4 more need 38, y and z 51, changes 81",
    )


def test_sources_that_lack_the_same_share_a_sentence() -> None:
    said = what_it_bears({"bot": 10, "desk": 12, "shop": 50, "web": 90}, {"x": 45}, 75)

    assert said == (
        "bot, desk: 10 to 12 days held: x needs 45, changes 75",
        "shop: 50 days held: changes need 75",
    )


NAMES = st.sampled_from("abcdef")


@given(
    st.dictionaries(NAMES, st.integers(0, 120), min_size=1),
    st.dictionaries(st.sampled_from("uvwxyz"), st.integers(31, 91)),
    st.integers(61, 121),
)
def test_every_source_that_lacks_something_is_in_one_sentence(
    days: dict[str, int], wanted: dict[str, int], changes: int
) -> None:
    said = what_it_bears(days, wanted, changes)
    short = {
        source: {k for k, v in {**wanted, "changes": changes}.items() if held < v}
        for source, held in days.items()
    }

    if not any(short.values()):
        assert len(said) == 1
        assert "enough" in said[0]
        return
    assert not any("enough" in sentence for sentence in said)
    kinds = {frozenset(lacks) for lacks in short.values() if lacks}
    assert len(said) == len(kinds)
    if len(set(map(frozenset, short.values()))) > 1:
        named = [
            name for sentence in said for name in sentence.split(": ")[0].split(", ")
        ]
        assert sorted(named) == sorted(name for name, lacks in short.items() if lacks)
