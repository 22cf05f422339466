"""Which two sides are compared, and what cannot be."""

from datetime import UTC, date, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from cxmap.comparison import Compared
from cxmap.config import read_config
from cxmap.desk.siding import Asked, Clock, annotated, nobody_in, sides_of
from cxmap.errors import UsageError
from cxmap.tables import conform

BERLIN = ZoneInfo("Europe/Berlin")
CLOCK = Clock(
    now=datetime(2026, 7, 1, tzinfo=UTC),
    zone=BERLIN,
    horizon=datetime(2026, 6, 28, 18, tzinfo=UTC),
)
HELD = pl.DataFrame({"started_at": [datetime(2026, 1, 5, 9, tzinfo=UTC)]})


def sides(**given: object) -> tuple[Compared, Compared]:
    _, a, b = sides_of(Asked(**given), HELD, CLOCK)  # type: ignore[arg-type]
    return a, b


def days(side: Compared) -> tuple[date, date]:
    """The first day and the day after the last, in Berlin."""
    first, last = (at.astimezone(BERLIN) for at in (side.since, side.until))
    assert (first.hour, last.hour) == (0, 0)
    return first.date(), last.date()


def test_periods_are_those_of_since() -> None:
    a, b = sides(a="2026-04", b="last-month")

    assert days(a) == (date(2026, 4, 1), date(2026, 5, 1))
    assert days(b) == (date(2026, 6, 1), date(2026, 7, 1))
    assert (a.label, b.label, a.only) == ("A", "B", {})


def test_two_days_with_dots_between_are_a_period() -> None:
    a, _ = sides(a="2026-04-03..2026-04-09", b="2026-05")

    assert days(a) == (date(2026, 4, 3), date(2026, 4, 10))


def test_the_later_period_may_come_first() -> None:
    a, b = sides(a="2026-05", b="2026-04")

    assert a.since > b.since


@pytest.mark.parametrize("weeks", [1, 2, 6])
def test_both_sides_of_a_day_are_whole_weeks_of_the_same_weekdays(weeks: int) -> None:
    """The clocks change on 29 March: a week of days, not of hours."""
    a, b = sides(before_after="2026-03-31", span=f"{weeks}w")

    assert days(a)[1] == days(b)[0] == date(2026, 3, 31)
    for first, after in (days(a), days(b)):
        assert (after - first).days == 7 * weeks
        assert first.weekday() == date(2026, 3, 31).weekday()


def test_unless_told_up_to_four_weeks_are_taken_as_far_as_both_sides_reach() -> None:
    assert days(sides(before_after="2026-04-01")[0])[0] == date(2026, 3, 4)
    assert days(sides(before_after="2026-06-15")[1])[1] == date(2026, 6, 29)
    assert days(sides(before_after="2026-06-15")[0])[0] == date(2026, 6, 1)


