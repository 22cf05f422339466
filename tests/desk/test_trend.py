"""One KPI by period: each period is what a scorecard of it says."""

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap.desk.calendar import (
    MOST,
    STEPS,
    Grid,
    cut_up,
    is_whole,
    last_until,
    read_grid,
)
from cxmap.desk.trend import Asked, Trend, by_period
from cxmap.errors import UsageError
from cxmap.pipeline import Request, report

BERLIN = ZoneInfo("Europe/Berlin")
FCR = "first_contact_resolution"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def trend(world: Any, name: str = FCR, **asked: Any) -> Trend:
    return by_period(
        world.tables,
        world.config,
        name,
        Asked(**asked),
        now=world.now,
        zone=world.zone,
    )


@pytest.mark.parametrize("name", [FCR, "csat", "backlog", "first_response_time"])
def test_every_month_is_what_its_scorecard_says(world: Any, name: str) -> None:
    for place in trend(world, name, by=("channel_group",)).places:
        asked = Request(
            since=place.period.words,
            compare="none",
            by=("channel_group",),
            kpis=(name,),
        )
        card = report(world.tables, world.config, asked, now=world.now, zone=world.zone)

        assert (card.since, card.until) == (place.period.since, place.period.until)
        for score, told in zip(card.scores, place.scores, strict=True):
            for fact in ("by", "value", "n", "low", "high", "pending", "status"):
                assert getattr(told, fact) == getattr(score, fact), fact
            assert told.excluded == score.excluded


def test_each_period_is_compared_with_the_one_before_it(world: Any) -> None:
    places = trend(world).places

    assert places[0].scores[0].change is None
    for before, place in itertools.pairwise(places):
        assert place.scores[0].previous == before.scores[0].value


def test_the_months_end_with_the_data_and_begin_with_them(world: Any) -> None:
    told = trend(world)
    starts = world.tables["contacts"]["started_at"]
    first, last = starts.min(), starts.max()

    assert told.places[0].period.words == f"{first.astimezone(BERLIN):%Y-%m}"
    assert told.places[-1].period.words == f"{last.astimezone(BERLIN):%Y-%m}"
    assert told.places[-1].state == "incomplete"
    assert [one.state for one in told.places[1:-2]] == ["complete"] * (
        len(told.places) - 3
    )


def test_a_month_with_needs_too_young_to_judge_is_pending(world: Any) -> None:
    """Seven days before the horizon the window of the youngest is still open."""
    horizon = trend(world).horizon
    assert horizon is not None
    until = (horizon - timedelta(days=2)).date()
    told = trend(
        world,
        since=f"{until - timedelta(days=3)}",
        until=f"{until}",
        grid=Grid("day"),
    )

    pending = [one.scores[0].pending for one in told.places]

    assert [one.state for one in told.places] == [
        "pending" if waiting else "complete" for waiting in pending
    ]
    assert sum(pending) > 2


def test_the_day_on_which_the_data_end_is_the_last_one_held(world: Any) -> None:
    horizon = trend(world).horizon
    assert horizon is not None
    last = horizon.astimezone(BERLIN).date()
    one = timedelta(days=1)

    told = trend(
        world, "csat", since=f"{last - one}", until=f"{last + one}", grid=Grid("day")
    )

    assert [place.state for place in told.places] == [
        "complete",
        "complete",
        "incomplete",
    ]


def test_a_part_of_a_month_is_never_called_complete(world: Any) -> None:
    told = trend(world, since="2026-03-10", until="2026-04-30")

    assert [(p.period.words, p.state) for p in told.places] == [
        ("2026-03", "incomplete"),
        ("2026-04", "complete"),
    ]


def test_how_many_and_from_when_cannot_both_be_said(world: Any) -> None:
    with pytest.raises(UsageError, match="--periods: with --since"):
        trend(world, since="2026-03", grid=Grid("week", 8))


@pytest.mark.parametrize(
    ("word", "grid"),
    [
        (None, Grid("month")),
        ("13", Grid("month", 13)),
        ("26w", Grid("week", 26)),
        ("30D", Grid("day", 30)),
        ("4q", Grid("quarter", 4)),
        ("week", Grid("week")),
    ],
)
def test_what_periods_may_say(word: str | None, grid: Grid) -> None:
    assert read_grid(word) == grid


@pytest.mark.parametrize("word", ["0", "-3", "2y", "many", "", "401d", "1.5m"])
def test_what_periods_may_not_say(word: str) -> None:
    with pytest.raises(UsageError, match=r"^--periods .*write one of 13, 13m"):
        read_grid(word)


def test_weeks_are_those_of_the_iso_calendar() -> None:
    """The last days of 2025 belong to the first week of 2026."""
    told = cut_up(at("2025-12-29"), at("2026-01-12"), "week", BERLIN)

    assert [one.words for one in told] == ["2026-W01", "2026-W02"]


def test_days_are_cut_in_the_zone_when_the_clocks_change() -> None:
    told = cut_up(at("2026-03-28"), at("2026-03-31"), "day", BERLIN)
    hours = [(one.until - one.since) / timedelta(hours=1) for one in told]

    assert [one.words for one in told] == ["2026-03-28", "2026-03-29", "2026-03-30"]
    assert hours == [24, 23, 24]


@given(
    since=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    days=st.integers(1, 300),
    step=st.sampled_from(STEPS),
)
def test_the_periods_cover_the_span_once(since: datetime, days: int, step: Any) -> None:
    begin = since.replace(microsecond=0, tzinfo=UTC)
    until = begin + timedelta(days=days)

    told = cut_up(begin, until, step, BERLIN)

    assert (told[0].since, told[-1].until) == (begin, until)
    assert all(a.until == b.since for a, b in itertools.pairwise(told))
    assert len({one.words for one in told}) == len(told)
    assert all(is_whole(one, step, BERLIN) for one in told[1:-1])


@given(
    end=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    count=st.integers(1, 40),
    step=st.sampled_from(STEPS),
)
def test_the_last_periods_are_whole_and_hold_the_end(
    end: date, count: int, step: Any
) -> None:
    moment = at(f"{end}") + timedelta(hours=12)

    told = last_until(moment, Grid(step, count), BERLIN, begun=None)

    assert len(told) == count
    assert told[-1].since < moment <= told[-1].until
    assert all(is_whole(one, step, BERLIN) for one in told)


def test_what_ends_at_midnight_ends_with_the_day_before() -> None:
    [told] = last_until(at("2026-06-01"), Grid("month", 1), BERLIN, begun=None)

    assert told.words == "2026-05"


def test_too_many_periods_are_refused() -> None:
    with pytest.raises(UsageError, match=f"more than {MOST} days"):
        cut_up(at("2020-01-01"), at("2026-01-01"), "day", BERLIN)
