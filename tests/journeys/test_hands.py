"""Steps: whom the customer met, who called back, how soon they were back."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from cxmap.journeys.again import again
from cxmap.journeys.steps import steps
from cxmap.options import Hours
from cxmap.tables import conform

Tell = Callable[..., Any]
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def walked(told: Any, *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of the steps, contact c1 first."""
    stitched = told.stitched
    found = steps(
        stitched.contacts,
        stitched.links,
        stitched.journeys,
        stitched.surveys,
        hours=Hours(),
    )
    return found.sort("source_contact_id").select(columns).rows()


def test_hands_are_the_different_people_of_a_journey(story: Tell) -> None:
    """
    started_at   served  agent_id  agents  customer_id  disposition
    03-02_09:00  yes     pia       –       ana          handled
    03-02_10:00  yes     pia       –       ana          handled
    03-02_11:00  yes     tom       –       ana          handled
    03-02_12:00  no      max       –       ana          abandoned
    03-02_13:00  yes     bot       –       ana          bot_handled
    03-02_14:00  –       kim       4       ana          unknown
    03-02_15:00  yes     –         –       ana          handled
    03-02_09:00  yes     pia       –       ben          handled
    03-02_09:00  –       –         –       cem          unknown
    """
    assert walked(story(), "hands", "hands_before") == [
        *((1, 0), (1, 1), (2, 1), (2, 2), (2, 2), (4, 2), (4, 4)),
        *((1, 0), (None, 0)),
    ]


def test_who_calls_back_counts_as_a_hand_and_as_a_call(story: Tell) -> None:
    """
    started_at   served  agent_id  direction  connected  channel
    03-02_09:00  yes     pia       inbound    –          voice
    03-02_10:00  yes     tom       outbound   no         voice
    03-02_11:00  yes     tom       outbound   –          voice
    03-02_12:00  yes     tom       outbound   yes        email
    03-02_13:00  yes     tom       outbound   yes        callback
    03-02_14:00  yes     kim       inbound    –          voice
    """
    told = story("c2 follow_up_of a:c1", "c6 callback_of a:c2")

    assert walked(told, "source_contact_id", "called_back_at", "hands") == [
        ("c1", NINE + timedelta(hours=4), 1),
        ("c6", None, 3),
    ]


def test_a_call_to_somebody_else_is_no_call_back(story: Tell) -> None:
    """
    started_at   direction  connected  customer_id
    03-02_09:00  inbound    –          ana
    03-02_10:00  outbound   yes        ben
    03-02_09:00  inbound    –          –
    03-02_10:00  outbound   yes        –
    """
    assert walked(story(), "called_back_at") == [(None,), (None,)]


def test_the_next_hop_says_where_it_leads(story: Tell) -> None:
    """
    started_at   channel
    03-02_09:00  bot
    03-02_10:00  voice
    """
    told = walked(story(), "next_channel_group", "next_started_at")

    assert told == [("voice", NINE + timedelta(hours=1)), (None, None)]


def test_back_after_a_machine_is_told_beyond_all_windows(story: Tell) -> None:
    """
    started_at   ended_at     channel  topic   customer_id
    03-02_09:00  03-02_09:10  bot      bill/a  ana
    03-03_09:10  –            voice    move    ana
    03-20_09:10  –            voice    bill    ana
    03-02_09:00  03-02_09:30  bot      –       ben
    03-02_09:20  –            voice    move    ben
    03-02_09:00  –            voice    bill    cem
    03-02_10:00  –            voice    bill    cem
    03-02_09:00  –            bot      bill    –
    03-02_10:00  –            voice    bill    –
    """
    found = [seconds for (seconds,) in walked(story(), "again_after_seconds")]

    assert found == [18 * 86_400, None, None, 0, *[None] * 5]


TOPICS = (None, "a", "a/b", "a/b/c", "ab", "b")


def same_or_unknown(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return True
    mine, theirs = one.split("/"), other.split("/")
    return all(x == y for x, y in zip(mine, theirs, strict=False))


@given(st.integers(0, 2**32))
def test_who_comes_back_is_found_by_a_plain_search(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    rows = [
        {
            "contact_id": f"c{place:02}",
            "customer_id": dice.choice(["ana", "ben", None]),
            "started_at": NINE + timedelta(hours=dice.randrange(30)),
            "topic": dice.choice(TOPICS),
            "channel_group": dice.choice(["digital_self", "voice"]),
            "disposition": dice.choice([None, "bot_handled", "merged", "handled"]),
        }
        for place in range(14)
    ]
    for row in rows:
        row["last_touch_at"] = row["started_at"] + timedelta(hours=dice.randrange(3))
    order = sorted(rows, key=lambda row: (row["started_at"], row["contact_id"]))
    by_hand = {}
    for place, row in enumerate(order):
        machine = row["channel_group"] == "digital_self"
        session = machine or row["disposition"] == "bot_handled"
        if row["customer_id"] is None or row["disposition"] == "merged" or not session:
            continue
        for later in order[place + 1 :]:
            theirs = later["customer_id"] == row["customer_id"]
            alike = same_or_unknown(row["topic"], later["topic"])
            if theirs and alike and later["disposition"] != "merged":
                gap = (later["started_at"] - row["last_touch_at"]).total_seconds()
                by_hand[row["contact_id"]] = max(0, int(gap))
                break
    frame = conform(pl.DataFrame(rows, infer_schema_length=None), "steps")

    assert dict(again(frame).iter_rows()) == by_hand
