"""The customer waits, is forgotten or closed out, inside a case or chat."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.definitions import collect
from cxmap.names import DISPOSITIONS, STATUSES
from cxmap.tables import conform

Flagged = Callable[..., Mapping[str, str]]

HOUR = 3_600
DAY = 24 * HOUR
SPANS = st.sampled_from(
    [None, 0, 120, 121, 1800, 1801, 8 * HOUR, 8 * HOUR + 1, 16 * HOUR, 16 * HOUR + 1]
)
LONG = st.sampled_from([None, 0, DAY - 1, DAY, 3 * DAY, 3 * DAY + 1])
FLAGS = st.sampled_from([None, True, False])
COUNTS = st.sampled_from([None, 0, 1, 2, 3])
MOMENTS = st.sampled_from([None, datetime(2026, 3, 2, 12)])
STEP = st.fixed_dictionaries(
    {
        "channel_group": st.sampled_from(
            ["chat", "messaging", "social", "written", "voice", None]
        ),
        "disposition": st.sampled_from([None, None, "handled", *DISPOSITIONS]),
        "status": st.sampled_from([None, "solved", "open", *STATUSES]),
        "resolved": FLAGS,
        "resolved_at": MOMENTS,
        "first_response_at": MOMENTS,
        "first_response_seconds": st.sampled_from([None, None, 60]),
        "answered_at": st.sampled_from([None, None, datetime(2026, 3, 2, 12)]),
        "longest_wait_seconds": SPANS,
        "longest_wait_business_seconds": SPANS,
        "unsaid_seconds": LONG,
        "reopened_after_seconds": LONG,
        "repeated_after_seconds": LONG,
        "quiet_business_days": COUNTS,
        "messages_after_answer": COUNTS,
        "chasers": COUNTS,
        "pending_toggles": COUNTS,
        "pending_before_due_seconds": st.sampled_from([None, 0, 299, 300, 301]),
        "replies": COUNTS,
        "agent_messages": COUNTS,
        "auto_closed": FLAGS,
        "customer_spoke_last": FLAGS,
    }
)

Row = dict[str, Any]
TEXT = ("chat", "messaging", "social", "written")


def no_contact(row: Row) -> bool:
    return row["disposition"] in ("merged", "spam")


def at_least(value: int | None, floor: int) -> bool:
    return value is not None and value >= floor


def up_to(value: int | None, most: int) -> bool:
    return value is not None and value <= most


def silent_abandon(row: Row) -> bool:
    gone = at_least(row["unsaid_seconds"], DAY)
    left = row["channel_group"] == "chat" or (
        row["channel_group"] == "messaging" and gone
    )
    return row["messages_after_answer"] == 0 and left and row["resolved"] is not True


def slow_next_response(row: Row) -> bool:
    if row["channel_group"] == "written":
        return at_least(row["longest_wait_business_seconds"], 16 * HOUR + 1)
    most = {"chat": 120, "messaging": 1800, "social": 8 * HOUR}
    limit = most.get(row["channel_group"] or "")
    return limit is not None and at_least(row["longest_wait_seconds"], limit + 1)


def chaser(row: Row) -> bool:
    return at_least(row["chasers"], 1)


def premature_close(row: Row) -> bool:
    done = row["status"] in ("solved", "closed") or row["resolved_at"] is not None
    cut_off = bool(row["auto_closed"] and row["customer_spoke_last"] and done)
    back = ("reopened_after_seconds", "repeated_after_seconds")
    soon = any(up_to(row[name], 3 * DAY) for name in back)
    return row["channel_group"] in TEXT and (soon or cut_off)


def stall(row: Row) -> bool:
    written = row["channel_group"] in ("messaging", "social", "written")
    return written and at_least(row["quiet_business_days"], 3)


def waiting_misuse(row: Row) -> bool:
    written = row["channel_group"] in ("messaging", "social", "written")
    stopped = up_to(row["pending_before_due_seconds"], 300)
    return written and (at_least(row["pending_toggles"], 2) or stopped)


def direct_close(row: Row) -> bool:
    written = row["channel_group"] in ("messaging", "social", "written")
    answers = row["agent_messages"] if row["replies"] is None else row["replies"]
    ways = ("answered_at", "first_response_at", "first_response_seconds")
    answered = any(row[name] is not None for name in ways)
    by_machine = row["disposition"] in ("bot_handled", "self_served")
    done = row["status"] in ("solved", "closed")
    return written and done and answers == 0 and not answered and not by_machine


RULES: dict[str, Callable[[Row], bool]] = {
    rule.__name__: rule
    for rule in (
        silent_abandon,
        slow_next_response,
        chaser,
        premature_close,
        stall,
        waiting_misuse,
        direct_close,
    )
}


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(STEP, min_size=1, max_size=30))
def test_plain_rules_flag_the_same(rows: list[Row]) -> None:
    steps = conform(pl.DataFrame(rows, infer_schema_length=None), "steps")
    frictions = {name: collect("frictions")[name].bind({}) for name in RULES}
    shown = steps.select(
        condition.fill_null(value=False).alias(name)
        for name, condition in frictions.items()
    ).to_dicts()

    for row, found in zip(rows, shown, strict=True):
        wanted = {name: r(row) and not no_contact(row) for name, r in RULES.items()}
        assert found == wanted


def test_who_leaves_before_the_answer_abandons_in_silence(flagged: Flagged) -> None:
    """
    channel_group messages_after_answer resolved unsaid_seconds disposition
    chat          0                     –        1m             handled
    chat          1                     –        1m             handled
    chat          –                     –        1m             handled
    chat          0                     yes      1m             handled
    chat          0                     no       1m             spam
    messaging     0                     –        24h            handled
    messaging     0                     –        23h            handled
    messaging     0                     –        –              handled
    written       0                     –        30d            handled
    voice         0                     –        30d            handled
    """
    assert list(flagged("silent_abandon")) == ["c1", "c6"]
    hour = timedelta(hours=1)
    assert list(flagged("silent_abandon", quiet=hour)) == ["c1", "c6", "c7"]


def test_twice_the_target_is_still_in_time(flagged: Flagged) -> None:
    """
    channel_group longest_wait_seconds longest_wait_business_seconds
    chat          120s                 120s
    chat          121s                 0s
    messaging     30m                  30m
    messaging     31m                  0s
    social        8h                   8h
    social        9h                   0s
    written       60h                  16h
    written       60h                  17h
    written       –                    –
    voice         60h                  17h
    """
    assert flagged("slow_next_response") == {
        "c2": "waited 2 min 1 s for an answer in the middle of it",
        "c4": "waited 31 min for an answer in the middle of it",
        "c6": "waited 9 h for an answer in the middle of it",
        "c8": "waited 2 d 12 h for an answer in the middle of it",
    }
    assert list(flagged("slow_next_response", times=4)) == []


def test_who_asks_again_before_the_answer_is_overdue_is_no_chaser(
    flagged: Flagged,
) -> None:
    """
    channel_group chasers disposition
    written       1       handled
    written       0       handled
    written       –       handled
    written       2       merged
    social        2       –
    """
    assert list(flagged("chaser")) == ["c1", "c5"]
    assert list(flagged("chaser", at_least=2)) == ["c5"]


def test_a_close_is_premature_if_the_customer_comes_back(flagged: Flagged) -> None:
    """
    channel_group status reopened_after_seconds repeated_after_seconds
    written       solved 72h                    –
    written       solved 73h                    –
    written       closed –                      72h
    written       closed –                      73h
    voice         closed –                      1h
    written       merged –                      –
    """
    assert list(flagged("premature_close")) == ["c1", "c3"]
    assert list(flagged("premature_close", within=timedelta(hours=73))) == [
        "c1",
        "c2",
        "c3",
        "c4",
    ]


def test_a_machine_that_closes_on_the_customers_last_word_is_premature(
    flagged: Flagged,
) -> None:
    """
    channel_group status auto_closed customer_spoke_last
    written       closed yes         yes
    written       closed yes         no
    written       closed yes         –
    written       closed no          yes
    written       closed –           yes
    written       open   yes         yes
    """
    assert list(flagged("premature_close")) == ["c1"]


def test_a_case_stalls_on_the_third_business_day(flagged: Flagged) -> None:
    """
    channel_group quiet_seconds quiet_business_days
    written       5d            3
    written       5d            2
    chat          5d            3
    written       –             –
    """
    assert flagged("stall") == {
        "c1": "nothing happened for 5 d while it was ours to act"
    }


def test_once_without_a_question_may_be_a_slip(flagged: Flagged) -> None:
    """
    channel_group pending_toggles
    written       2
    written       1
    written       –
    chat          2
    """
    assert list(flagged("waiting_misuse")) == ["c1"]


def test_a_clock_is_stopped_within_five_minutes_of_the_deadline(
    flagged: Flagged,
) -> None:
    """
    channel_group pending_toggles pending_before_due_seconds disposition
    written       1               5m                         –
    messaging     –               0s                         –
    written       1               301s                       –
    written       0               –                          –
    chat          0               1m                         –
    written       0               1m                         merged
    """
    assert flagged("waiting_misuse") == {
        "c1": "set to wait for the customer without a question, times: 1; at the "
        "nearest 5 min before a deadline",
        "c2": "set to wait for the customer without a question, times: unknown; at the "
        "nearest 0 s before a deadline",
    }
    assert list(flagged("waiting_misuse", within=timedelta(seconds=301))) == [
        "c1",
        "c2",
        "c3",
    ]
    assert list(flagged("waiting_misuse", within=timedelta(0), at_least=1)) == [
        *("c1", "c2", "c3")
    ]


def test_a_direct_close_has_no_answer_by_anybody(flagged: Flagged) -> None:
    """
    channel_group status replies agent_messages first_response_seconds disposition
    written       solved 0       –              –                      –
    written       closed –       0              –                      –
    written       solved –       –              –                      –
    written       solved 1       0              –                      –
    written       solved 0       –              60s                    –
    written       solved 0       –              –                      bot_handled
    written       merged 0       –              –                      –
    written       open   0       –              –                      –
    voice         solved 0       –              –                      –
    """
    assert list(flagged("direct_close")) == ["c1", "c2"]
