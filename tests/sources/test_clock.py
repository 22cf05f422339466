"""Opening time inside contacts that fall under hours of their own."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Literal
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.options import Convention, Hours, NamedSchedule, Schedule, every
from cxmap.sources.inside import with_inside
from cxmap.tables import FACTS, conform

Row = dict[str, Any]

HOUR, DAY = 3_600, 86_400
MINUTE = timedelta(minutes=1)
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)

SHORT = Schedule("UTC", every([0, 1], 8 * HOUR, 12 * HOUR))
NIGHT = Schedule("Asia/Tokyo", every(range(7), 22 * HOUR, DAY + 4 * HOUR))
PLAN = {None: Schedule(), "short": SHORT, "night": NIGHT}
TEAMS = {"s": "short", "n": "night"}
BOTH = ("longest_response_business_seconds", "longest_silence_business_seconds")


def by_team(convention: Convention) -> Hours:
    named = [
        NamedSchedule(name, PLAN[name], teams=(team,)) for team, name in TEAMS.items()
    ]
    return Hours(schedules=tuple(named), convention=convention)


def contact(number: str, **facts: Any) -> Row:
    return {
        "source": "desk",
        "source_contact_id": number,
        "channel": "email",
        "direction": "inbound",
        "started_at": MONDAY,
        **facts,
    }


def event(number: str, minute: int, kind: str, **more: Any) -> Row:
    return {
        "source": "desk",
        "source_contact_id": number,
        "record_key": f"{minute:06}{kind}",
        "content": "",
        "at": MONDAY + MINUTE * minute,
        "event_type": kind,
        **more,
    }


def said(number: str, minute: int, who: str, **more: Any) -> Row:
    told = {"actor_type": who, "public": True, **more}
    return event(number, minute, "message_sent", **told)


def moved(number: str, minute: int, before: str | None, to: str | None) -> Row:
    values = {"from_value": before, "to_value": to}
    return event(number, minute, "transferred", **values)


def inside(contacts: list[Row], events: list[Row], hours: Hours) -> list[Row]:
    whole = conform(pl.DataFrame(contacts, infer_schema_length=None), "contact_records")
    told = conform(pl.DataFrame(events, infer_schema_length=None), "event_records")
    rows = with_inside(
        whole.select("source", "source_contact_id", *FACTS),
        told.with_columns(taken_down=pl.lit(None, pl.Boolean)),
        hours=hours,
    )

    return rows.to_dicts()


# --- a walk through every minute -----------------------------------------------------


def is_open(moment: datetime, schedule: Schedule) -> bool:
    local = moment.astimezone(ZoneInfo(schedule.zone))
    second = local.hour * HOUR + local.minute * 60
    today, yesterday = (schedule.week[(local.weekday() - back) % 7] for back in (0, 1))
    return any(a <= second < b for a, b in today) or any(
        a <= second + DAY < b for a, b in yesterday
    )


class Held:
    """Which schedule a contact falls under, minute by minute."""

    def __init__(self, team: str | None, moves: list[tuple[int, Any, Any]]) -> None:
        known = [(minute, to) for minute, _, to in moves if to in ("s", "n", "x")]
        first = [of for _, of, to in moves if to in ("s", "n", "x")][:1]
        self.since = known
        self.before = first[0] if first else team

    def at(self, minute: int) -> Schedule:
        team = [to for since, to in self.since if since <= minute][-1:]
        return PLAN[TEAMS.get(team[0] if team else self.before or "")]

    def seconds(self, start: int, end: int, convention: str) -> int:
        last = self.at(end)
        return 60 * sum(
            is_open(MONDAY + MINUTE * m, self.at(m) if convention == "all" else last)
            for m in range(start, end)
        )


def longest_wait(lines: list[tuple[int, str]], held: Held, how: str) -> int | None:
    asked: int | None = None
    answered, waits = False, []
    for minute, who in lines:
        if who == "customer":
            asked = minute if asked is None else asked
        else:
            if asked is not None and answered:
                waits.append(held.seconds(asked, minute, how))
            asked, answered = None, True
    return max(waits, default=None)


TIMES = st.integers(2, 3 * 24 * 60)
LINES = st.lists(
    st.tuples(TIMES, st.sampled_from(["customer", "human"])),
    max_size=6,
    unique_by=lambda one: one[0],
).map(sorted)
MOVES = st.lists(
    st.tuples(TIMES, *[st.sampled_from(["s", "n", "x", None])] * 2),
    max_size=3,
    unique_by=lambda one: one[0],
).map(lambda several: sorted(several, key=lambda one: one[0]))
CASES = st.lists(
    st.tuples(LINES, MOVES, st.sampled_from(["s", "n", "x", None])),
    min_size=1,
    max_size=3,
)


@settings(max_examples=60)
@given(cases=CASES, convention=st.sampled_from(["all", "last"]))
def test_waits_and_silences_are_those_of_a_walk_through_the_minutes(
    cases: list[Any], convention: Literal["all", "last"]
) -> None:
    contacts = [contact("shown", team="x")]
    events = [said("shown", 0, "customer"), said("shown", 2, "human")]
    wanted = [(None, None)]
    for place, (lines, moves, team) in enumerate(cases):
        number = f"c{place}"
        # the case is ours from its start, and its first message is answered at once
        whole = [(0, "customer"), (1, "human"), *lines]
        contacts.append(contact(number, team=team, status="open"))
        events += [
            event(number, 0, "status_changed", from_value="new", to_value="open"),
            *(said(number, minute, who) for minute, who in whole),
            *(moved(number, *move) for move in moves),
        ]
        held = Held(team, moves)
        happened = sorted({0, *(m for m, _ in whole), *(m for m, _, _ in moves)})
        silences = [
            held.seconds(one, other, convention) for one, other in pairwise(happened)
        ]
        wanted.append((longest_wait(whole, held, convention), max(silences)))

    rows = inside(contacts, events, by_team(convention))

    assert [tuple(row[name] for name in BOTH) for row in rows] == wanted


# --- by example ----------------------------------------------------------------------

ASKED_AT_NIGHT = (
    ("customer", 0),
    ("human", 1),
    ("customer", 11 * 60),  # Monday, 20:00
    ("human", 24 * 60),  # Tuesday, 09:00
)
ALL_DAY = Schedule(week=every(range(7), 0, DAY))


def waited(hours: Hours, *moves: Row, **facts: Any) -> int | None:
    source = facts.get("source", "desk")
    lines = [said("c", minute, who) for who, minute in ASKED_AT_NIGHT]
    events = [one | {"source": source} for one in [*lines, *moves]]
    [row] = inside([contact("c", **facts)], events, hours)
    wait: int | None = row["longest_response_business_seconds"]
    return wait


@pytest.mark.parametrize(
    ("asked", "facts"),
    [
        ({"teams": ("night",)}, {"team": "night"}),
        ({"queues": ("line 2",)}, {"queue": "line 2"}),
        ({"sources": ("brand",)}, {"source": "brand"}),
        ({"channel_groups": ("chat",)}, {"channel": "chat"}),
        ({"channel_groups": ("other",)}, {"channel": None}),
    ],
)
def test_whoever_has_hours_of_their_own_is_waited_for_in_them(
    asked: dict[str, Any], facts: dict[str, Any]
) -> None:
    hours = Hours(schedules=(NamedSchedule("always", ALL_DAY, **asked),))

    assert waited(hours, **facts) == 13 * HOUR
    assert waited(hours) == 0
    assert waited(Hours(), **facts) == 0


def test_a_case_handed_over_while_somebody_waits_changes_its_hours_then() -> None:
    by_night = NamedSchedule("always", ALL_DAY, teams=("night",))
    over = moved("c", 15 * 60, "day", "night")  # at midnight

    each = Hours(schedules=(by_night,), convention="all")
    last = Hours(schedules=(by_night,), convention="last")

    assert waited(each, over, team="night") == 9 * HOUR
    assert waited(last, over, team="night") == 13 * HOUR


def test_hours_of_others_leave_the_usual_ones_as_they_are() -> None:
    hours = Hours(schedules=(NamedSchedule("short", SHORT, teams=("other",)),))
    events = [
        *(said("c", minute, who) for who, minute in ASKED_AT_NIGHT[:2]),
        said("c", 60, "customer"),
        said("c", 6 * 60, "human"),
    ]

    [usual] = inside([contact("c")], events, Hours())
    [named] = inside([contact("c")], events, hours)

    assert usual["longest_response_business_seconds"] == 5 * HOUR
    assert named == usual
