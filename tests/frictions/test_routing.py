"""The customer is passed about, cut off, or left to wait after a promise."""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.definitions import collect
from cxmap.names import CHANNEL_GROUPS, CONTINUITIES, ENDED_BY, LINK_RULES
from cxmap.tables import conform

Flagged = Callable[..., Mapping[str, str]]
Row = dict[str, Any]

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = 60
FEW = [None, 0, 1, 2, 3, 4, 5]
SPANS = [None, 0, 5, 6, 60, 61, 90, 1800, 1801]
INSTANTS = [None, *(NOON + timedelta(minutes=n) for n in (-5, 0, 10, 15, 16, 40))]
FLAGS = [None, True, False]
ENDS = ["handled", "abandoned", "short_abandoned", "unanswered", "merged", "unknown"]
STEP: dict[str, list[Any]] = {
    "channel": [
        None,
        "voice",
        "voice",
        "voicemail",
        "callback",
        "chat",
        "email",
        "bot",
    ],
    "previous_channel": [None, "bot", "bot", "ivr", "voice"],
    "continuity": [None, "transfer", *CONTINUITIES],
    "disposition": [None, *ENDS],
    "served": FLAGS,
    "resolved": FLAGS,
    "ended_by": [None, *ENDED_BY],
    "dropped_on_hold": [None, None, False, True],
    "next_rule": [None, *LINK_RULES],
    "next_gap_seconds": SPANS,
    "handed_off": FLAGS,
    "handoff_seconds": SPANS,
    "queue_seconds": SPANS,
    "wrap_up_seconds": SPANS,
    "talk_seconds": SPANS,
    "callback_due_at": INSTANTS,
    "called_back_at": INSTANTS,
    "answered_at": INSTANTS,
    "next_started_at": INSTANTS,
    "callback_attempts": FEW,
    "hands": FEW,
    "hands_before": FEW,
    "returned_to_team": FEW,
    "escalations": FEW,
    "bot_repeats": FEW,
}


def served(row: Row) -> bool | None:
    return row["served"] if row["served"] is not None else row["resolved"] or None


def spoken_with(row: Row) -> bool:
    live = row["channel"] in ("voice", "callback", "chat")
    return live and served(row) is True


def broken_off(row: Row) -> bool:
    if not spoken_with(row):
        return False
    if row["dropped_on_hold"] or row["ended_by"] == "line":
        return True
    gap = row["next_gap_seconds"]
    needs = ("reference", "same_topic", "unknown_topic")
    back = row["next_rule"] in needs and gap is not None and gap <= 30 * MINUTE
    return row["ended_by"] in ("agent", "system") and (row["resolved"] is False or back)


def stalled(row: Row) -> bool:
    follows = row["previous_channel"] == "bot" and row["continuity"] == "transfer"
    if not (row["handed_off"] or follows):
        return False
    waited = row["handoff_seconds"]
    if waited is None and follows:
        waited = row["queue_seconds"]
    if waited is not None and waited > MINUTE:
        return True
    left = row["disposition"] in ("abandoned", "short_abandoned")
    return left and not served(row) and (waited is None or waited > 5)


def not_called_back(row: Row) -> bool:
    if row["disposition"] == "merged":
        return False
    asked = row["channel"] == "callback"
    if asked and served(row) is False:
        return True
    if row["callback_attempts"] is not None and row["callback_attempts"] >= 2:
        return True
    if row["callback_due_at"] is None:
        return False
    late = row["callback_due_at"] + timedelta(minutes=15)
    calls = [row["called_back_at"]]
    if asked and served(row):
        calls.append(row["answered_at"])
    ours = min((call for call in calls if call is not None), default=None)
    back = row["next_started_at"]
    if back is not None and back > late and (ours is None or ours > back):
        return True
    return ours is not None and ours > late


def one_more_hand(row: Row) -> bool:
    if row["hands"] is None or row["hands"] <= (row["hands_before"] or 0):
        return False
    return bool(row["hands"] >= (4 if row["channel"] == "email" else 3))


def overloaded(row: Row) -> bool:
    work, talk = row["wrap_up_seconds"], row["talk_seconds"]
    if not spoken_with(row) or work is None or talk is None:
        return False
    return bool(work > talk and work > MINUTE)


def at_least(column: str, limit: int) -> Callable[[Row], bool]:
    return lambda row: row[column] is not None and row[column] >= limit


RULES: dict[str, Callable[[Row], bool]] = {
    "transfer_ping_pong": at_least("returned_to_team", 1),
    "escalation": at_least("escalations", 1),
    "bot_loop": at_least("bot_repeats", 3),
    "dropped_by_us": broken_off,
    "handoff_stall": stalled,
    "missed_callback": not_called_back,
    "many_hands": one_more_hand,
    "after_contact_work_overload": overloaded,
}


