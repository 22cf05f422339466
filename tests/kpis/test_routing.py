"""Where are customers sent?"""

from collections.abc import Callable

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
