"""The curve behind the repeat rate is the product-limit estimate, and its knee real."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap.desk.returning import DAYS, ENOUGH, Curve, Point, knee, repeat_curves
from cxmap.options import RepeatRule, Window
from cxmap.tables import conform, empty

FIRST = datetime(2026, 3, 1, 9, tzinfo=UTC)
DAY = 86_400

Watched = list[tuple[int | None, int]]
"""Seconds until a contact's customer came back (None: never), and until the horizon."""


def held(watched: Watched, group: str = "voice", name: str = "p") -> pl.DataFrame:
    """One customer each, who comes back to a contact (once) or does not.

    The second contact happens also where the horizon lies before it.
    """
    rows = []
    for place, (back, horizon) in enumerate(watched):
        start = FIRST + timedelta(hours=place % 7)
        person = {
            "customer_id": f"{name}{place:04}",
            "source": "a",
            "channel": {"voice": "voice", "written": "email"}[group],
            "channel_group": group,
            "direction": "inbound",
            "inbound": True,
            "merged": False,
            "topic": "bill",
            "horizon_at": start + timedelta(seconds=horizon),
        }
        times = [start] if back is None else [start, start + timedelta(seconds=back)]
        for turn, at in enumerate(times):
            number = f"{name}{place:04}-{turn}"
            rows.append(
                {
                    **person,
                    "contact_id": number,
                    "source_contact_id": number,
                    "started_at": at,
                    "last_touch_at": at,
                }
            )

    return conform(pl.DataFrame(rows, infer_schema_length=None), "contacts")


def curves(contacts: pl.DataFrame, rule: RepeatRule | None = None) -> list[Curve]:
    """The curves after each customer's first contact."""
    firsts = contacts.filter(pl.col("contact_id").str.ends_with("-0"))
    found = repeat_curves(
        contacts,
        empty("links"),
        firsts.select("contact_id"),
        rule=rule or RepeatRule(),
    )
    return list(found)


def product_limit(watched: Watched, at: int) -> Fraction | None:
    """1 − S(at) in fractions, one step after the other; None: none watched so long."""
    times = [
        (back, True) if back is not None and back <= horizon else (horizon, False)
        for back, horizon in watched
    ]
    if not any(time >= at for time, _ in times):
        return None
    alive = Fraction(1)
    for step in sorted({time for time, came in times if came and time <= at}):
        at_risk = sum(time >= step for time, _ in times)
        came = sum(time == step and back for time, back in times)
        alive *= 1 - Fraction(came, at_risk)

    return 1 - alive


seconds = st.one_of(
    st.integers(0, 40 * DAY), st.sampled_from([day * DAY for day in (0, 1, 3, 7, 30)])
)
whole_days = st.integers(0, 40).map(lambda day: day * DAY)


@given(st.lists(st.tuples(st.none() | seconds, whole_days), min_size=1, max_size=40))
def test_the_curve_is_the_product_limit_estimate(watched: Watched) -> None:
    whole = curves(held(watched))[0]

    assert whole.contacts == len(watched)
    assert [point.day for point in whole.points] == list(DAYS)
    for point in whole.points:
        expected = product_limit(watched, point.day * DAY)
        if expected is None:
            assert point.share is None
            assert point.at_risk == 0
        else:
            assert point.share == pytest.approx(float(expected), abs=1e-9)
        assert point.at_risk == sum(
            min(horizon, math.inf if back is None else back) >= point.day * DAY
            for back, horizon in watched
        )


@given(st.lists(st.tuples(st.none() | seconds, whole_days), min_size=1, max_size=40))
def test_an_interval_holds_its_share_and_a_curve_never_falls(watched: Watched) -> None:
    points = curves(held(watched))[0].points
    shares = [point.share for point in points if point.share is not None]

    assert shares == sorted(shares)
    for point in points:
        if point.low is not None and point.share is not None:
            assert point.low <= point.share + 1e-9
        if point.high is not None and point.share is not None:
            assert point.share - 1e-9 <= point.high <= 1
        if len(watched) < 10 or point.share in (None, 0):
            assert point.low is None
            assert point.high is None


def test_a_return_after_the_kpis_window_counts() -> None:
    watched: Watched = [(9 * DAY, 60 * DAY)] * 5 + [(None, 60 * DAY)] * 5
    short = RepeatRule(within=Window(timedelta(days=2)))
    whole = curves(held(watched), short)[0]

    assert [point.share for point in whole.points] == [0, 0, 0, 0.5, 0.5]
    assert whole.window == timedelta(days=2)


def test_a_return_after_the_horizon_is_not_believed_yet() -> None:
    watched: Watched = [(9 * DAY, 8 * DAY)] * 12
    points = curves(held(watched))[0].points

    assert [point.share for point in points] == [0, 0, 0, None, None]


