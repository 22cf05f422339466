"""The customer waits, gives up, or is never answered."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.definitions import collect
from cxmap.flagging import flag
from cxmap.tables import conform

Flagged = Callable[..., Mapping[str, str]]


def test_exactly_the_target_is_still_in_time(flagged: Flagged) -> None:
    """
    channel_group queue_seconds
    voice         120s
    voice         121s
    chat          60s
    chat          61s
    written       900s
    voice         –
    """
    assert flagged("long_wait") == {
        "c2": "waited 2 min 1 s in the queue",
        "c4": "waited 1 min 1 s in the queue",
    }


def test_a_voicemail_neither_waits_nor_gives_up(flagged: Flagged) -> None:
    """
    channel_group channel   disposition queue_seconds
    voice         voicemail voicemail   900s
    voice         voicemail abandoned   900s
    voice         callback  abandoned   900s
    """
    assert list(flagged("long_wait")) == ["c3"]
    assert list(flagged("abandon")) == ["c3"]


def test_how_long_is_long_is_an_option(flagged: Flagged) -> None:
    """
    channel_group queue_seconds
    voice         121s
    voice         20s
    """
    assert flagged("long_wait", voice=timedelta(minutes=5)) == {}
    assert len(flagged("long_wait", voice=timedelta(seconds=10))) == 2


def test_a_misdial_is_no_abandon(flagged: Flagged) -> None:
    """
    channel_group  disposition     queue_seconds
    voice          abandoned       6s
    voice          abandoned       5s
    chat           abandoned       –
    voice          short_abandoned 60s
    voice          handled         60s
    voice          –               60s
    digital_self   abandoned       60s
    written        abandoned       60s
    –              abandoned       60s
    """
    assert flagged("abandon") == {
        "c1": "gave up waiting after 6 s",
        "c3": "gave up waiting after unknown",
    }


def test_trying_again_within_a_day_belongs_to_the_attempt_nobody_answered(
    flagged: Flagged,
) -> None:
    """
    channel_group disposition queue_seconds returned_after_seconds return_of
    voice         abandoned   60s           24h                    –
    voice         abandoned   60s           25h                    –
    voice         abandoned   60s           –                      –
    voice         abandoned   5s            10m                    –
    chat          unanswered  60s           10m                    –
    voice         overflowed  2s            10m                    –
    written       unanswered  –             10m                    –
    voice         opted_out   60s           10m                    –
    voice         handled     60s           –                      retry
    """
    assert flagged("abandon_and_return") == {
        "c1": "nobody answered, and tried again after 1 d",
        "c5": "nobody answered, and tried again after 10 min",
        "c6": "nobody answered, and tried again after 10 min",
    }


def test_a_slow_answer_is_measured_in_its_channels_time(flagged: Flagged) -> None:
    """
    channel_group served first_response_seconds waited_seconds waited_business_seconds
    chat          yes    61s                    61s            0s
    chat          yes    60s                    60s            60s
    messaging     yes    901s                   901s           0s
    social        yes    4h                     4h             4h
    written       yes    60h                    60h            8h
    written       yes    61h                    61h            9h
    voice         yes    1h                     1h             1h
    """
    assert list(flagged("slow_first_response")) == ["c1", "c3", "c6"]


def test_those_still_waiting_longer_count_as_slow(flagged: Flagged) -> None:
    """
    channel_group disposition served waited_seconds waited_business_seconds
    written       –           no     30h            9h
    written       –           no     30h            8h
    written       –           –      30h            9h
    written       –           yes    30h            9h
    messaging     abandoned   no     30h            9h
    chat          –           no     30h            9h
    written       spam        no     30h            9h
    """
    assert flagged("slow_first_response") == {"c1": "waited 1 d 6 h for a first answer"}


def test_no_answer_in_three_business_days_is_none(flagged: Flagged) -> None:
    """
    channel_group disposition served waited_seconds waited_business_days
    written       –           no     5d             3
    written       –           no     5d             2
    written       –           yes    5d             5
    written       –           –      5d             5
    written       abandoned   no     5d             5
    written       spam        no     5d             5
    social        –           no     25h            0
    messaging     –           no     24h            0
    """
    assert flagged("unanswered") == {
        "c1": "no answer, 5 d after the customer asked",
        "c7": "no answer, 1 d 1 h after the customer asked",
    }


def test_a_call_that_rang_out_is_unanswered_at_once(flagged: Flagged) -> None:
    """
    channel_group disposition served waited_seconds
    voice         missed      no     30s
    chat          unanswered  no     30s
    voice         abandoned   no     30s
    voice         voicemail   no     30s
    voice         missed      –      30s
    voice         overflowed  no     30s
    chat          overflowed  no     30s
    voice         overflowed  yes    30s
    written       overflowed  no     30s
    """
    assert list(flagged("unanswered")) == ["c1", "c2", "c6", "c7"]


def test_coming_when_nobody_is_there_rubs_where_it_goes_wrong(flagged: Flagged) -> None:
    """
    channel_group disposition in_hours served queue_seconds waited_seconds
    voice         abandoned   no       no     60s           60s
    voice         abandoned   yes      no     60s           60s
    voice         abandoned   –        no     60s           60s
    voice         abandoned   no       no     5s            5s
    voice         handled     no       yes    600s          600s
    chat          missed      no       no     60s           60s
    social        –           no       no     –             25h
    social        –           no       no     –             3h
    """
    assert flagged("out_of_hours") == {
        "c1": "began outside the opening hours, and waited 1 min",
        "c6": "began outside the opening hours, and waited 1 min",
        "c7": "began outside the opening hours, and waited 1 d 1 h",
    }


def test_an_answer_in_the_first_opening_hours_makes_up_for_a_closed_weekend(
    flagged: Flagged,
) -> None:
    """
    channel_group in_hours served first_response_at waited_business_seconds
    written       no       yes    03-02_17:00       8h
    written       no       yes    03-02_17:00       9h
    written       yes      yes    03-02_17:00       9h
    """
    assert list(flagged("out_of_hours")) == ["c2"]


def test_three_business_days_are_days_of_the_hours_it_falls_under(
    flagged: Flagged,
) -> None:
    """
    channel_group in_hours served waited_business_days
    written       no       no     3
    written       no       no     2
    written       no       –      3
    """
    assert list(flagged("out_of_hours")) == ["c1"]


GROUPS = ("voice", "chat", "messaging", "social", "written", "digital_self")
WAITS = (None, 0, 5, 6, 60, 61, 900, 901, 14_400, 14_401, 86_400, 86_401)
STEP = st.fixed_dictionaries(
    {
        "channel_group": st.sampled_from(GROUPS),
        "disposition": st.sampled_from(
            [None, "abandoned", "short_abandoned", "missed", "handled", "spam"]
        ),
        "served": st.sampled_from([None, True, False]),
        "resolved": st.sampled_from([None, True, False]),
        "in_hours": st.sampled_from([None, True, False]),
        "queue_seconds": st.sampled_from(WAITS),
        "waited_seconds": st.sampled_from(WAITS),
        "first_response_seconds": st.sampled_from(WAITS),
        "waited_business_seconds": st.sampled_from([None, 0, 28_800, 28_801]),
        "waited_business_days": st.sampled_from([None, 0, 2, 3]),
    }
)
Step = dict[str, Any]


def gave_up(step: Step) -> bool:
    wait = step["queue_seconds"]
    live = step["channel_group"] in ("voice", "chat")
    return live and step["disposition"] == "abandoned" and (wait is None or wait > 5)


def taken(step: Step) -> bool | None:
    return step["served"] if step["served"] is not None else step["resolved"] or None


def nobody_answered(step: Step) -> bool:
    end, group, waited = (
        step["disposition"],
        step["channel_group"],
        step["waited_seconds"] or 0,
    )
    if taken(step) is not False or end in ("abandoned", "short_abandoned", "spam"):
        return False
    if group in ("voice", "chat"):
        return end == "missed"
    if group == "written":
        return (step["waited_business_days"] or 0) >= 3
    return group in ("messaging", "social") and waited > 86_400


def answered_late(step: Step) -> bool:
    group, end = step["channel_group"], step["disposition"]
    written = group in ("written", "messaging", "social")
    waits = (
        written
        and taken(step) is False
        and end
        not in (
            "abandoned",
            "short_abandoned",
        )
    )
    if end == "spam" or not (waits or step["first_response_seconds"] is not None):
        return False
    if group == "written":
        return (step["waited_business_seconds"] or 0) > 28_800
    target = {"chat": 60, "messaging": 900, "social": 14_400}.get(group)
    return target is not None and (step["waited_seconds"] or 0) > target


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, min_size=1, max_size=12))
def test_out_of_hours_is_what_plain_python_says(rows: list[Step]) -> None:
    named = [{**row, "contact_id": f"c{place}"} for place, row in enumerate(rows)]
    frame = conform(pl.DataFrame(named, infer_schema_length=None), "steps")
    friction = collect("frictions")["out_of_hours"]
    points = flag(frame, {"out_of_hours": (friction, friction.bind({}))})

    expected = {
        row["contact_id"]
        for row in named
        if row["in_hours"] is False
        and (gave_up(row) or nobody_answered(row) or answered_late(row))
    }
    assert set(points["contact_id"]) == expected
