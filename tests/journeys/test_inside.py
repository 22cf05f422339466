"""Waits and silences of steps, those that still run up to the end of their source."""

from collections.abc import Callable

import polars as pl

from cxmap.journeys.inside import repeated_after, waits_inside, with_inside
from cxmap.options import Hours, NamedSchedule, Schedule, every

Drawn = Callable[[str], pl.DataFrame]
HOUR, DAY = 3_600, 86_400
OFFICE = Hours()


def test_who_still_waits_counts_while_the_case_is_open(drawn: Drawn) -> None:
    """
    status  owed_since_at messages_after_answer longest_response_seconds source_horizon_at
    open    03-02_09:00   1                     –                        03-02_12:00
    pending 03-02_09:00   1                     5h                       03-02_12:00
    solved  03-02_09:00   1                     1h                       03-02_12:00
    –       03-02_09:00   1                     –                        03-02_12:00
    open    03-02_09:00   –                     –                        03-02_12:00
    open    –             1                     2h                       03-02_12:00
    """  # noqa: E501
    found = with_inside(drawn("steps"), hours=OFFICE)

    assert found["longest_wait_seconds"].to_list() == [
        3 * HOUR,
        5 * HOUR,
        HOUR,
        None,
        None,
        2 * HOUR,
    ]
    assert found["longest_wait_business_seconds"].to_list()[0] == 3 * HOUR


def test_only_a_case_that_is_ours_goes_quiet(drawn: Drawn) -> None:
    """
    status  last_event_at updated_at  longest_silence_seconds source_horizon_at
    open    03-02_09:00   –           –                       03-05_09:00
    on_hold –             03-02_09:00 –                       03-05_09:00
    new     03-02_09:00   03-03_09:00 –                       03-05_09:00
    pending 03-02_09:00   –           1h                      03-05_09:00
    solved  03-02_09:00   –           –                       03-05_09:00
    open    –             –           –                       03-05_09:00
    """
    found = with_inside(drawn("steps"), hours=OFFICE)

    assert found["quiet_seconds"].to_list() == [
        3 * DAY,
        3 * DAY,
        2 * DAY,
        HOUR,
        None,
        None,
    ]
    assert found["quiet_business_days"].to_list()[:3] == [3, 3, 2]


def test_whoever_may_wait_until_the_horizon_is_looked_at_again(drawn: Drawn) -> None:
    """
    status  messages_after_answer
    open    –
    pending –
    solved  1
    solved  –
    –       –
    –       0
    """
    asked = drawn("steps").select(again=waits_inside())

    assert asked["again"].to_list() == [True, True, False, False, False, True]


def test_a_repeat_is_timed_from_the_solve_or_else_the_close(drawn: Drawn) -> None:
    """
    started_at  resolved_at closed_at   repeats_contact_id
    03-02_09:00 03-02_10:00 03-02_12:00 –
    03-02_13:00 –           03-02_14:00 c1
    03-02_16:00 03-02_20:00 –           c2
    03-02_18:00 –           –           c3
    """
    found = repeated_after(drawn("contacts"))

    assert sorted(found.rows()) == [("c1", 3 * HOUR), ("c2", 2 * HOUR)]


ALL_DAY = Schedule(week=every(range(7), 0, DAY))


def test_what_still_runs_is_timed_in_the_hours_it_falls_under(drawn: Drawn) -> None:
    """
    status owed_since_at messages_after_answer last_event_at source_horizon_at
    open   03-02_20:00   1                     03-02_20:00   03-05_20:00
    open   03-02_20:00   1                     03-02_20:00   03-05_20:00
    open   03-02_20:00   1                     03-02_20:00   03-05_20:00
    open   –             1                     –             03-05_20:00
    """
    named = pl.Series([None, "always", "always 2026-03-04T00:00:00Z usual", "always"])
    steps = drawn("steps").with_columns(schedules=named)
    always = (NamedSchedule("always", ALL_DAY, teams=("night",)),)
    each = with_inside(steps, hours=Hours(schedules=always))
    last = with_inside(steps, hours=Hours(schedules=always, convention="last"))
    usual = with_inside(steps, hours=OFFICE)

    changed = 28 * HOUR + 2 * 8 * HOUR  # two nights and a day, then two office days
    for name in ("longest_wait", "quiet"):
        column = f"{name}_business_seconds"
        assert each[column].to_list() == [24 * HOUR, 3 * DAY, changed, None]
        assert last[column].to_list() == [24 * HOUR, 3 * DAY, 24 * HOUR, None]
        assert usual[column].to_list() == [24 * HOUR] * 3 + [None]
    assert each["quiet_business_days"].to_list() == [3, 3, 5, None]
