"""Times: every form against the standard library, every doubt counted."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.sources.forms import PRECISIONS
from cxmap.sources.times import ClockChange, Times, read_times
from cxmap.sources.witnesses import ContradictionError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney")
INSTANTS = st.datetimes(datetime(1991, 1, 1), datetime(2025, 12, 30))


def times(
    texts: list[str | None],
    *forms: str,
    zone: str = "UTC",
    change: ClockChange = ClockChange(),  # noqa: B008
) -> Times:
    column = pl.Series(texts, dtype=pl.String)
    return read_times(column, forms, zone, now=NOW, change=change)


def one(text: str, *forms: str, zone: str = "UTC") -> tuple[object, str | None]:
    read = times([text], *forms, zone=zone)
    return read.at[0], read.reason[0]


@given(INSTANTS, st.integers(-14 * 60, 14 * 60), st.sampled_from("T "))
@settings(max_examples=80)
def test_an_offset_places_a_time_wherever_it_was_written(
    local: datetime, minutes: int, between: str
) -> None:
    offset = timedelta(minutes=minutes)
    expected = (local - offset).replace(tzinfo=UTC, microsecond=0)
    sign = "-" if minutes < 0 else "+"
    zone = f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    text = local.isoformat(sep=between, timespec="microseconds") + zone

    # A fraction is cut off, never rounded up into the next second.
    assert one(text, "iso8601") == (expected, None)
    bare = text[:-3] + text[-2:]
    assert one(bare, "iso8601", zone="Asia/Tokyo") == (expected, None)


@given(INSTANTS, st.sampled_from(ZONES))
@settings(max_examples=100)
def test_local_times_are_placed_as_the_standard_library_does(
    local: datetime, zone: str
) -> None:
    wall = local.replace(microsecond=0, fold=0)  # a text tells no second hour
    aware = wall.replace(tzinfo=ZoneInfo(zone))
    back = aware.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    at, reason = one(f"{wall:%Y-%m-%d %H:%M:%S}", "iso8601", zone=zone)

    if back == wall:
        assert (at, reason) == (aware.astimezone(UTC), None)
    else:
        assert (at, reason) == (None, "nonexistent_time")


@pytest.mark.parametrize("zone", ZONES[1:])
def test_around_every_clock_change_nothing_is_guessed(zone: str) -> None:
    """Half-hours of whole years, against zoneinfo: gaps refused, repeats early."""
    start = datetime(2024, 1, 1)
    walls = [start + timedelta(minutes=30 * step) for step in range(2 * 24 * 366)]
    read = times([f"{w:%Y-%m-%d %H:%M:%S}" for w in walls], "iso8601", zone=zone)
    place = ZoneInfo(zone)
    repeated = 0
    for wall, at, reason in zip(walls, read.at, read.reason, strict=True):
        first, second = (wall.replace(tzinfo=place, fold=fold) for fold in (0, 1))
        real = first.astimezone(UTC).astimezone(place).replace(tzinfo=None) == wall
        assert (at == first.astimezone(UTC)) if real else at is None, wall
        assert (reason is None) == real
        repeated += real and first.utcoffset() != second.utcoffset()

    assert read.repeated == repeated


@given(st.integers(700_000_000, 1_760_000_000), st.integers(0, 999_999))
def test_epochs_are_cut_to_seconds_in_their_declared_unit(
    second: int, micro: int
) -> None:
    expected = (datetime.fromtimestamp(second, tz=UTC), None)

    assert one(str(second), "epoch_s") == expected
    assert one(f"{second}.{micro}", "epoch_s") == expected
    assert one(str(second * 1000 + micro // 1000), "epoch_ms") == expected
    assert one(str(second * 1_000_000 + micro), "epoch_us") == expected


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("1741600000000000000", "epoch_s"),
        ("9" * 40, "epoch_s"),
        ("-1", "epoch_s"),
        ("0", "epoch_s"),
        ("1970-01-01T00:00:00Z", "iso8601"),
        ("0001-01-01T00:00:00Z", "iso8601"),
        ("9999-12-31T23:59:59Z", "iso8601"),
        ("2026-01-03T00:00:01Z", "iso8601"),
        ("1/1/25", "%d/%m/%Y"),
    ],
)
def test_sentinels_and_wrong_units_are_implausible(text: str, form: str) -> None:
    assert one(text, form) == (None, "implausible_time")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2025-02-30T10:00:00Z", "iso8601"),
        ("2016-12-31T23:59:60Z", "iso8601"),
        ("2025-03-01T24:00:00Z", "iso8601"),
        ("2025-3-1T9:0:0Z", "iso8601"),
        ("45726.375", "iso8601"),
        ("########", "iso8601"),
        ("2025-03-01T10:00:00Z", "epoch_s"),
        ("1e9", "epoch_s"),
        ("13/25/2025", "%d/%m/%Y"),
        ("Tue, 31 Feb 2010 20:36:28 +0000", "rfc2822"),
    ],
)
def test_what_is_no_time_is_a_bad_time(text: str, form: str) -> None:
    assert one(text, form) == (None, "bad_time")


def test_empty_is_no_reject() -> None:
    assert times([None], "iso8601").reason[0] is None


@pytest.mark.parametrize(
    ("text", "form", "precision", "zoned"),
    [
        ("2025-03-01T09:00:00Z", "iso8601", "second", "utc"),
        ("2025-03-01 09:00:00+02:00", "iso8601", "second", "offset"),
        ("2025-03-01 09:00", "iso8601", "minute", None),
        ("2025-03-01", "iso8601", "day", None),
        ("25/Feb/25 3:51 PM", "%d/%b/%y %I:%M %p", "minute", None),
        ("01.03.2025", "%d.%m.%Y", "day", None),
        ("Tue, 31 Aug 2010 20:36:28 +0200", "rfc2822", "second", "offset"),
        ("1741600000", "epoch_s", "second", "utc"),
    ],
)
def test_it_is_known_how_exact_a_time_is_and_who_placed_it(
    text: str, form: str, precision: str, zoned: str | None
) -> None:
    read = times([text], form)

    assert PRECISIONS[read.precision[0]] == precision
    assert read.zoned[0] == zoned


def test_the_first_form_that_fits_wins() -> None:
    read = times(["03/04/2025", "2025-04-03"], "%d/%m/%Y", "iso8601")

    assert read.at[0] == read.at[1] == datetime(2025, 4, 3, tzinfo=UTC)


WRITTEN = (
    "2025-01-01T00:00:05Z",
    "2025-01-01T24:00:00Z",
    "2025-01-01T23:59:60Z",
    "2025-03-30 02:30:00",
    "2025-10-26 02:30",
    "2025-10-26",
    "2025-01-01T00:00:05.75+02:00",
    "Mon, 3 Feb 2025 10:11:12 +0100",
    "1735689600",
    "03/04/2025",
    "no time",
    None,
)


@given(
    st.lists(st.sampled_from(WRITTEN), min_size=1, max_size=30),
    st.permutations(("iso8601", "rfc2822", "epoch_s", "%d/%m/%Y")),
)
@settings(max_examples=40, deadline=None)
def test_a_time_is_read_alike_whatever_stands_beside_it(
    texts: list[str | None], forms: list[str]
) -> None:
    together = times(texts, *forms, zone="Europe/Berlin")
    alone = [times([text], *forms, zone="Europe/Berlin") for text in texts]

    for kept in ("at", "reason", "precision", "zoned"):
        found = getattr(together, kept).to_list()
        assert found == [getattr(one, kept)[0] for one in alone]
    assert together.repeated == sum(one.repeated for one in alone)


DAY_FIRST, MONTH_FIRST = "%d/%m/%Y", "%m/%d/%Y"


@pytest.mark.parametrize("forms", [(DAY_FIRST, MONTH_FIRST), (MONTH_FIRST, DAY_FIRST)])
def test_both_orders_are_refused_with_a_witness_of_each(forms: tuple[str, str]) -> None:
    dates = ["03/04/2025", "13/04/2025", None, "05/25/2025"]
    with pytest.raises(ContradictionError, match=r"only be day first.*month first"):
        times(dates, *forms)
    with pytest.raises(ContradictionError) as error:
        times(dates, *forms)

    assert error.value.witnesses == (1, 3)


def test_an_order_left_open_is_not_settled_row_by_row() -> None:
    with pytest.raises(ContradictionError, match="could be either") as error:
        times(["03/04/2025", "13/04/2025"], MONTH_FIRST, DAY_FIRST)

    assert error.value.witnesses == (1, 0)


@pytest.mark.parametrize(
    ("dates", "months"),
    [
        (["03/04/2025", "04/04/2025"], [3, 4]),
        (["13/04/2025", "14/05/2025"], [4, 5]),
        (["13/04/2025", "05/05/2025"], [4, 5]),
        (["04/13/2025", "03/04/2025"], [4, 3]),
    ],
)
def test_one_order_alone_is_no_contradiction(
    dates: list[str | None], months: list[int]
) -> None:
    read = times(dates, MONTH_FIRST, DAY_FIRST)

    assert [at.month for at in read.at] == months


def test_a_declared_order_that_only_its_contrary_proves_is_refused() -> None:
    for dates, form, told in (
        (["03/04/2025", "05/25/2025", "06/26/2025"], DAY_FIRST, "only be month"),
        (["03/04/2025", "25/05/2025", "26/06/2025"], MONTH_FIRST, "only be day"),
    ):
        with pytest.raises(ContradictionError, match=told) as error:
            times(dates, form)
        assert error.value.witnesses == (1, 2)


def test_one_witness_is_enough_where_nothing_speaks_for_the_declared_order() -> None:
    with pytest.raises(ContradictionError) as error:
        times(["03/04/2025", "05/25/2025"], DAY_FIRST)

    assert error.value.witnesses == (1,)


def test_a_stray_in_the_other_order_is_one_bad_time_and_the_doubtful_stay() -> None:
    read = times(["03/04/2025", "13/04/2025", "05/25/2025"], DAY_FIRST)

    assert read.reason.to_list() == [None, None, "bad_time"]
    assert read.at[0] == datetime(2025, 4, 3, tzinfo=UTC)


def test_what_is_no_date_in_either_order_contradicts_nothing() -> None:
    read = times(["03/04/2025", "45/45/2025", "soon"], DAY_FIRST)

    assert read.reason.to_list() == [None, "bad_time", "bad_time"]


@given(
    st.lists(st.dates(date(2000, 1, 1), date(2025, 12, 31)), min_size=1, max_size=20),
    st.sampled_from([(DAY_FIRST, MONTH_FIRST), (MONTH_FIRST, DAY_FIRST)]),
)
def test_dates_in_their_declared_order_are_read_and_in_the_other_never_misread(
    days: list[date], forms: tuple[str, str]
) -> None:
    declared, other = forms
    read = times([f"{day:{declared}}" for day in days], declared)
    assert [at.date() for at in read.at] == days

    telling = any(day.day > 12 for day in days)
    if telling:
        with pytest.raises(ContradictionError):
            times([f"{day:{other}}" for day in days], declared)


def test_epochs_of_another_unit_are_refused_with_two_witnesses() -> None:
    with pytest.raises(ContradictionError, match="epoch_s, not as epoch_ms") as error:
        times(["0", "1741600000000", "1741600001000", "1741600002000"], "epoch_s")

    assert error.value.witnesses == (1, 2)


@pytest.mark.parametrize(
    "texts",
    [
        ["1741600000", "1741600000000"],
        ["0", "-1", None],
        ["99999999999999999999", "1741600000"],
        ["2025-03-10T09:00:00Z"],
    ],
)
def test_strays_among_epochs_are_rejected_one_by_one(texts: list[str | None]) -> None:
    read = times(texts, "epoch_s")

    filled = [reason for text, reason in zip(texts, read.reason, strict=True) if text]
    assert set(filled) <= {None, "implausible_time", "bad_time"}


@given(st.lists(INSTANTS, min_size=1, max_size=10), st.sampled_from((1_000, 1_000_000)))
def test_a_wrong_unit_never_passes_for_a_time(
    instants: list[datetime], per_second: int
) -> None:
    numbers = [
        str(int(at.replace(tzinfo=UTC).timestamp()) * per_second) for at in instants
    ]
    with pytest.raises(ContradictionError):
        times([*numbers], "epoch_s")


@given(st.integers(0, 10**9), st.sampled_from(("excel_1900", "excel_1904")))
def test_a_serial_is_days_since_its_own_nought_to_the_second(
    seconds: int, form: str
) -> None:
    nought = {"excel_1900": datetime(1899, 12, 30), "excel_1904": datetime(1904, 1, 1)}
    expected = datetime(1991, 1, 1) + timedelta(seconds=seconds)
    serial = (expected - nought[form]) / timedelta(days=1)

    assert one(f"{serial:.10f}", form)[0] == expected.replace(tzinfo=UTC)


def test_a_serial_is_read_only_where_it_is_declared() -> None:
    assert one("45726.375", "iso8601") == (None, "bad_time")
    assert one("45726.375", "epoch_s") == (None, "implausible_time")
    assert one("60", "excel_1900") == (None, "implausible_time")
    assert one("45726", "excel_1900") == (datetime(2025, 3, 10, tzinfo=UTC), None)
    assert one("44264", "excel_1904") == (datetime(2025, 3, 10, tzinfo=UTC), None)


@pytest.mark.parametrize("zone", [*ZONES[1:], "Australia/Lord_Howe", "Pacific/Apia"])
@pytest.mark.parametrize("skipped", ["reject", "later"])
@pytest.mark.parametrize("repeated", ["earlier", "later", "reject"])
def test_doubtful_local_times_are_read_as_declared_and_counted(
    zone: str, skipped: str, repeated: str
) -> None:
    """Half-hours around the changes of 2011, against zoneinfo and its two folds."""
    place, day = ZoneInfo(zone), timedelta(days=1)
    year = [datetime(2011, 1, 2) + timedelta(minutes=30 * n) for n in range(17_500)]
    walls = [
        wall
        for wall in year
        if (wall - day).replace(tzinfo=place).utcoffset()
        != (wall + day).replace(tzinfo=place).utcoffset()
    ]
    change = ClockChange(skipped, repeated)  # type: ignore[arg-type]
    texts: list[str | None] = [f"{wall:%Y-%m-%d %H:%M:%S}" for wall in walls]
    read = times(texts, "iso8601", zone=zone, change=change)
    gaps = twice = 0
    for wall, at, reason in zip(walls, read.at, read.reason, strict=True):
        first, second = (wall.replace(tzinfo=place, fold=fold) for fold in (0, 1))
        real = first.astimezone(UTC).astimezone(place).replace(tzinfo=None) == wall
        double = real and first.utcoffset() != second.utcoffset()
        chosen = second if double and repeated == "later" else first
        lost = (not real and skipped == "reject") or (double and repeated == "reject")
        why = "ambiguous_time" if double else "nonexistent_time"
        assert (at, reason) == (
            (None, why) if lost else (chosen.astimezone(UTC), None)
        ), wall
        gaps += not real and not lost
        twice += double and not lost

    assert (read.skipped, read.repeated) == (gaps, twice)


def test_a_time_with_an_offset_is_never_in_doubt() -> None:
    strict = ClockChange(repeated="reject")
    read = times(
        ["2025-10-26 02:30:00+01:00", "2025-03-30 02:30:00+01:00"],
        "iso8601",
        zone="Europe/Berlin",
        change=strict,
    )

    assert read.reason.null_count() == 2
    assert (read.skipped, read.repeated) == (0, 0)


def test_across_a_clock_change_a_second_is_a_second() -> None:
    read = times(
        ["2025-03-30 01:59:59", "2025-03-30 03:00:00"], "iso8601", zone="Europe/Berlin"
    )

    assert read.at[1] - read.at[0] == timedelta(seconds=1)