def test_a_contact_after_the_horizon_is_not_watched() -> None:
    watched: Watched = [(None, 5 * DAY), (None, -DAY)]

    assert curves(held(watched))[0].contacts == 1


def test_who_came_back_to_an_open_case_was_seen_however_near_the_horizon() -> None:
    """The gap runs from the answer, the watch from the last touch."""
    contacts = held([(10 * DAY, 25 * DAY)]).with_columns(
        answered_at=pl.col("started_at"),
        topic=pl.lit(None, pl.String()),
        channel=pl.lit("email"),
        channel_group=pl.lit("written"),
        last_touch_at=pl.col("started_at") + pl.duration(days=20),
    )
    whole = curves(contacts)[0]

    assert whole.repeats == 1
    assert [point.share for point in whole.points[:3]] == [0, 0, 0]
    assert whole.points[2].at_risk == 1


def test_nobody_has_a_curve_of_nobody() -> None:
    nobody = curves(held([(None, 5 * DAY)]).clear())

    assert len(nobody) == 1
    assert nobody[0].contacts == nobody[0].repeats == 0
    assert {point.share for point in nobody[0].points} == {None}
    assert nobody[0].knee is None


def test_a_channel_group_has_a_curve_where_enough_come_back() -> None:
    often: Watched = [(2 * DAY, 60 * DAY)] * ENOUGH
    seldom: Watched = [(2 * DAY, 60 * DAY)] * (ENOUGH - 1) + [(31 * DAY, 60 * DAY)]
    contacts = pl.concat([held(often, "written", "w"), held(seldom, "voice", "v")])
    found = curves(contacts)

    assert [curve.channel_group for curve in found] == [None, "written"]
    assert found[1].contacts == found[1].repeats == ENOUGH
    assert found[1].window == timedelta(days=10)
    assert found[0].contacts == 2 * ENOUGH


def told_daily(shares: Sequence[float], at_risk: int = 5000) -> list[Point]:
    """A curve watched closely enough that its interval is narrow."""
    return [
        Point(day, share, max(0.0, share - 0.005), share + 0.005, at_risk)
        for day, share in enumerate(shares)
    ]


@pytest.mark.parametrize("at", [2, 5, 9, 14, 20])
def test_the_knee_of_two_straight_lines_is_where_they_meet(at: int) -> None:
    shares = [0.02 * min(day, at) + 0.001 * max(0, day - at) for day in range(31)]

    assert knee(told_daily(shares)) == at


@pytest.mark.parametrize("days", [1.5, 3, 5, 8])
def test_the_knee_of_an_exponential_is_where_its_slope_is_the_chords(
    days: float,
) -> None:
    shares = [0.5 * (1 - math.exp(-day / days)) for day in range(31)]
    known = days * math.log(30 / (days * (1 - math.exp(-30 / days))))

    assert abs((knee(told_daily(shares)) or 0) - known) < 1


def test_people_who_come_back_early_and_then_at_a_steady_rate_have_that_knee() -> None:
    """Sixty a day for five days, then four a day: the bend is on day five."""
    early = [(day * DAY, 60 * DAY) for day in range(1, 6) for _ in range(60)]
    late = [(day * DAY, 60 * DAY) for day in range(6, 31) for _ in range(4)]
    watched: Watched = [*early, *late, *[(None, 60 * DAY)] * 600]

    assert curves(held(watched))[0].knee == 5


@pytest.mark.parametrize(
    "shares",
    [
        [0.01 * day for day in range(31)],
        [0.0] * 31,
        [0.001 * day**2 for day in range(31)],
        [0.01 * day + 0.002 * (day % 2) for day in range(31)],
    ],
    ids=["steady", "never", "ever more", "noise"],
)
def test_a_curve_that_does_not_bend_has_no_knee(shares: list[float]) -> None:
    assert knee(told_daily(shares)) is None


def test_a_bend_within_the_interval_is_no_knee() -> None:
    shares = [0.02 * min(day, 5) + 0.001 * max(0, day - 5) for day in range(31)]
    vague = [Point(p.day, p.share, 0.0, 1.0, 12) for p in told_daily(shares)]

    assert knee(vague) is None


def test_days_that_fewer_than_ten_were_watched_bend_nothing() -> None:
    shares = [0.02 * min(day, 5) + 0.001 * max(0, day - 5) for day in range(31)]
    leap = [
        Point(p.day, p.share if p.day < 25 else 0.9, p.low, p.high, 50 - 2 * p.day)
        for p in told_daily(shares)
    ]

    assert knee(leap) == 5
    assert knee(told_daily(shares, at_risk=9)) is None
    assert knee([]) is None
