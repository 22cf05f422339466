"""Is the need met, and how often must the customer come back?"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from cxmap.measures import Result

Counted = Callable[..., Result]


def test_a_need_met_at_the_first_served_contact_counts(counted: Counted) -> None:
    """
    customer_id trigger_id trigger_repeated trigger_reopened trigger_resolved
    ana         c1         no               no               yes
    bea         c2         no               no               –
    cem         c3         yes              no               yes
    dan         c4         no               yes              yes
    eva         c5         no               no               no
    """
    fcr = counted("first_contact_resolution")

    assert (fcr.numerator, fcr.n, fcr.confirmed, fcr.presumed) == (2, 5, 1, 1)


def test_a_window_that_ends_at_the_horizon_is_complete(counted: Counted) -> None:
    """
    customer_id trigger_id trigger_touch_at trigger_window_seconds horizon_at
    ana         c1         03-02_09:10      7d                     03-09_09:10
    bea         c2         03-02_09:10      7d                     03-09_09:09
    cem         c3         03-02_09:10      7d                     –
    """
    fcr = counted("first_contact_resolution")

    assert (fcr.n, fcr.pending) == (1, 2)


def test_a_window_that_begins_with_the_data_is_held(counted: Counted) -> None:
    """
    customer_id trigger_id trigger_started_at trigger_source_since_at
    ana         c1         03-09_09:00        03-02_09:00
    bea         c2         03-09_09:00        03-02_09:01
    """
    fcr = counted("first_contact_resolution")

    assert (fcr.n, dict(fcr.excluded)) == (1, {"history_too_short": 1})


def test_journeys_that_nobody_served_stand_beside_the_rate(counted: Counted) -> None:
    """
    customer_id served trigger_id trigger_touch_at
    ana         no     –          –
    ben         –      –          –
    cem         yes    –          –
    –           yes    c1         03-02_09:10
    """
    fcr = counted("first_contact_resolution")

    assert fcr.value is None
    assert fcr.excluded == {
        "not_served": 1,
        "served_unknown": 1,
        "served_otherwise": 1,
        "unidentified": 1,
    }


def test_what_was_merged_into_another_is_one_contact_with_it(counted: Counted) -> None:
    """
    customer_id contacts merged outcome
    ana         2        1      resolved
    bea         3        1      resolved
    cem         1        1      resolved
    dan         2        0      resolved
    """
    assert counted("contacts_per_journey").value == 1.5
    assert counted("one_contact_resolution").numerator == 2


def test_an_issue_of_five_calls_scores_one_of_five(counted: Counted) -> None:
    """
    started_at  last_touch_at served repeated reopened repeat_window_seconds
    03-02_09:00 03-02_09:10   yes    yes      no       7d
    03-03_09:00 03-03_09:10   yes    yes      no       7d
    03-04_09:00 03-04_09:10   yes    yes      no       7d
    03-05_09:00 03-05_09:10   yes    yes      no       7d
    03-06_09:00 03-06_09:10   yes    no       no       7d
    """
    avoided = counted("next_contact_avoidance")

    assert (avoided.numerator, avoided.n) == (1, 5)


def test_unserved_and_outbound_contacts_are_not_judged(counted: Counted) -> None:
    """
    customer_id inbound last_touch_at served resolved repeat_window_seconds
    ana         yes     03-02_09:10   no     –        7d
    ana         yes     03-02_09:10   –      –        7d
    –           yes     03-02_09:10   yes    –        7d
    ana         no      03-02_09:10   yes    –        7d
    ana         yes     03-02_09:10   yes    no       7d
    """
    avoided = counted("next_contact_avoidance")

    assert (avoided.numerator, avoided.n) == (0, 1)
    assert avoided.excluded == {
        "not_served": 1,
        "served_unknown": 1,
        "unidentified": 1,
    }


def test_one_contact_is_enough_only_when_it_resolves(counted: Counted) -> None:
    """
    customer_id closed outcome    confirmed contacts reopens reopened
    ana         yes    resolved   yes       1        0       no
    bea         yes    presumed   no        1        –       –
    cem         yes    resolved   yes       2        0       no
    dan         yes    resolved   yes       1        1       yes
    ian         yes    resolved   yes       1        1       no
    eva         yes    abandoned  no        1        0       no
    fay         no     open       no        1        0       no
    gil         yes    –          –         1        0       no
    hal         yes    unknown    –         1        0       no
    –           yes    resolved   yes       1        0       no
    """
    one = counted("one_contact_resolution")

    assert (one.numerator, one.n, one.confirmed, one.pending) == (3, 6, 2, 1)
    assert one.excluded == {"unidentified": 1, "not_known": 2}


STEPS = ("best", "better", "good", "unproven", "none")


@pytest.mark.parametrize("step", STEPS)
def test_every_closed_journey_stands_on_one_step(counted: Counted, step: str) -> None:
    """
    customer_id ladder
    ana         best
    bea         better
    cem         good
    dan         unproven
    eva         none
    fay         open
    –           best
    """
    share = counted(f"ladder_{step}")

    assert (share.numerator, share.n, share.pending) == (1, 5, 1)


def test_a_repeat_belongs_to_the_later_contact(counted: Counted) -> None:
    """
    customer_id inbound started_at  repeats_contact_id source_since_at
    ana         yes     03-09_09:00 –                  03-02_09:00
    ana         yes     03-10_09:00 c1                 03-02_09:00
    ana         yes     03-09_08:59 c0                 03-02_09:00
    ana         no      03-10_09:00 –                  03-02_09:00
    –           yes     03-10_09:00 –                  03-02_09:00
    """
    repeats = counted("repeat_contact_rate")

    assert (repeats.numerator, repeats.n) == (1, 2)
    assert repeats.excluded == {"history_too_short": 1, "unidentified": 1}


def test_the_mean_of_contacts_waits_for_open_journeys(counted: Counted) -> None:
    """
    customer_id closed contacts
    ana         yes    1
    bea         yes    4
    cem         no     9
    –           yes    1
    """
    contacts = counted("contacts_per_journey")

    assert (contacts.value, contacts.n, contacts.pending) == (2.5, 2, 1)


def test_a_case_may_still_be_reopened_within_a_week(counted: Counted) -> None:
    """
    status resolved_at reopens source_horizon_at
    solved 03-02_09:00 1       03-09_09:00
    solved 03-02_09:00 0       03-09_09:00
    solved 03-02_09:01 1       03-09_09:00
    open   –           0       03-09_09:00
    closed 03-02_09:00 –       03-09_09:00
    merged 03-02_09:00 0       03-09_09:00
    """
    reopened = counted("reopen_rate")

    assert (reopened.numerator, reopened.n, reopened.pending) == (1, 2, 1)
    assert reopened.excluded == {"merged_or_spam": 1, "not_known": 1}


def test_how_long_a_case_may_be_reopened_is_an_option(counted: Counted) -> None:
    """
    status resolved_at reopens source_horizon_at
    solved 03-02_09:00 1       03-09_09:00
    """
    reopened = counted("reopen_rate", within=timedelta(days=8))

    assert (reopened.n, reopened.pending) == (0, 1)