@pytest.mark.parametrize(
    ("day", "span", "said"),
    [
        ("2026-06-23", None, "0 whole weeks are held after"),
        ("2026-01-11", None, "0 whole weeks are held before"),
        ("2026-06-15", "3w", "name a shorter --span"),
        ("2026-06-15", "10d", "whole weeks"),
        ("2026-06-15", "soon", "--span"),
        ("15.06.2026", None, "write a day"),
    ],
)
def test_a_side_that_is_not_held_or_not_whole_is_refused(
    day: str, span: str | None, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        sides(before_after=day, span=span)


def test_segments_are_values_of_one_dimension() -> None:
    a, b = sides(a="channel=chat", b="channel=voice, email", since="2026-05")

    assert (a.only, b.only) == ({"channel": ("chat",)}, {"channel": ("voice", "email")})
    assert (a.since, a.until) == (b.since, b.until)
    assert days(a) == (date(2026, 5, 1), date(2026, 6, 1))


def test_rows_without_a_value_are_a_segment_too() -> None:
    a, _ = sides(a="topic=(unknown)", b="topic=billing", since="2026-05")

    assert a.only == {"topic": (None,)}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "name two sides"),
        ({"a": "2026-04"}, "name two sides"),
        ({"a": "2026-04", "b": "channel=chat"}, "not one of each"),
        ({"a": "2026-04", "b": "2026-Q2"}, "overlap"),
        ({"a": "2026-04", "b": "2026-05", "since": "2026-05"}, "--since"),
        ({"a": "2026-04", "b": "2026-05", "span": "4w"}, "--before-after"),
        ({"a": "2026-04", "before_after": "2026-05-01"}, "leave out"),
        ({"a": "chanel=chat", "b": "channel=voice"}, "did you mean channel"),
        ({"a": "channel=", "b": "channel=voice"}, "write a value"),
        ({"a": "channel=chat", "b": "topic=billing"}, "one dimension"),
        ({"a": "channel=chat,voice", "b": "channel=voice"}, "overlap"),
        ({"a": "2026-13", "b": "2026-05"}, "write one of"),
    ],
)
def test_sides_that_cannot_be_told_are_refused(
    given: dict[str, str], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        sides(**({"since": "2026-05"} if "=" in str(given.get("a")) else {}) | given)


def test_annotations_are_named_where_they_fall_in() -> None:
    a, b = sides(before_after="2026-05-04", span="1w")
    config = read_config(
        "annotations:\n"
        "  - {from: 2026-05-04, text: new bot}\n"
        "  - {from: 2026-05-03, until: 2026-05-05, text: strike}\n"
        "  - {from: 2026-05-11, text: too late}\n"
        "  - {from: 2026-04-26, text: too early}\n",
        None,
    )

    assert annotated(config, "before_after", a, b, BERLIN) == [
        "annotated 2026-05-04: new bot (in after)",
        "annotated 2026-05-03 – 2026-05-05: strike (in before and after)",
    ]
    assert annotated(config, "segments", b, b, BERLIN)[0].endswith("new bot")


class TestNobodyIn:
    TABLES: ClassVar[dict[str, pl.DataFrame]] = {
        "contacts": conform(
            pl.DataFrame(
                {
                    "contact_id": ["a", "b", "c"],
                    "started_at": [
                        datetime(2026, 5, day, tzinfo=UTC) for day in (4, 5, 6)
                    ],
                    "channel": ["chat", "chat", "voice"],
                    "topic": ["billing/invoice", None, "delivery"],
                }
            ),
            "contacts",
        )
    }

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            (
                {"a": "2026-05", "b": "2026-06"},
                "nobody is in B: no contact began in June 2026",
            ),
            (
                {"a": "channel=voice", "b": "channel=chta"},
                "nobody is in B, channel=chta: did you mean channel=chat? rows of the "
                "period have chat, voice",
            ),
            (
                {"a": "topic=billing", "b": "topic=repair,returns"},
                "nobody is in B, topic=repair,returns: rows of the period have "
                "billing/invoice, delivery, (unknown)",
            ),
        ],
    )
    def test_it_is_said_why_a_side_holds_nobody(
        self, given: dict[str, str], said: str
    ) -> None:
        since = {} if "2026-05" in given["a"] else {"since": "2026-05"}
        a, b = sides(**given, **since)

        assert nobody_in(a, "A", self.TABLES, BERLIN) == []
        assert nobody_in(b, "B", self.TABLES, BERLIN) == [said]

    @pytest.mark.parametrize(
        "word", ["topic=billing", "topic=(unknown)", "channel=fax,voice"]
    )
    def test_of_a_side_that_holds_somebody_nothing_is_said(self, word: str) -> None:
        other = word.partition("=")[0] + "=other"
        a, _ = sides(a=word, b=other, since="2026-05")

        assert nobody_in(a, "A", self.TABLES, BERLIN) == []

    def test_where_nobody_is_in_the_period_both_sides_say_so(self) -> None:
        a, b = sides(a="channel=chat", b="channel=voice", since="2026-06")

        for side in (a, b):
            assert nobody_in(side, "A", self.TABLES, BERLIN) == [
                "nobody is in A: no contact began in June 2026"
            ]
