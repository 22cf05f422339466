"""Business time, against a clock that ticks minute by minute."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.hours import business_seconds
from cxmap.options import Hours
from cxmap.tables import WHEN

MINUTE = timedelta(minutes=1)
moments = st.integers(0, 366 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + minutes * MINUTE
)
week_days = st.sets(st.integers(0, 6)).map(lambda days: tuple(sorted(days)))


def seconds(start: datetime | None, end: datetime | None, hours: Hours) -> int | None:
    row = pl.DataFrame([[start], [end]], schema={"start": WHEN, "end": WHEN})
    spent = row.select(business_seconds(pl.col("start"), pl.col("end"), hours))
    return spent.to_series()[0]  # type: ignore[no-any-return]


def ticked(start: datetime, end: datetime, hours: Hours) -> int:
    """Count the minutes in which the company is open, one after the other."""
    zone, open_minutes = ZoneInfo(hours.zone), 0
    while start < end:
        local = start.astimezone(zone)
        day, clock = local.weekday(), local.time()
        if hours.opens < hours.closes:
            is_open = day in hours.days and hours.opens <= clock < hours.closes
        else:
            evening = day in hours.days and clock >= hours.opens
            morning = (day - 1) % 7 in hours.days and clock < hours.closes
            is_open = evening or morning
        open_minutes += is_open
        start += MINUTE
    return open_minutes * 60


@settings(max_examples=40, deadline=None)
@given(
    moments,
    st.integers(0, 9 * 24 * 60),
    week_days,
    st.tuples(st.integers(5, 12), st.integers(13, 23)),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
)
def test_open_minutes_add_up(
    start: datetime,
    length: int,
    days: tuple[int, ...],
    open_from_to: tuple[int, int],
    zone: str,
) -> None:
    opens, closes = time(open_from_to[0], 30), time(open_from_to[1])
    hours = Hours(zone=zone, days=days, opens=opens, closes=closes)
    end = start + length * MINUTE

    assert seconds(start, end, hours) == ticked(start, end, hours)


@settings(max_examples=20, deadline=None)
@given(moments, st.integers(0, 9 * 24 * 60), week_days, st.integers(0, 10))
def test_a_night_shift_belongs_to_the_day_it_began(
    start: datetime, length: int, days: tuple[int, ...], closes: int
) -> None:
    hours = Hours(days=days, opens=time(22), closes=time(closes))
    end = start + length * MINUTE

    assert seconds(start, end, hours) == ticked(start, end, hours)


@given(moments, moments)
def test_always_open_is_the_calendar(one: datetime, other: datetime) -> None:
    start, end = sorted((one, other))
    always = Hours(days=tuple(range(7)), opens=time(0), closes=time(0))

    assert seconds(start, end, always) == (end - start).total_seconds()


@given(moments, moments, moments)
def test_two_waits_in_a_row_are_one(a: datetime, b: datetime, c: datetime) -> None:
    start, middle, end = sorted((a, b, c))
    hours = Hours(zone="Europe/Berlin")
    first, second = seconds(start, middle, hours), seconds(middle, end, hours)

    assert first is not None
    assert second is not None
    assert seconds(start, end, hours) == first + second


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_a_day_the_clocks_change_is_as_long_as_any(day: str) -> None:
    zone = ZoneInfo("Europe/Berlin")
    midnight = datetime.fromisoformat(day).replace(tzinfo=zone)
    start, end = midnight.astimezone(UTC), (midnight + timedelta(days=1))
    sunday = Hours(zone="Europe/Berlin", days=(6,))

    assert seconds(start, end.astimezone(UTC), sunday) == 8 * 3600


def test_an_end_before_its_start_is_no_time() -> None:
    monday = datetime(2026, 3, 2, 10, tzinfo=UTC)

    assert seconds(monday, monday - timedelta(hours=1), Hours()) == 0


def test_without_both_ends_nothing_is_known() -> None:
    monday = datetime(2026, 3, 2, 10, tzinfo=UTC)

    assert seconds(monday, None, Hours()) is None
    assert seconds(None, monday, Hours()) is None


def test_never_open_is_no_time() -> None:
    monday = datetime(2026, 3, 2, 10, tzinfo=UTC)

    assert seconds(monday, monday + timedelta(days=30), Hours(days=())) == 0
