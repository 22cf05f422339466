"""How long do customers wait?"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from cxmap.measures import Result

Counted = Callable[..., Result]


def test_those_still_waiting_hold_the_median_up(counted: Counted) -> None:
    """
    channel_group served first_response_seconds first_response_at source_horizon_at
    written       yes    1h                     –                 03-03_09:00
    written       yes    –                      03-02_11:00       03-03_09:00
    social        no     –                      –                 03-03_09:00
    messaging     no     –                      –                 03-03_09:00
    """
    wait = counted("first_response_time")

    assert (wait.value, wait.numerator, wait.n) == (7200, 2, 4)


def test_a_wait_nobody_can_tell_is_left_out(counted: Counted) -> None:
    """
    channel_group disposition served first_response_seconds inbound
    written       –           yes    –                      yes
    written       –           –      –                      yes
    written       spam        no     –                      yes
    written       –           yes    1h                     no
    voice         –           yes    1h                     yes
    """
    wait = counted("first_response_time")

    assert wait.value is None
    assert wait.excluded == {
        "merged_or_spam": 1,
        "served_unknown": 1,
        "time_unknown": 1,
    }


def test_a_median_that_is_not_reached_stays_empty(counted: Counted) -> None:
    """
    channel_group started_at  served first_response_seconds source_horizon_at
    written       03-02_09:00 yes    1h                     03-03_09:00
    written       03-02_09:00 no     –                      03-03_09:00
    written       03-02_09:00 no     –                      03-03_09:00
    """
    wait = counted("first_response_time")

    assert (wait.value, wait.n) == (None, 3)


def test_an_answer_out_of_hours_may_have_taken_no_time_and_counts(
    counted: Counted,
) -> None:
    """
    channel_group served first_response_business_seconds unanswered_business_seconds
    written       yes    0s                              5h
    social        yes    0s                              5h
    messaging     yes    1h                              5h
    """
    wait = counted("first_response_time_business")

    assert (wait.value, wait.numerator, wait.n) == (0, 3, 3)


def test_a_case_that_began_and_ended_out_of_hours_does_not_vanish(
    counted: Counted,
) -> None:
    """
    channel_group served first_response_business_seconds unanswered_business_seconds
    written       no     –                               0s
    written       yes    2h                              –
    written       no     –                               3h
    """
    wait = counted("first_response_time_business")

    assert (wait.value, wait.numerator, wait.n) == (7200, 1, 3)


def test_those_who_wait_over_the_weekend_have_not_waited_yet(counted: Counted) -> None:
    """
    channel_group served first_response_business_seconds unanswered_business_seconds
    written       no     –                               0s
    written       no     –                               0s
    """
    wait = counted("first_response_time_business")

    assert (wait.value, wait.numerator, wait.n) == (None, 0, 2)


def test_a_business_wait_nobody_can_tell_is_left_out(counted: Counted) -> None:
    """
    channel_group disposition served first_response_business_seconds inbound
    written       –           yes    –                               yes
    written       –           –      –                               yes
    written       spam        no     1h                              yes
    written       –           no     –                               yes
    written       –           yes    1h                              no
    voice         –           yes    1h                              yes
    """
    wait = counted("first_response_time_business")

    assert (wait.value, wait.n) == (None, 0)
    assert wait.excluded == {
        "merged_or_spam": 1,
        "not_known": 1,
        "served_unknown": 1,
        "time_unknown": 1,
    }


def test_answers_out_of_hours_are_shown(counted: Counted) -> None:
    """
    channel_group disposition served answered_in_hours inbound
    written       –           yes    no                yes
    social        –           yes    yes               yes
    messaging     –           yes    yes               yes
    written       –           yes    –                 yes
    written       –           no     no                yes
    written       –           –      no                yes
    written       merged      yes    no                yes
    written       –           yes    no                no
    voice         –           yes    no                yes
    """
    share = counted("out_of_hours_reply_share")

    assert (share.numerator, share.n) == (1, 3)
    assert share.excluded == {"merged_or_spam": 1, "time_unknown": 1}


def test_a_reopened_case_still_runs(counted: Counted) -> None:
    """
    status  started_at  resolved_at closed_at   resolution_seconds source_horizon_at
    solved  03-02_09:00 03-02_10:00 –           –                  03-03_09:00
    closed  03-02_09:00 –           03-02_12:00 –                  03-03_09:00
    open    03-02_09:00 03-02_10:00 –           –                  03-03_09:00
    pending 03-02_09:00 –           –           –                  03-03_09:00
    solved  03-02_09:00 –           –           –                  03-03_09:00
    merged  03-02_09:00 03-02_10:00 –           –                  03-03_09:00
    unknown 03-02_09:00 –           –           –                  03-03_09:00
    –       03-02_09:00 –           –           –                  03-03_09:00
    """
    time = counted("resolution_time")

    assert (time.value, time.numerator, time.n) == (3 * 3600, 2, 4)
    assert time.excluded == {
        "merged_or_spam": 1,
        "status_unknown": 1,
        "time_unknown": 1,
    }


def test_a_journey_runs_until_its_last_resolution(counted: Counted) -> None:
    """
    customer_id closed outcome           ended_at    resolution_seconds horizon_at
    ana         yes    resolved          03-02_12:00 3h                 03-10_09:00
    bea         no     open              03-02_10:00 1h                 03-10_09:00
    cem         no     open              03-05_10:00 1h                 03-10_09:00
    dan         no     open              03-05_10:00 –                  03-10_09:00
    eva         yes    unresolved        03-05_10:00 1h                 03-10_09:00
    fay         yes    contained_unknown 03-05_10:00 –                  03-10_09:00
    gil         yes    presumed          03-05_10:00 –                  03-10_09:00
    –           yes    resolved          03-02_12:00 3h                 03-10_09:00
    """
    time = counted("journey_resolution_time")

    assert (time.value, time.numerator, time.n) == (3 * 3600, 2, 4)
    assert time.excluded == {
        "outcome_unknown": 1,
        "time_unknown": 1,
        "unidentified": 1,
        "unresolved": 1,
    }


def test_only_those_answered_from_a_queue_have_a_speed(counted: Counted) -> None:
    """
    channel_group inbound served queue_seconds
    voice         yes     yes    10s
    chat          yes     yes    20s
    voice         yes     no     600s
    voice         yes     –      600s
    voice         yes     yes    –
    voice         no      yes    600s
    written       yes     yes    600s
    """
    speed = counted("speed_of_answer")

    assert (speed.value, speed.n) == (15, 2)


def test_a_misdial_is_taken_out_above_and_below(counted: Counted) -> None:
    """
    channel_group disposition     queue_seconds
    voice         abandoned       6s
    voice         abandoned       5s
    voice         short_abandoned –
    voice         abandoned       –
    voice         handled         –
    chat          voicemail       10s
    chat          unknown         10s
    voice         self_served     –
    digital_self  abandoned       60s
    written       handled         –
    """
    abandoned = counted("abandonment_rate")

    assert (abandoned.numerator, abandoned.n) == (2, 3)
    assert abandoned.excluded == {"short_abandoned": 2, "not_known": 1}


def test_a_voicemail_was_not_offered_to_anybody(counted: Counted) -> None:
    """
    channel_group channel   disposition served queue_seconds
    voice         voice     abandoned   no     30s
    voice         voice     handled     yes    10s
    voice         callback  handled     yes    20s
    voice         –         handled     yes    30s
    voice         voicemail voicemail   no     60s
    voice         voicemail handled     yes    60s
    voice         voicemail abandoned   no     60s
    voice         voicemail unanswered  no     –
    voice         voice     voicemail   no     60s
    voice         voice     missed      no     –
    """
    abandoned, speed = counted("abandonment_rate"), counted("speed_of_answer")

    assert (abandoned.numerator, abandoned.n, abandoned.excluded) == (1, 5, {})
    assert (speed.value, speed.n) == (20, 3)


def test_what_is_short_is_an_option(counted: Counted) -> None:
    """
    channel_group disposition queue_seconds
    voice         abandoned   6s
    voice         handled     6s
    """
    abandoned = counted("abandonment_rate", short_abandon=timedelta(seconds=10))

    assert (abandoned.numerator, abandoned.n) == (0, 1)


def test_the_backlog_is_what_was_open_when_the_period_ended(counted: Counted) -> None:
    """
    channel_group status  started_at  resolved_at closed_at
    written       solved  03-02_09:00 03-31_23:59 –
    written       solved  03-02_09:00 04-01_00:00 –
    written       closed  03-02_09:00 –           03-05_10:00
    social        open    03-02_09:00 –           –
    written       open    03-02_09:00 03-05_10:00 –
    messaging     solved  03-02_09:00 –           –
    written       open    04-01_00:00 –           –
    written       merged  03-02_09:00 –           –
    written       –       03-02_09:00 –           –
    voice         open    03-02_09:00 –           –
    """
    backlog = counted("backlog", until=datetime(2026, 4, 1, tzinfo=UTC))

    assert (backlog.value, backlog.n) == (3, 6)
    assert backlog.excluded == {"merged_or_spam": 1, "not_known": 1}


def test_an_empty_backlog_is_zero_not_nobody(counted: Counted) -> None:
    """
    channel_group status resolved_at
    written       solved 03-03_09:00
    """
    assert counted("backlog").value == 0


@pytest.mark.parametrize(
    ("variant", "met", "n", "left_out"),
    [
        ("answered_offered", 2, 9, {"not_known": 2}),
        ("answered_answered", 2, 3, {"not_known": 1}),
        ("with_abandons", 4, 8, {"not_known": 3}),
        ("without_short", 2, 7, {"not_known": 2, "short_abandoned": 2}),
    ],
)
def test_service_level_is_four_numbers(
    counted: Counted, variant: str, met: int, n: int, left_out: dict[str, int]
) -> None:
    """
    channel_group inbound served disposition     queue_seconds
    voice         yes     yes    handled         20s
    chat          yes     yes    handled         0s
    voice         yes     yes    handled         21s
    voice         yes     yes    handled         –
    voice         yes     no     abandoned       20s
    voice         yes     no     abandoned       5s
    voice         yes     no     abandoned       –
    voice         yes     no     short_abandoned 21s
    voice         yes     no     missed          10s
    voice         yes     no     overflowed      90s
    voice         yes     –      unknown         10s
    voice         yes     no     voicemail       10s
    written       yes     yes    handled         10s
    voice         no      yes    handled         10s
    """
    level = counted("service_level", variant=variant)

    assert (level.numerator, level.n, level.excluded) == (met, n, left_out)


def test_posts_wait_a_day_for_their_answer(counted: Counted) -> None:
    """
    channel_group served first_response_seconds started_at  source_horizon_at closed_at
    social        yes    24h                    03-02_09:00 03-05_09:00       –
    social        yes    25h                    03-02_09:00 03-05_09:00       –
    social        no     –   03-02_09:00 03-03_09:00       –
    social        no     –   03-02_09:01 03-03_09:00       –
    social        no     –   03-02_09:01 03-03_09:00       03-02_10:00
    social        yes    –   03-02_09:00 03-05_09:00       –
    social        –      –   03-02_09:00 03-05_09:00       –
    written       yes    1h                     03-02_09:00 03-05_09:00       –
    """
    posts = counted("social_within_24h")

    assert (posts.numerator, posts.n, posts.pending) == (1, 4, 1)
    assert posts.excluded == {"time_unknown": 1, "served_unknown": 1}


def test_who_gave_up_was_not_unanswered(counted: Counted) -> None:
    """
    channel_group served disposition waited_business_days waited_seconds
    written       no     unanswered  3                    4d
    written       no     unanswered  2                    4d
    social        no     unanswered  –                    25h
    social        no     unanswered  –                    24h
    voice         no     abandoned   –                    1h
    voice         no     missed      –                    1m
    voice         yes    handled     –                    1m
    voice         –      unknown     –                    –
    chat          –      missed      –                    –
    written       no     merged      3                    4d
    """
    nobody = counted("unanswered_rate")

    assert (nobody.numerator, nobody.n, nobody.pending) == (3, 5, 2)
    assert nobody.excluded == {"served_unknown": 1, "merged_or_spam": 1}


def test_of_nobody_there_is_no_rate_of_silence(counted: Counted) -> None:
    """
    channel_group messages_after_answer
    written       0
    chat          –
    """
    silent = counted("silent_abandonment_rate")

    assert (silent.value, silent.n) == (None, 0)


def test_silence_on_messaging_is_judged_after_a_day(counted: Counted) -> None:
    """
    channel_group messages_after_answer first_response_at source_horizon_at
    chat          0                     03-02_09:00       03-02_10:00
    chat          2                     03-02_09:00       03-02_10:00
    messaging     0                     03-02_09:00       03-03_09:00
    messaging     0                     03-02_09:00       03-03_08:59
    messaging     3                     03-02_09:00       03-03_08:59
    """
    silent = counted("silent_abandonment_rate")

    assert (silent.numerator, silent.n, silent.pending) == (2, 3, 2)


def test_a_case_that_waits_counts_with_its_time_so_far(counted: Counted) -> None:
    """
    status  requester_wait_seconds status_since_at source_horizon_at
    solved  1h                     03-02_10:00     03-02_12:00
    open    2h                     03-02_10:00     03-02_12:00
    pending 3h                     03-02_10:00     03-02_12:00
    open    –                      03-02_10:00     03-02_12:00
    merged  1h                     03-02_10:00     03-02_12:00
    """
    wait = counted("requester_wait_time")

    assert (wait.numerator, wait.n, wait.excluded) == (1, 3, {"merged_or_spam": 1})