@pytest.mark.parametrize("friction", RULES)
@settings(max_examples=10)
@given(seed=st.integers(0, 2**32))
def test_it_shows_where_the_rule_in_plain_words_says(friction: str, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    rows = [
        {name: dice.choice(words) for name, words in STEP.items()} for _ in range(200)
    ]
    told = [
        {**row, "channel_group": CHANNEL_GROUPS.get(row["channel"] or "")}
        for row in rows
    ]
    walked = conform(pl.DataFrame(told, infer_schema_length=None), "steps")
    condition = collect("frictions")[friction].bind({})

    shown = walked.select(shows=condition.fill_null(False))["shows"].to_list()

    assert shown == [RULES[friction](row) for row in rows]


def test_to_come_back_is_ping_pong_and_to_be_passed_on_is_not(flagged: Flagged) -> None:
    """
    transfers returned_to_team
    3         0
    2         1
    2         –
    0         0
    """
    assert flagged("transfer_ping_pong") == {
        "c2": "came back to where it had been, times: 1"
    }
    assert flagged("transfer_ping_pong", at_least=2) == {}


def test_that_we_hang_up_last_is_no_friction(flagged: Flagged) -> None:
    """
    channel_group served ended_by resolved next_rule  next_gap_seconds dropped_on_hold
    voice         yes    agent    –        –          –                –
    voice         yes    agent    yes      –          –                –
    voice         yes    agent    –        same_topic 31m            –
    voice         yes    agent    –        retry      1m             –
    voice         yes    customer no       same_topic 1m             –
    voice         no     line     –        –          –                –
    written       yes    system   no       –          –                –
    voice         –      line     –        –          –                –
    """
    assert flagged("dropped_by_us") == {}


def test_who_breaks_off_an_open_need_has_dropped_it(flagged: Flagged) -> None:
    """
    channel_group served ended_by resolved next_rule next_gap_seconds dropped_on_hold
    voice yes agent no – – –
    chat yes system – unknown_topic 30m –
    voice yes line yes – – –
    voice yes customer – – – yes
    """
    why = "broke off before the customer was helped, ended by: {}"

    assert flagged("dropped_by_us") == {
        "c1": why.format("agent"),
        "c2": why.format("system"),
        "c3": why.format("line"),
        "c4": why.format("customer"),
    }
    assert list(flagged("dropped_by_us", back_within=timedelta(minutes=29))) == [
        *("c1", "c3", "c4")
    ]


def test_three_hands_are_many_and_on_paper_four(flagged: Flagged) -> None:
    """
    channel_group hands hands_before
    voice         2     1
    voice         3     2
    voice         3     3
    written       3     2
    written       4     3
    voice         –     –
    """
    assert flagged("many_hands") == {
        "c2": "one more person about the same need, by now 3",
        "c5": "one more person about the same need, by now 4",
    }
    assert list(flagged("many_hands", at_least=2, written=3)) == [
        "c1",
        "c2",
        "c4",
        "c5",
    ]


def test_a_promise_is_broken_by_a_late_call_or_by_who_had_to_ask_again(
    flagged: Flagged,
) -> None:
    """
    channel callback_due_at called_back_at next_started_at served
    voice   03-02_12:00     03-02_12:15    –               yes
    voice   03-02_12:00     03-02_12:16    –               yes
    voice   03-02_12:00     –              –               yes
    voice   03-02_12:00     –              03-02_12:15     yes
    voice   03-02_12:00     –              03-02_12:16     yes
    voice   03-02_12:00     03-02_11:00    03-03_09:00     yes
    voice   –               –              03-02_12:16     yes
    callback –              –              –               no
    callback –              –              –               –
    """
    assert list(flagged("missed_callback")) == ["c2", "c5", "c8"]
    assert list(flagged("missed_callback", grace=timedelta(0))) == [
        *("c1", "c2", "c4", "c5", "c8")
    ]


def test_the_wait_after_a_hand_over_is_in_order_up_to_a_minute(
    flagged: Flagged,
) -> None:
    """
    handed_off handoff_seconds previous_channel continuity queue_seconds
    yes        60s             –                –          –
    yes        61s             –                –          –
    no         61s             –                –          –
    –          –               bot              transfer   61s
    –          –               bot              restart    61s
    –          –               ivr              transfer   61s
    yes        –               –                –          61s
    """
    assert list(flagged("handoff_stall")) == ["c2", "c4"]


def test_work_after_a_call_of_seconds_is_no_overload(flagged: Flagged) -> None:
    """
    channel_group served wrap_up_seconds talk_seconds
    voice         yes    60s             10s
    voice         yes    61s             61s
    voice         yes    62s             61s
    voice         yes    90s             –
    voice         no     90s             0s
    written       yes    90s             0s
    """
    assert flagged("after_contact_work_overload") == {
        "c3": "1 min 2 s of work after 1 min 1 s of talk"
    }
