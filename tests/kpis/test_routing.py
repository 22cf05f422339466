"""Where are customers sent?"""

from collections.abc import Callable
from datetime import timedelta

from cxmap.measures import Result

Counted = Callable[..., Result]


def test_a_journey_of_one_contact_cannot_switch(counted: Counted) -> None:
    """
    customer_id closed contacts switches
    ana         yes    2        1
    bea         yes    3        0
    cem         yes    1        0
    dan         no     2        1
    –           yes    2        1
    """
    switched = counted("channel_switch_rate")

    assert (switched.numerator, switched.n, switched.pending) == (1, 2, 1)


def test_a_hop_that_proves_nothing_is_no_good_news(counted: Counted) -> None:
    """
    continuity switch
    –          –
    restart    yes
    same_case  no
    retry      no
    unknown    yes
    restart    –
    """
    restarts = counted("restart_rate")

    assert (restarts.numerator, restarts.n) == (1, 3)
    assert restarts.excluded == {"unproven": 1}


def test_not_saying_is_not_the_same_as_never_transferred(counted: Counted) -> None:
    """
    inbound served transfers
    yes     yes    2
    yes     yes    0
    yes     yes    –
    yes     no     1
    no      yes    1
    """
    transferred = counted("transfer_rate")

    assert (transferred.numerator, transferred.n) == (1, 2)
    assert transferred.excluded == {"not_known": 1}


def test_a_handle_time_of_which_half_is_told_is_none(counted: Counted) -> None:
    """
    channel_group served talk_seconds hold_seconds wrap_up_seconds
    voice         yes    100s         20s          30s
    chat          yes    50s          –            0s
    voice         yes    100s         –            –
    voice         yes    –            –            30s
    voice         no     100s         0s           30s
    written       yes    100s         0s           30s
    """
    strict, loose = counted("handle_time"), counted("handle_time", without_wrap_up=True)

    assert (strict.value, strict.n) == (100, 2)
    assert strict.excluded == {"not_known": 2}
    assert (loose.value, loose.n) == (100, 3)


def test_after_contact_work_is_weighed_by_length_not_by_contact(
    counted: Counted,
) -> None:
    """
    channel_group served talk_seconds hold_seconds wrap_up_seconds
    voice         yes    10s          0s           10s
    voice         yes    900s         80s          0s
    voice         yes    60s          0s           60s
    """
    part, share = counted("after_contact_work_ratio"), counted("acw_exceeds_talk_rate")

    assert (part.numerator, part.n) == (70, 1120)
    assert (share.numerator, share.n) == (0, 3)


def test_a_lone_person_is_one_station(counted: Counted) -> None:
    """
    served stations transfers disposition
    yes    1        0         handled
    yes    3        2         handled
    yes    –        –         handled
    no     2        1         abandoned
    yes    2        1         merged
    """
    stations = counted("stations_per_contact")

    assert (stations.value, stations.n) == (2, 2)
    assert stations.excluded == {"not_known": 1, "merged_or_spam": 1}


def test_what_the_bot_seemed_to_settle_is_judged_by_what_came_after(
    counted: Counted,
) -> None:
    """
    channel customer_id disposition handed_off next_continuity again_after_seconds
    bot     ana         bot_handled –          –               –
    bot     ana         bot_handled –          restart         24h
    bot     ana         bot_handled –          restart         25h
    bot     ana         bot_handled yes        –               –
    bot     ana         unknown     –          –               –
    bot     ana         unknown     –          transfer        0s
    bot     –           abandoned   –          –               –
    chat    ana         bot_handled no         –               –
    chat    ana         handled     –          –               1h
    bot     ana         merged      –          –               –
    """
    raw, true = counted("containment_rate"), counted("true_containment_rate")
    week = counted("true_containment_rate", within=timedelta(days=7))

    assert (raw.numerator, raw.n) == (5, 7)
    assert raw.excluded == {"not_known": 1, "merged_or_spam": 1}
    assert (true.numerator, true.n) == (4, 7)
    assert true.excluded == {"unidentified": 1, "merged_or_spam": 1}
    assert (week.numerator, week.n) == (3, 7)


def test_containment_waits_until_the_window_has_passed(counted: Counted) -> None:
    """
    channel last_touch_at horizon_at
    bot     03-02_09:00   03-03_09:00
    bot     03-02_09:01   03-03_09:00
    bot     03-02_09:00   –
    """
    true = counted("true_containment_rate")

    assert (true.n, true.pending) == (1, 2)


def test_vendors_bill_by_conversation(counted: Counted) -> None:
    """
    channel disposition resolved reopened handed_off started_at  horizon_at
    bot     bot_handled yes      no       no         03-02_09:00 03-05_09:00
    bot     bot_handled –        no       no         03-02_09:00 03-05_09:00
    bot     bot_handled no       no       no         03-02_09:00 03-05_09:00
    bot     bot_handled yes      yes      no         03-02_09:00 03-05_09:00
    bot     bot_handled yes      no       yes        03-02_09:00 03-05_09:00
    bot     bot_handled yes      no       no         03-02_09:01 03-05_09:00
    """
    by_silence = counted("bot_resolution_rate")
    by_mark = counted("bot_resolution_rate", variant="zendesk")

    assert (by_silence.numerator, by_silence.n) == (3, 6)
    assert (by_mark.numerator, by_mark.n, by_mark.pending) == (2, 4, 1)
    assert by_mark.excluded == {"not_known": 1}


def test_to_go_on_to_the_next_machine_is_no_escape(counted: Counted) -> None:
    """
    channel_group customer_id next_channel_group next_rule     next_gap_seconds
    digital_self  ana         voice              same_topic    24h
    digital_self  ana         voice              same_topic    25h
    digital_self  ana         voice              unknown_topic 2h
    digital_self  ana         voice              unknown_topic 3h
    digital_self  ana         digital_self       same_topic    1h
    digital_self  ana         –                  –             –
    digital_self  –           voice              same_topic    1h
    voice         ana         voice              same_topic    1h
    """
    escapes = counted("self_service_escape_rate")

    assert (escapes.numerator, escapes.n) == (2, 6)
    assert escapes.excluded == {"unidentified": 1}
