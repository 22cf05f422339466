"""Business time, against a clock on the wall that is read minute by minute."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.hours import business_seconds, day_seconds, in_words, is_open
from cxmap.options import Holidays, Hours, Schedule, Week, every
from cxmap.tables import WHEN

MINUTE = timedelta(minutes=1)
HOUR, DAY = 3_600, 86_400
ALWAYS = every(range(7), 0, DAY)
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",  # half an hour of summer time
    "America/Havana",  # midnight comes twice
    "America/Sao_Paulo",  # midnight was skipped, until 2019
    "Asia/Hong_Kong",
    "Africa/Casablanca",  # summer time, but not in Ramadan
    "Pacific/Apia",  # left out the 30th of December 2011
)
YEARS = st.sampled_from([1979, 2011, 2018, 2026])
moments = st.builds(
    lambda year, minutes: datetime(year, 1, 1, tzinfo=UTC) + minutes * MINUTE,
    YEARS,
    st.integers(0, 366 * 24 * 60),
)
edges = st.lists(st.integers(0, 48), min_size=2, max_size=4, unique=True).map(sorted)
"""Half hours of a day at which it opens and closes, in turn."""


def at(text: str, zone: str = "UTC") -> datetime:
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


def seconds(
    start: datetime | None, end: datetime | None, hours: Schedule
) -> int | None:
    row = pl.DataFrame([[start], [end]], schema={"start": WHEN, "end": WHEN})
    told = business_seconds(pl.col("start"), pl.col("end"), Hours(hours))
    return row.select(told).to_series()[0]  # type: ignore[no-any-return]


def opened(moment: datetime, hours: Schedule) -> bool:
    row = pl.DataFrame([[moment]], schema={"at": WHEN})
    return row.select(is_open(pl.col("at"), Hours(hours))).item()  # type: ignore[no-any-return]


def read_minute_by_minute(
    start: datetime, end: datetime, hours: Schedule
) -> Iterator[bool]:
    """Yield of each minute whether it is open, as the clock on the wall shows.

    A clock that is put back is read on as it stood until it has caught up: the hour
    that comes twice belongs to what was going on before.
    """
    zone = ZoneInfo(hours.zone)
    moment = start - timedelta(hours=26)
    latest = datetime.min
    while moment < end:
        shown = moment.astimezone(zone).replace(tzinfo=None)
        latest = max(latest, shown)
        if moment >= start:
            yield reads_open(latest, hours)
        moment += MINUTE


def reads_open(shown: datetime, hours: Schedule) -> bool:
    if shown.date() in hours.holidays.dates:
        return False
    second = shown.hour * HOUR + shown.minute * 60
    today = hours.week[shown.weekday()]
    yesterday = hours.week[(shown.weekday() - 1) % 7]
    return any(a <= second < b for a, b in today) or any(
        a <= second + DAY < b for a, b in yesterday
    )


def minutes(start: datetime, end: datetime, hours: Schedule) -> int:
    return 60 * sum(read_minute_by_minute(start, end, hours))


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    def day() -> tuple[tuple[int, int], ...]:
        halves = [edge * 1_800 for edge in draw(edges)]
        spans = list(zip(halves[::2], halves[1::2], strict=False))
        if draw(st.booleans()) and len(halves) % 2:
            spans.append((halves[-1], DAY + 6 * HOUR))
        return tuple(spans)

    kinds = [(), day(), ((0, DAY),), ((22 * HOUR, DAY + 6 * HOUR),)]
    week: Week = tuple(draw(st.sampled_from(kinds)) for _ in range(7))
    return Schedule(draw(st.sampled_from(ZONES)), week)


@settings(max_examples=40, deadline=None)
@given(moments, st.integers(0, 4 * 24 * 60), schedules(), st.integers(-1, 3))
def test_open_minutes_add_up(
    start: datetime, length: int, hours: Schedule, closed: int
) -> None:
    """Closing a day in the middle closes it and no more."""
    holiday = (start + timedelta(days=closed)).date()
    closes = Holidays(dates=(holiday,)) if closed >= 0 else Holidays()
    less = Schedule(hours.zone, hours.week, closes)
    end = start + length * MINUTE

    assert seconds(start, end, less) == minutes(start, end, less)


CHANGES = [
    ("Europe/Berlin", "2026-03-29T01:00"),
    ("Europe/Berlin", "2026-10-25T01:00"),
    ("Asia/Hong_Kong", "1979-10-20T19:30"),
    ("Australia/Lord_Howe", "2026-04-04T15:00"),
    ("America/Havana", "2026-11-01T05:00"),
    ("America/Sao_Paulo", "2018-11-04T03:00"),
    ("Pacific/Apia", "2011-12-30T10:00"),
]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(CHANGES),
    st.integers(-16, 16),
    st.integers(0, 32),
    edges,
    st.booleans(),
)
def test_open_minutes_add_up_where_the_clocks_change(
    change: tuple[str, str], offset: int, length: int, day: list[int], closed: bool
) -> None:
    zone, moment = change
    halves = [edge * 1_800 for edge in day]
    spans = tuple(zip(halves[::2], halves[1::2], strict=False))
    start = at(moment) + offset * 15 * MINUTE
    holiday = at(moment).astimezone(ZoneInfo(zone)).date()
    holidays = Holidays(dates=(holiday,) if closed else ())
    hours = Schedule(zone, (spans,) * 7, holidays)
    end = start + length * 15 * MINUTE

    assert seconds(start, end, hours) == minutes(start, end, hours)


def test_what_closes_when_the_clock_is_put_back_closes_the_second_time() -> None:
    """Before the clock reaches three it is put back to two, and reaches it later."""
    until_three = Schedule("Europe/Berlin", every([6], 2 * HOUR, 3 * HOUR))

    assert seconds(at("2026-10-24"), at("2026-10-26"), until_three) == 2 * HOUR


@settings(max_examples=40, deadline=None)
@given(moments, schedules())
def test_open_is_open_from_the_first_minute_to_the_last(
    moment: datetime, hours: Schedule
) -> None:
    [told] = read_minute_by_minute(moment, moment + MINUTE, hours)

    assert opened(moment, hours) is told


@settings(max_examples=100, deadline=None)
@given(moments, moments, st.sampled_from(ZONES))
def test_always_open_is_the_calendar(one: datetime, other: datetime, zone: str) -> None:
    start, end = sorted((one, other))

    assert seconds(start, end, Schedule(zone, ALWAYS)) == (end - start).total_seconds()


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Hong_Kong"])
def test_a_date_nobody_means_is_reckoned_all_the_same(zone: str) -> None:
    long = at("1900-01-01T00:00"), at("2199-12-31T00:00")
    always, office = Schedule(zone, ALWAYS), Schedule(zone)
    weeks = (long[1] - long[0]) / timedelta(days=7)
    told = seconds(*long, office)

    assert seconds(*long, always) == (long[1] - long[0]).total_seconds()
    assert told is not None
    assert abs(told - weeks * 40 * HOUR) <= 40 * HOUR


@settings(max_examples=40, deadline=None)
@given(moments, moments, moments, schedules())
def test_two_waits_in_a_row_are_one(
    a: datetime, b: datetime, c: datetime, hours: Schedule
) -> None:
    start, middle, end = sorted((a, b, c))
    first, second = seconds(start, middle, hours), seconds(middle, end, hours)

    assert first is not None
    assert second is not None
    assert seconds(start, end, hours) == first + second


@pytest.mark.parametrize(
    ("day", "length"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)]
)
def test_a_day_is_as_long_as_it_is(day: str, length: int) -> None:
    next_day = date.fromisoformat(day) + timedelta(days=1)
    start = at(day, "Europe/Berlin")
    end = at(next_day.isoformat(), "Europe/Berlin")

    assert seconds(start, end, Schedule("Europe/Berlin", ALWAYS)) == length * HOUR


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 7), ("2026-10-25", 9)])
def test_a_night_shift_works_the_hour_that_comes_twice_and_not_the_one_left_out(
    day: str, hours: int
) -> None:
    night = Schedule("Europe/Berlin", every([5], 22 * HOUR, DAY + 6 * HOUR))
    around = at(day), at(day) + timedelta(days=1)
    eve = around[0] - timedelta(days=1)

    assert seconds(eve, around[1], night) == hours * HOUR


def test_the_gap_that_clocks_skip_opens_late_and_closes_early() -> None:
    gap = Schedule("Europe/Berlin", every([6], 9_000, 10_800))  # 02:30 to 03:00
    until_gap = Schedule("Europe/Berlin", every([6], 5_400, 9_000))  # 01:30 to 02:30
    start, end = at("2026-03-28"), at("2026-03-30")

    assert seconds(start, end, gap) == 0
    assert seconds(start, end, until_gap) == HOUR // 2


def test_a_zone_that_gave_summer_time_up_has_none_since() -> None:
    """Hong Kong put its clocks forward for the last time in 1979."""
    office = Schedule("Asia/Hong_Kong")
    summer = at("1979-07-02T00:00"), at("1979-07-02T01:00")
    later = at("1980-07-01T00:00"), at("1980-07-01T01:00")

    assert seconds(*summer, office) == HOUR  # 09:00 there
    assert seconds(*later, office) == 0  # 08:00 there
    assert seconds(
        at("1979-10-20T12:00"),
        at("1979-10-22T12:00"),
        Schedule("Asia/Hong_Kong", ALWAYS),
    ) == (2 * DAY)


def test_a_holiday_ends_at_its_local_midnight_to_the_second() -> None:
    closed = Holidays(dates=(date(2026, 12, 24),))
    hours = Schedule("Europe/Berlin", ALWAYS, closed)
    begins, ends = at("2026-12-23T23:00"), at("2026-12-24T23:00")
    second = timedelta(seconds=1)

    assert seconds(begins - second, begins, hours) == 1
    assert seconds(begins, ends, hours) == 0
    assert seconds(ends, ends + second, hours) == 1
    assert opened(begins - second, hours)
    assert not opened(begins, hours)
    assert not opened(ends - second, hours)
    assert opened(ends, hours)


def test_the_night_before_a_holiday_ends_at_midnight_and_its_own_begins_there() -> None:
    nights = every(range(7), 22 * HOUR, DAY + 6 * HOUR)
    hours = Schedule("UTC", nights, Holidays(dates=(date(2026, 12, 24),)))

    assert seconds(at("2026-12-23T12:00"), at("2026-12-24T12:00"), hours) == 2 * HOUR
    assert seconds(at("2026-12-24T12:00"), at("2026-12-25T12:00"), hours) == 6 * HOUR


def test_a_holiday_of_25_hours_is_closed_for_25_hours() -> None:
    closed = Holidays(dates=(date(2026, 10, 25),))
    hours = Schedule("Europe/Berlin", ALWAYS, closed)

    assert seconds(at("2026-10-24"), at("2026-10-27"), hours) == (72 - 25) * HOUR


@pytest.mark.parametrize(
    ("holidays", "day", "is_closed"),
    [
        (Holidays("DE"), "2026-10-03", True),
        (Holidays("DE"), "2026-03-08", False),
        (Holidays("DE", "BE"), "2026-03-08", True),
        (Holidays("DE", "BE"), "2026-03-09", False),
        (Holidays("US"), "2026-07-04", True),
        (Holidays(), "2026-12-25", False),
        (Holidays("DE", dates=(date(2026, 12, 24),)), "2026-12-24", True),
    ],
)
def test_public_holidays_are_those_of_the_place(
    holidays: Holidays, day: str, is_closed: bool
) -> None:
    noon = at(f"{day}T12:00")

    assert opened(noon, Schedule("UTC", ALWAYS, holidays)) is not is_closed


def test_opening_is_open_and_closing_is_closed() -> None:
    lunch: Week = (((8 * HOUR, 12 * HOUR), (13 * HOUR, 18 * HOUR)), *((),) * 6)
    hours = Schedule("UTC", lunch)
    monday = "2026-03-02"

    told = [
        opened(at(f"{monday}T{clock}"), hours)
        for clock in (
            "07:59",
            "08:00",
            "11:59",
            "12:00",
            "12:59",
            "13:00",
            "17:59",
            "18:00",
        )
    ]
    assert told == [False, True, True, False, False, True, True, False]
    assert seconds(at(monday), at("2026-03-09"), hours) == 9 * HOUR


def test_spans_that_meet_are_one_and_that_overlap_count_once() -> None:
    doubled: Week = (((0, 12 * HOUR), (10 * HOUR, DAY + HOUR)), ((0, DAY),), *((),) * 5)

    assert seconds(at("2026-03-02"), at("2026-03-09"), Schedule("UTC", doubled)) == (
        2 * DAY
    )


def test_an_end_before_its_start_is_no_time() -> None:
    monday = at("2026-03-02T10:00")

    assert seconds(monday, monday - timedelta(hours=1), Schedule()) == 0


def test_without_both_ends_nothing_is_known() -> None:
    monday = at("2026-03-02T10:00")

    assert seconds(monday, None, Schedule()) is None
    assert seconds(None, monday, Schedule()) is None
    row = pl.DataFrame([[None]], schema={"at": WHEN})
    assert row.select(is_open(pl.col("at"), Hours())).item() is None


def test_never_open_is_no_time() -> None:
    never = Schedule(week=((),) * 7)
    monday = at("2026-03-02T10:00")

    assert seconds(monday, monday + timedelta(days=30), never) == 0
    assert not opened(monday, never)
    assert in_words(never) == "never UTC"


def test_a_business_day_is_a_week_over_its_days() -> None:
    def day(week: Week) -> int:
        row = pl.DataFrame({"one": [1]})
        return row.select(day_seconds(Hours(Schedule(week=week)))).item()  # type: ignore[no-any-return]

    half: Week = (((0, 8 * HOUR),), ((0, 4 * HOUR),), *((),) * 5)
    assert day(every(range(5), 9 * HOUR, 17 * HOUR)) == 8 * HOUR
    assert day(ALWAYS) == day(((),) * 7) == DAY
    assert day(half) == 6 * HOUR


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (Schedule("Europe/Berlin"), "Mon–Fri 09:00–17:00 Europe/Berlin"),
        (Schedule(week=ALWAYS), "24/7 UTC"),
        (
            Schedule(
                "UTC",
                (
                    ((8 * HOUR, 12 * HOUR), (13 * HOUR, DAY)),
                    *((),) * 4,
                    ((22 * HOUR, 30 * HOUR),),
                    ((22 * HOUR, 30 * HOUR),),
                ),
                Holidays("DE", "BE", (date(2026, 12, 24), date(2026, 12, 31))),
            ),
            "Mon 08:00–12:00, 13:00–24:00; Sat–Sun 22:00–06:00 UTC, "
            "less holidays of DE-BE and 2 days of its own",
        ),
    ],
)
def test_hours_are_told_in_words(schedule: Schedule, words: str) -> None:
    assert in_words(schedule) == words
