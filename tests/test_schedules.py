"""Under which hours a case falls as it goes from team to team, and what passes then."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.hours import for_whom, held_seconds, schedule_at, with_schedules
from cxmap.journeys.business import with_hours
from cxmap.options import (
    Convention,
    Holidays,
    Hours,
    NamedSchedule,
    Schedule,
    every,
)
from cxmap.tables import conform

Row = dict[str, Any]

HOUR, DAY = 3_600, 86_400
MINUTE = timedelta(minutes=1)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
ALWAYS = Schedule(week=every(range(7), 0, DAY))

CHICAGO = Schedule("America/Chicago", every(range(7), 7 * HOUR, 21 * HOUR))
SAN_FRANCISCO = Schedule(
    "America/Los_Angeles", every(range(5), 8 * HOUR, 17 * HOUR + 1_800)
)


def contacts(*rows: Row) -> pl.DataFrame:
    named = [
        {"contact_id": f"a:c{place}", "source": "a", "inbound": True, **row}
        for place, row in enumerate(rows, start=1)
    ]
    return conform(pl.DataFrame(named, infer_schema_length=None), "contacts")


def events(*rows: Row) -> pl.DataFrame:
    return conform(pl.DataFrame(list(rows), infer_schema_length=None), "events")


def under(rows: pl.DataFrame, happened: pl.DataFrame, hours: Hours) -> list[str | None]:
    told = with_schedules(rows, happened, hours, key=["contact_id"])
    return told["schedules"].to_list()


# The example of dbt_zendesk's decision log: ticket 941606.
TICKET = {
    "team": "Level 2",
    "started_at": datetime(2020, 9, 29, 17, 1, 38, tzinfo=UTC),
    "first_response_at": datetime(2020, 9, 30, 19, 1, 46, tzinfo=UTC),
}
HANDED_OVER = {
    "contact_id": "a:c1",
    "event_type": "transferred",
    "at": datetime(2020, 9, 30, 19, 1, 25, tzinfo=UTC),
    "from_value": "Level 1",
    "to_value": "Level 2",
}


def two_levels(convention: Convention) -> Hours:
    return Hours(
        schedules=(
            NamedSchedule("chicago", CHICAGO, teams=("Level 1",)),
            NamedSchedule("san_francisco", SAN_FRANCISCO, teams=("Level 2",)),
        ),
        convention=convention,
    )


@pytest.mark.parametrize(
    ("convention", "seconds"),
    [
        # 538 min 22 s of Tuesday and 421 min 25 s of Wednesday in Chicago, 21 s after
        ("all", 538 * 60 + 22 + 421 * 60 + 25 + 21),
        # 448 min 22 s of Tuesday and 241 min 46 s of Wednesday in San Francisco
        ("last", 448 * 60 + 22 + 241 * 60 + 46),
    ],
)
def test_fivetran_and_zendesk_differ_by_the_hours_of_the_second_team(
    convention: Convention, seconds: int
) -> None:
    told = with_hours(
        contacts(TICKET), events(HANDED_OVER), hours=two_levels(convention)
    )

    assert told["schedules"].item() == "chicago 2020-09-30T19:01:25Z san_francisco"
    assert told["first_response_business_seconds"].item() == seconds
    assert (told["in_hours"].item(), told["answered_in_hours"].item()) == (True, True)


@pytest.mark.parametrize(("convention", "minutes"), [("all", 959.46), ("last", 689.46)])
def test_the_decision_log_comes_out_as_it_rounds(
    convention: Convention, minutes: float
) -> None:
    """It counts from 17:02, and writes 19:01:25 and 19:01:46 as 19:01.25 and 19:01.46,
    which is 15 and 27.6 seconds past."""
    rounded = TICKET | {
        "started_at": datetime(2020, 9, 29, 17, 2, tzinfo=UTC),
        "first_response_at": datetime(2020, 9, 30, 19, 1, 28, tzinfo=UTC),
    }
    handed = HANDED_OVER | {"at": datetime(2020, 9, 30, 19, 1, 15, tzinfo=UTC)}
    told = with_hours(contacts(rounded), events(handed), hours=two_levels(convention))

    taken = told["first_response_business_seconds"].item() / 60
    assert taken == pytest.approx(minutes, abs=0.01)


def test_a_change_after_the_answer_does_not_touch_the_wait_for_it() -> None:
    late = HANDED_OVER | {"at": datetime(2020, 9, 30, 19, 1, 47, tzinfo=UTC)}
    for convention in get_args(Convention):
        told = with_hours(contacts(TICKET), events(late), hours=two_levels(convention))
        assert told["first_response_business_seconds"].item() == (
            538 * 60 + 22 + 421 * 60 + 46
        )


def test_a_change_at_the_moment_of_the_answer_is_the_last_schedule() -> None:
    with_it = HANDED_OVER | {"at": TICKET["first_response_at"]}
    told = with_hours(contacts(TICKET), events(with_it), hours=two_levels("last"))

    assert told["first_response_business_seconds"].item() == 690 * 60 + 8


def test_what_the_export_says_stays() -> None:
    said = TICKET | {"first_response_business_seconds": 7}
    told = with_hours(contacts(said), events(HANDED_OVER), hours=Hours())

    assert told["first_response_business_seconds"].item() == 7


def test_a_first_answer_told_as_a_duration_is_one() -> None:
    rows = contacts(
        {"started_at": MONDAY + 16 * timedelta(hours=1), "first_response_seconds": DAY},
        {"started_at": MONDAY + 16 * timedelta(hours=1)},
    )
    told = with_hours(rows, events().clear(), hours=Hours())

    assert told["first_response_business_seconds"].to_list() == [8 * HOUR, None]
    assert told["answered_in_hours"].to_list() == [True, None]


def test_a_case_of_a_saturday_is_answered_at_once_and_out_of_hours() -> None:
    saturday = MONDAY + timedelta(days=5, hours=10)
    rows = contacts(
        {"started_at": saturday, "first_response_at": saturday + timedelta(hours=2)},
        {"started_at": saturday, "first_response_at": saturday + timedelta(days=2)},
        {"started_at": saturday, "time_precision": "day"},
    )
    told = with_hours(rows, events().clear(), hours=Hours())

    assert told["first_response_business_seconds"].to_list() == [0, HOUR, None]
    assert told["in_hours"].to_list() == [False, False, None]
    assert told["answered_in_hours"].to_list() == [False, True, None]


NAMED = Hours(
    schedules=(
        NamedSchedule("night", ALWAYS, channel_groups=("voice",), queues=("night",)),
        NamedSchedule("desk", ALWAYS, sources=("b",), teams=("one", "two")),
        NamedSchedule("one", ALWAYS, teams=("one",)),
    )
)


def test_the_first_schedule_of_which_all_holds_counts() -> None:
    rows = contacts(
        {"channel_group": "voice", "queue": "night", "team": "one"},
        {"channel_group": "voice", "team": "one"},
        {"channel_group": "written", "queue": "night"},
        {"source": "b", "team": "two"},
        {"source": "b", "team": "one"},
        {"source": "a", "team": "two"},
        {},
    )
    found = ["night", "one", None, "desk", "desk", None, None]

    assert under(rows, events().clear(), NAMED) == found
    assert for_whom(NAMED.schedules[1]) == "source b, team one or two"


def moved(kind: str, hours: int, before: str | None, after: str | None) -> Row:
    return {
        "contact_id": "a:c1",
        "event_type": kind,
        "at": MONDAY + timedelta(hours=hours),
        "from_value": before,
        "to_value": after,
    }


@pytest.mark.parametrize(
    ("team", "happened", "found"),
    [
        ("one", [], "one"),
        # nobody's until somebody takes it
        ("one", [moved("assigned", 1, None, "one")], "usual 2026-03-02T01:00:00Z one"),
        (
            "two",
            [moved("transferred", 1, "one", "two")],
            "one 2026-03-02T01:00:00Z usual",
        ),
        # what was before it began is none of it
        ("one", [moved("transferred", 0, "two", "one")], "one"),
        # people are no teams
        ("one", [moved("transferred", 1, "p_1", "p_2")], "one"),
        ("one", [moved("status_changed", 1, "two", "one")], "one"),
        ("one", [moved("transferred", 1, "one", None)], "one"),
        # from hand to hand within the same hours is no change
        ("two", [moved("transferred", 1, "two", "three")], "usual"),
        (
            "one",
            [
                moved("transferred", 1, "one", "two"),
                moved("transferred", 2, "two", "one"),
            ],
            "one 2026-03-02T01:00:00Z usual 2026-03-02T02:00:00Z one",
        ),
    ],
)
def test_the_hours_change_with_the_team(
    team: str, happened: list[Row], found: str
) -> None:
    rows = contacts(
        {"team": team, "started_at": MONDAY},
        {"team": "three", "contact_id": "a:c9", "started_at": MONDAY},
    )
    told = events(*happened) if happened else events().clear()
    expected = None if found == "usual" else found

    assert under(rows, told, NAMED) == [expected, None]
    assert under(rows, told.reverse(), NAMED) == [expected, None]


# --- the same in plain Python ------------------------------------------------------

SHORT = Schedule("UTC", every([0, 1], 8 * HOUR, 12 * HOUR))
NIGHT = Schedule(
    "Asia/Tokyo",
    every(range(7), 22 * HOUR, DAY + 4 * HOUR),
    Holidays(dates=(date(2026, 3, 3),)),
)
BY_NAME: Mapping[str | None, Schedule] = {
    "short": SHORT,
    "night": NIGHT,
    None: Schedule(),
}
TEAM_OF = {"s": "short", "n": "night"}
LONG = st.integers(0, 2 * 24 * 60)
MOVE = st.tuples(LONG, st.sampled_from(["s", "n", "x", None]))


def plan(convention: Convention) -> Hours:
    return Hours(
        schedules=tuple(
            NamedSchedule(name, BY_NAME[name], teams=(team,))
            for team, name in TEAM_OF.items()
        ),
        convention=convention,
    )


def open_minute(moment: datetime, schedule: Schedule) -> bool:
    local = moment.astimezone(ZoneInfo(schedule.zone))
    second = local.hour * HOUR + local.minute * 60
    today, yesterday = (schedule.week[(local.weekday() - back) % 7] for back in (0, 1))
    return local.date() not in schedule.holidays.dates and (
        any(a <= second < b for a, b in today)
        or any(a <= second + DAY < b for a, b in yesterday)
    )


def in_force(held: list[tuple[datetime, str | None]], moment: datetime) -> str | None:
    begun = [name for since, name in held if since <= moment]
    return begun[-1] if begun else held[0][1]


def walked(
    row: Row, held: list[tuple[datetime, str | None]], convention: Convention
) -> int | None:
    start, end = row["started_at"], row["first_response_at"]
    if end is None:
        return None
    last, open_minutes, moment = in_force(held, end), 0, start
    while moment < end:
        name = in_force(held, moment) if convention == "all" else last
        open_minutes += open_minute(moment, BY_NAME[name])
        moment += MINUTE
    return 60 * open_minutes


@st.composite
def case(draw: st.DrawFn) -> tuple[Row, list[Row], list[tuple[datetime, str | None]]]:
    """Draw a case, its hand-overs, and since when which schedule held."""
    start = MONDAY + MINUTE * draw(LONG)
    lasts = draw(st.none() | LONG)
    team = draw(st.sampled_from(["s", "n", "x", None]))
    row = {
        "started_at": start,
        "first_response_at": None if lasts is None else start + MINUTE * lasts,
        "team": team,
    }
    times = draw(st.lists(MOVE, max_size=4, unique_by=lambda move: move[0]))
    happened: list[Row] = []
    begins = datetime(1970, 1, 1, tzinfo=UTC)
    held = [(begins, TEAM_OF.get(team or ""))]
    was = draw(st.sampled_from(["s", "x", None]))
    for minutes, to in sorted(times, key=lambda move: move[0]):
        at = start + MINUTE * minutes
        happened.append(
            {"event_type": "transferred", "at": at, "from_value": was, "to_value": to}
        )
        if to is not None:
            if len(held) == 1 and held[0][0] == begins:
                held = [(begins, TEAM_OF.get(was or ""))]
            held.append((at, TEAM_OF.get(to)))
        was = to
    return row, happened, held


@settings(max_examples=40, deadline=None)
@given(st.lists(case(), min_size=1, max_size=4), st.sampled_from(["all", "last"]))
def test_plain_python_walks_through_the_same_minutes(
    cases: list[Any], convention: Literal["all", "last"]
) -> None:
    rows = contacts(*(row for row, _, _ in cases), {"team": "x", "contact_id": "a:x"})
    told = [
        {**one, "contact_id": f"a:c{place}"}
        for place, (_, happened, _) in enumerate(cases, start=1)
        for one in happened
    ]
    happened = events(*told) if told else events().clear()
    hours = plan(convention)
    named = with_schedules(rows, happened, hours, key=["contact_id"])

    found = held_seconds(named, "started_at", "first_response_at", hours).to_list()
    at_end = schedule_at(named, "first_response_at").to_list()

    assert found[:-1] == [walked(row, held, convention) for row, _, held in cases]
    assert [
        name
        for name, (row, _, _) in zip(at_end, cases, strict=False)
        if row["first_response_at"]
    ] == [
        in_force(held, row["first_response_at"])
        for row, _, held in cases
        if row["first_response_at"]
    ]
