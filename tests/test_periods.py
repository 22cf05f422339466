"""Periods are what they say: resolved in the zone, compared like with like."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cxmap.errors import Exit, UsageError
from cxmap.periods import (
    Period,
    default_period,
    previous,
    read_period,
    year_before,
)

BERLIN = ZoneInfo("Europe/Berlin")
UTC_ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
"""Saturday 21 November 2026, 23:30 in Berlin."""
ZONES = st.sampled_from(
    [
        ZoneInfo(name)
        for name in (
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            "America/Sao_Paulo",
            "Asia/Kathmandu",
            "Australia/Lord_Howe",
            "Pacific/Apia",
        )
    ]
)
INSTANTS = st.datetimes(datetime(1999, 1, 1), datetime(2037, 1, 1)).map(
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)


Share = Callable[[datetime, datetime], float]


def local(period: Period) -> tuple[str, str]:
    return tuple(  # type: ignore[return-value]
        f"{at.astimezone(BERLIN):%Y-%m-%d %H:%M}" for at in (period.since, period.until)
    )


@pytest.mark.parametrize(
    ("since", "until", "first", "end", "said"),
    [
        ("2026-09", None, "2026-09-01", "2026-10-01", "September 2026"),
        ("2026-W36", None, "2026-08-31", "2026-09-07", "31 Aug – 6 Sep 2026 (W36)"),
        (
            "2026-W01",
            None,
            "2025-12-29",
            "2026-01-05",
            "29 Dec 2025 – 4 Jan 2026 (W01)",
        ),
        ("2026-Q3", None, "2026-07-01", "2026-10-01", "Q3 2026"),
        ("2026-Q4", None, "2026-10-01", "2027-01-01", "Q4 2026"),
        ("2025", None, "2025-01-01", "2026-01-01", "2025"),
        ("yesterday", None, "2026-11-20", "2026-11-21", "20 Nov 2026"),
        ("last-week", None, "2026-11-09", "2026-11-16", "9 Nov – 15 Nov 2026 (W46)"),
        ("last-month", None, "2026-10-01", "2026-11-01", "October 2026"),
        ("Last-Month", None, "2026-10-01", "2026-11-01", "October 2026"),
        ("28d", None, "2026-10-24", "2026-11-21", "24 Oct – 20 Nov 2026"),
        ("4w", None, "2026-10-24", "2026-11-21", "24 Oct – 20 Nov 2026"),
        (None, "2026-09", "2026-09-01", "2026-10-01", "September 2026"),
        ("2026-09-07", "2026-10-04", "2026-09-07", "2026-10-05", "7 Sep – 4 Oct 2026"),
        ("2026-03-01", "2026-03-31", "2026-03-01", "2026-04-01", "March 2026"),
        ("2026-01", "2026-03", "2026-01-01", "2026-04-01", "Q1 2026"),
        ("2026-09-01", "yesterday", "2026-09-01", "2026-11-21", "1 Sep – 20 Nov 2026"),
        ("2026-09-01", "2026-09-01", "2026-09-01", "2026-09-02", "1 Sep 2026"),
    ],
)
def test_a_word_names_whole_days_of_the_zone(
    since: str | None, until: str | None, first: str, end: str, said: str
) -> None:
    period = read_period(since, until, now=NOW, zone=BERLIN)

    assert local(period) == (f"{first} 00:00", f"{end} 00:00")
    assert period.words == said


@pytest.mark.parametrize("since", ["2026-09-01", "today", "2026-11-21T06:00:00Z"])
def test_a_day_or_an_instant_alone_reaches_to_now(since: str) -> None:
    assert read_period(since, None, now=NOW, zone=BERLIN).until == NOW


@pytest.mark.parametrize("since", ["2026-04-15", "2026-04-15T06:00:00Z"])
def test_a_day_alone_ends_with_the_last_day_held(since: str) -> None:
    held = datetime(2026, 6, 30, 8, tzinfo=UTC)
    period = read_period(since, None, now=NOW, zone=BERLIN, held_until=held)

    assert local(period)[1] == "2026-07-01 00:00"


def test_a_day_alone_never_ends_after_now_or_before_it_began() -> None:
    for held in (NOW, NOW - timedelta(hours=1), datetime(2026, 6, 30, tzinfo=UTC)):
        period = read_period("today", None, now=NOW, zone=BERLIN, held_until=held)
        assert period.until == NOW


@pytest.mark.parametrize("since", ["2026-09", "2026-W36", "2026-Q3", "28d"])
def test_a_period_is_that_period_however_far_the_data_reach(since: str) -> None:
    held = datetime(2026, 9, 3, tzinfo=UTC)

    assert read_period(
        since, None, now=NOW, zone=BERLIN, held_until=held
    ) == read_period(since, None, now=NOW, zone=BERLIN)


def test_an_instant_without_an_offset_is_of_the_zone() -> None:
    period = read_period("2026-09-01T08:00", "2026-09-01 20:00", now=NOW, zone=BERLIN)

    assert period.since == datetime(2026, 9, 1, 6, tzinfo=UTC)
    assert period.until == datetime(2026, 9, 1, 18, tzinfo=UTC)
    assert period.words == "1 Sep 2026 08:00 – 1 Sep 2026 20:00"


@pytest.mark.parametrize(
    "word",
    [
        "",
        " ",
        "2026-13",
        "2026-02-30",
        "2026-W54",
        "2025-W53",
        "2026-Q5",
        "26-09-01",
        "01.09.2026",
        "09/01/2026",
        "20260901",
        "2026-W36-1",
        "0000",
        "1969-12",
        "9999-12",
        "tomorrow",
        "september",
        "last month",
        "0d",
        "28",
        "28D",
        "1m",
        "-28d",
        "99999d",
        "2026-09-01T25:00",
        "2026-09-01T08:00+99:00",
        "²d",
        "\x1b[31m",
    ],
)
@pytest.mark.parametrize("flag", ["--since", "--until"])
def test_anything_else_is_refused_with_what_is_accepted(word: str, flag: str) -> None:
    since, until = (word, None) if flag == "--since" else ("2020", word)
    with pytest.raises(UsageError) as caught:
        read_period(since, until, now=NOW, zone=BERLIN)

    said = str(caught.value)
    assert caught.value.code == Exit.USAGE
    assert said.startswith(flag)
    assert "2026-W36" in said
    assert "last-month" in said
    assert "\x1b" not in said


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2026-09-30", "2026-09-01"),
        ("2026-09-01T08:00", "2026-09-01T08:00"),
        ("2026-11-22", None),
        (None, None),
        (None, "2026-09-01"),
        (None, "today"),
        ("2026-01-01", "28d"),
    ],
)
def test_a_period_without_a_beginning_or_a_length_is_refused(
    since: str | None, until: str | None
) -> None:
    with pytest.raises(UsageError, match="--since"):
        read_period(since, until, now=NOW, zone=BERLIN)


@pytest.mark.parametrize(
    ("since", "until", "before"),
    [
        ("2026-03", None, "February 2026"),
        ("2026-01", None, "December 2025"),
        ("2026-Q1", None, "Q4 2025"),
        ("2026", "2026", "2025"),
        ("2026-W36", None, "24 Aug – 30 Aug 2026 (W35)"),
        ("28d", None, "26 Sep – 23 Oct 2026"),
        ("2026-09-07", "2026-10-04", "10 Aug – 6 Sep 2026"),
        ("2026-09-01", "2026-09-10", "18 Aug – 27 Aug 2026"),
        ("yesterday", None, "13 Nov 2026"),
        ("2026-02-01", "2026-03-20", "14 Dec 2025 – 30 Jan 2026"),
    ],
)
def test_the_period_before_is_the_unit_before_or_whole_weeks_earlier(
    since: str, until: str | None, before: str
) -> None:
    period = read_period(since, until, now=NOW, zone=BERLIN)

    assert previous(period, zone=BERLIN).words == before


@given(INSTANTS, st.integers(1, 400), ZONES)
@settings(max_examples=100, deadline=None)
def test_comparisons_keep_weekday_and_wall_clock(
    since: datetime, days: int, zone: ZoneInfo
) -> None:
    first = since.astimezone(zone).replace(tzinfo=None)
    until = (first + timedelta(days=days)).replace(tzinfo=zone).astimezone(UTC)
    if until <= since:
        return
    # On one day of 2011 Samoa had no day at all.
    assume(zone.key != "Pacific/Apia")
    period = Period(since, until, "")
    earlier, year = previous(period, zone=zone), year_before(period, zone=zone)
    back, year_back = (
        first.date() - at.since.astimezone(zone).date() for at in (earlier, year)
    )

    assert back.days % 7 == 0 or first.day == 1
    assert 0 <= back.days - days < 7 or first.day == 1
    assert year_back.days == 364


@given(st.dates(date(1990, 1, 1), date(2036, 1, 1)), st.integers(1, 300), ZONES)
@settings(max_examples=100, deadline=None)
def test_the_period_before_ends_no_later_than_the_period_begins(
    day: date, days: int, zone: ZoneInfo
) -> None:
    end = day + timedelta(days=days - 1)
    period = read_period(day.isoformat(), end.isoformat(), now=NOW, zone=zone)

    before = previous(period, zone=zone)
    assert before.until <= period.since
    assert (period.since - before.until) < timedelta(days=7, hours=25)


@given(st.dates(date(1990, 1, 1), date(2036, 1, 1)), ZONES)
@settings(max_examples=100, deadline=None)
def test_days_follow_each_other_without_gap_or_overlap(
    day: date, zone: ZoneInfo
) -> None:
    following = day + timedelta(days=1)
    one = read_period(day.isoformat(), day.isoformat(), now=NOW, zone=zone)
    two = read_period(following.isoformat(), following.isoformat(), now=NOW, zone=zone)

    assert one.until == two.since


def whole(months: set[tuple[int, int]], *, zone: ZoneInfo = BERLIN) -> Share:
    def share(since: datetime, until: datetime) -> float:
        first, end = since.astimezone(zone), until.astimezone(zone)
        assert first.day == end.day == 1
        return 0.95 if (first.year, first.month) in months else 0.94

    return share


@pytest.mark.parametrize(
    ("months", "until", "said"),
    [
        ({(2026, 10), (2026, 9)}, NOW, "October 2026 (last month that can be judged)"),
        ({(2026, 9)}, NOW, "September 2026 (last month that can be judged)"),
        ({(2026, 11)}, NOW, "24 Oct – 20 Nov 2026 (last 28 complete days)"),
        (set(), NOW, "24 Oct – 20 Nov 2026 (last 28 complete days)"),
        (set(), None, "24 Oct – 20 Nov 2026 (last 28 complete days)"),
        (
            set(),
            datetime(2026, 9, 10, 12, tzinfo=UTC),
            "13 Aug – 9 Sep 2026 (last 28 complete days)",
        ),
        (
            {(2026, 9), (2026, 8)},
            datetime(2026, 9, 29, 12, tzinfo=UTC),
            "September 2026 (last month that can be judged)",
        ),
        (
            {(2024, 2)},
            datetime(2026, 9, 29, 12, tzinfo=UTC),
            "February 2024 (last month that can be judged)",
        ),
        (
            {(2027, 1)},
            datetime(2027, 5, 1, tzinfo=UTC),
            "24 Oct – 20 Nov 2026 (last 28 complete days)",
        ),
    ],
)
def test_undated_is_the_last_month_that_can_be_judged_else_28_whole_days(
    months: set[tuple[int, int]], until: datetime | None, said: str
) -> None:
    period = default_period(until, now=NOW, zone=BERLIN, assessable_share=whole(months))

    assert period.words == said
    assert period.until <= NOW


def test_the_month_that_ends_at_midnight_is_over() -> None:
    midnight = datetime(2026, 11, 1, tzinfo=UTC)
    period = default_period(
        midnight,
        now=midnight,
        zone=UTC_ZONE,
        assessable_share=whole({(2026, 10)}, zone=UTC_ZONE),
    )

    assert period.words.startswith("October 2026")
