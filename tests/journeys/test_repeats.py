"""Which contacts repeat which: one drawing for each clause."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cxmap.options import RepeatRule, Window

Tell = Callable[..., Any]


def test_a_contact_repeats_the_nearest_of_the_same_or_unknown_topic(
    story: Tell,
) -> None:
    """
    started_at   topic
    03-01_09:00  bill
    03-02_09:00  move
    03-03_09:00  bill/refund
    03-04_09:00  –
    """
    told = story()

    assert told.of("repeats_contact_id") == [None, None, "a:c1", "a:c3"]
    assert told.of("repeat_gap_seconds") == [None, None, 172_800, 86_400]
    assert told.of("repeated") == [True, False, True, False]


def test_unknown_topics_can_be_ignored(story: Tell) -> None:
    """
    started_at   topic
    03-01_09:00  bill
    03-02_09:00  –
    03-03_09:00  bill
    """
    rule = RepeatRule(unknown_topic="ignore")

    assert story(repeat=rule).of("repeats_contact_id") == [None, None, "a:c1"]


def test_the_window_is_that_of_the_earlier_contact_and_inclusive(story: Tell) -> None:
    """
    started_at   channel  customer_id
    03-01_09:00  voice    ana
    03-08_09:00  email    ana
    03-01_09:00  voice    ben
    03-08_09:01  email    ben
    03-01_09:00  email    eve
    03-11_09:00  voice    eve
    """
    told = story()

    assert told.of("repeats_contact_id") == [None, "a:c1", None, None, None, "a:c5"]
    assert told.of("repeat_window_seconds")[0] == 7 * 86_400
    assert told.of("repeat_window_seconds")[4] == 10 * 86_400


def test_only_the_nearest_counts_even_if_one_before_it_is_still_near(
    story: Tell,
) -> None:
    """
    started_at   last_touch_at
    03-01_09:00  03-20_09:00
    03-02_09:00  –
    03-12_09:00  –
    """
    assert story().of("repeats_contact_id") == [None, "a:c1", None]


def test_the_deepest_topic_wins_over_the_channel_group(story: Tell) -> None:
    """
    started_at   channel  topic
    03-01_09:00  email    claims/water
    03-01_09:00  email    claims/fire
    03-01_09:00  email    bill
    """
    rule = RepeatRule(
        within=Window(
            timedelta(days=7),
            topics={"claims": timedelta(days=30), "claims/fire": timedelta(days=60)},
            channel_groups={"written": timedelta(days=10)},
        )
    )
    windows = story(repeat=rule).of("repeat_window_seconds")

    assert windows == [days * 86_400 for days in (30, 60, 10)]


def test_a_redial_after_an_unserved_attempt_is_a_retry_for_half_an_hour(
    story: Tell,
) -> None:
    """
    started_at   served  channel  topic  customer_id
    03-01_09:00  no      voice    –      ana
    03-01_09:30  yes     voice    –      ana
    03-01_09:00  no      voice    –      ben
    03-01_09:31  yes     voice    –      ben
    03-01_09:00  yes     voice    –      eve
    03-01_09:30  yes     voice    –      eve
    03-01_09:00  no      voice    bill   kim
    03-01_09:30  yes     voice    bill   kim
    """
    told = story()

    assert told.of("return_of")[1::2] == ["retry", None, None, "retry"]
    assert told.of("repeats_contact_id")[1::2] == [None, "a:c3", "a:c5", None]


def test_a_retry_repeats_what_came_before_the_attempt_if_the_topic_is_equal(
    story: Tell,
) -> None:
    """
    started_at   served  topic  customer_id
    03-01_09:00  yes     bill   ana
    03-02_09:00  no      move   ana
    03-02_09:05  yes     bill   ana
    03-01_09:00  yes     bill   ben
    03-02_09:00  no      bill   ben
    03-02_09:05  yes     bill   ben
    03-01_09:00  yes     –      eve
    03-02_09:00  no      move   eve
    03-02_09:05  yes     bill   eve
    """
    told = story()

    assert told.of("return_of")[2::3] == ["retry"] * 3
    assert told.of("repeats_contact_id") == [
        *(None, None, "a:c1"),
        *(None, "a:c4", None),
        *(None, "a:c7", None),
    ]


def test_a_case_open_for_months_is_not_repeated_by_all_that_comes_meanwhile(
    story: Tell,
) -> None:
    """
    started_at   last_touch_at  first_response_at channel topic customer_id
    01-01_09:00  06-01_09:00    01-05_09:00       email   –     ana
    01-15_09:00  –              –                 voice   bill  ana
    01-01_09:00  06-01_09:00    01-05_09:00       email   –     ben
    01-15_09:01  –              –                 voice   bill  ben
    01-01_09:00  06-01_09:00    01-05_09:00       email   bill  eve
    02-20_09:00  –              –                 voice   bill  eve
    01-01_09:00  06-01_09:00    01-05_09:00       email   –     kim
    06-05_09:00  –              –                 voice   bill  kim
    01-01_09:00  06-01_09:00    01-05_09:00       email   –     leo
    01-03_09:00  –              –                 voice   bill  leo
    """
    told = story()

    assert told.of("contact_id")[0] == "a:c1"
    assert dict(
        zip(told.of("contact_id"), told.of("repeat_gap_seconds"), strict=True)
    ) == {
        **{f"a:c{place}": None for place in range(1, 11)},
        "a:c2": 10 * 86_400,
        "a:c6": 0,
        "a:c8": 4 * 86_400,
        "a:c10": 0,
    }


def test_only_an_attempt_to_reach_a_person_is_retried(story: Tell) -> None:
    """
    started_at   served  channel  customer_id
    03-01_09:00  –       bot      ana
    03-01_09:05  yes     voice    ana
    03-01_09:00  no      app      ben
    03-01_09:05  yes     voice    ben
    03-01_09:00  –       ivr      eve
    03-01_09:05  yes     voice    eve
    03-01_09:00  no      email    kim
    03-01_09:05  yes     voice    kim
    """
    told = story()

    assert told.of("return_of")[1::2] == [None, None, "retry", None]
    assert told.of("repeats_contact_id")[1::2] == ["a:c1", "a:c3", None, "a:c7"]


def test_an_answer_to_a_campaign_repeats_nothing_for_three_days(story: Tell) -> None:
    """
    started_at   direction  initiation  customer_id
    03-01_09:00  inbound    –           ana
    03-02_09:00  outbound   campaign    ana
    03-05_09:00  inbound    –           ana
    03-01_09:00  inbound    –           ben
    03-02_09:00  outbound   campaign    ben
    03-05_09:01  inbound    –           ben
    03-01_09:00  inbound    –           eve
    03-02_09:00  outbound   agent       eve
    03-03_09:00  inbound    –           eve
    """
    told = story()

    assert told.of("return_of")[2::3] == ["campaign_response", None, None]
    assert told.of("repeats_contact_id")[2::3] == [None, "a:c4", "a:c7"]


def test_a_call_back_we_missed_is_returned_within_a_day(story: Tell) -> None:
    """
    started_at   direction  connected  channel  customer_id
    03-01_09:00  inbound    –          voice    ana
    03-02_09:00  outbound   no         callback ana
    03-03_09:00  inbound    –          voice    ana
    03-01_09:00  inbound    –          voice    ben
    03-02_09:00  outbound   yes        callback ben
    03-03_09:00  inbound    –          voice    ben
    03-01_09:00  inbound    –          voice    eve
    03-02_09:00  outbound   no         email    eve
    03-03_09:00  inbound    –          voice    eve
    """
    told = story()

    assert told.of("return_of")[2::3] == ["return_call", None, None]
    assert told.of("repeats_contact_id")[2::3] == [None, "a:c4", "a:c7"]


def test_neither_outbound_nor_unidentified_contacts_repeat_or_are_repeated(
    story: Tell,
) -> None:
    """
    started_at   direction  customer_id
    03-01_09:00  outbound   ana
    03-02_09:00  inbound    ana
    03-01_09:00  inbound    –
    03-02_09:00  inbound    –
    """
    told = story()

    assert told.of("repeats_contact_id") == [None] * 4
    assert told.of("repeated") == [None, False, None, None]


def test_a_dated_reopen_counts_within_its_window_of_the_solve(story: Tell) -> None:
    """
    started_at   reopens reopened_after_seconds
    03-02_09:00  1       7d
    03-03_09:00  1       8d
    03-04_09:00  –       0s
    """
    assert story().of("reopened") == [True, False, True]
    longer = RepeatRule(reopen_within=timedelta(days=8))
    assert story(repeat=longer).of("reopened") == [True, True, True]
    shorter = RepeatRule(reopen_within=timedelta(days=6))
    assert story(repeat=shorter).of("reopened") == [False, False, True]


def test_a_reopen_counts_where_one_is_counted(story: Tell) -> None:
    """
    started_at   reopens
    03-01_09:00  1
    03-01_09:00  0
    03-01_09:00  –
    """
    assert story().of("reopened") == [True, False, False]


def test_the_legs_of_a_transferred_contact_repeat_nothing(story: Tell) -> None:
    """
    started_at   topic
    03-01_09:00  bill
    03-01_09:05  bill
    03-02_09:00  bill
    """
    told = story("c2 transferred_from a:c1")

    assert told.of("repeats_contact_id") == [None, None, "a:c2"]
    assert told.of("repeated") == [False, True, False]


def test_a_merged_contact_is_no_second_try_and_has_none(story: Tell) -> None:
    """
    started_at   status  disposition customer_id
    03-01_09:00  merged  –           ana
    03-02_09:00  solved  –           ana
    03-01_09:00  solved  –           ben
    03-02_09:00  –       merged      ben
    03-03_09:00  solved  –           ben
    """
    told = story()

    assert told.of("repeats_contact_id") == [None, None, None, None, "a:c3"]
    assert told.of("repeated") == [None, False, True, None, False]


def test_a_contact_that_names_the_one_it_went_into_is_merged(story: Tell) -> None:
    """
    started_at   customer_id direction
    03-01_09:00  ana         inbound
    03-02_09:00  ana         inbound
    03-03_09:00  ana         inbound
    03-01_09:00  ben         inbound
    03-02_09:00  ben         inbound
    03-01_09:00  eve         inbound
    03-02_09:00  eve         outbound
    03-03_09:00  eve         inbound
    """
    told = story(
        "c2 merged_into a:c3",
        "c4 merged_into a:c99",
        "c5 merged_into a:c3",
        "c6 merged_into a:c7",
    )

    assert told.of("merged") == [False, True] + [False] * 6
    assert told.of("repeats_contact_id") == [
        *(None, None, "a:c1"),
        *(None, "a:c4"),
        *(None, None, "a:c6"),
    ]


def test_first_contact_resolution_judges_the_contact_that_remained(
    story: Tell,
) -> None:
    """
    started_at   served  status
    03-01_09:00  yes     merged
    03-02_09:00  yes     solved
    03-03_09:00  yes     solved
    """
    told = story("c1 merged_into a:c2")

    assert told.journey("trigger_id", "trigger_repeated") == [("a:c2", True)]
    assert told.of("repeats_contact_id") == [None, None, "a:c2"]


def test_a_call_long_after_a_voicemail_is_no_redial_however_late_it_is_answered(
    story: Tell,
) -> None:
    """
    started_at   last_touch_at  channel    answered_at
    03-01_08:00  03-03_08:30    voicemail  03-03_08:30
    03-02_20:00  –              voice      –
    """
    told = story()

    assert told.of("return_of") == [None, None]
    assert told.of("repeats_contact_id") == [None, "a:c1"]
