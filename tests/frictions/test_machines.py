"""The customer meets a machine first, and then needs a person."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from cxmap.definitions import collect
from cxmap.names import CHANNEL_GROUPS, CONTINUITIES, LINK_RULES
from cxmap.tables import conform

Flagged = Callable[..., Mapping[str, str]]

HOUR = 3_600
GAPS = st.sampled_from([None, 0, 2 * HOUR, 2 * HOUR + 1, 24 * HOUR, 24 * HOUR + 1])
ANSWERS = st.sampled_from([None, None, None, 0.0, 0.25, 1 / 3, 0.6, 0.7, 1.0])
STEP = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(["bot", "bot", "ivr", "voice", "email", None]),
        "previous_channel": st.sampled_from(["bot", "ivr", "app", "voice", None]),
        "disposition": st.sampled_from([None, "bot_handled", "handled", "abandoned"]),
        "rule": st.sampled_from([None, *LINK_RULES]),
        "gap_seconds": GAPS,
        "next_rule": st.sampled_from([None, *LINK_RULES]),
        "next_gap_seconds": GAPS,
        "next_continuity": st.sampled_from([None, *CONTINUITIES]),
        "csat_answer": ANSWERS,
        "ces_answer": ANSWERS,
        "nps_answer": ANSWERS,
    }
)


def marked(friction: str, rows: list[dict[str, Any]], **options: object) -> list[bool]:
    """Tell which rows the friction shows on."""
    told = [
        {
            **row,
            "channel_group": CHANNEL_GROUPS.get(row["channel"] or "unknown"),
            "previous_channel_group": CHANNEL_GROUPS.get(row["previous_channel"] or ""),
            "started_at": datetime(2026, 3, 2, tzinfo=UTC),
        }
        for row in rows
    ]
    walked = conform(pl.DataFrame(told, infer_schema_length=None), "steps")
    condition = collect("frictions")[friction].bind(options)

    return walked.select(shows=condition.fill_null(False))["shows"].to_list()


def near(rule: str | None, gap: int | None) -> bool:
    hours = 24 if rule in ("reference", "same_topic") else 2
    return gap is not None and gap <= hours * HOUR


def escapes(row: dict[str, Any]) -> bool:
    machines = ("bot", "ivr", "self_service", "app")
    if row["previous_channel"] not in machines or row["channel"] in machines:
        return False
    return near(row["rule"], row["gap_seconds"])


def ends_dead(row: dict[str, Any]) -> bool:
    if row["channel"] != "bot" or row["disposition"] == "handled":
        return False
    if row["next_continuity"] == "transfer":
        return False
    limits = {"csat_answer": 0.25, "ces_answer": 2 / 6, "nps_answer": 0.6}
    bad = [row[k] is not None and row[k] <= most for k, most in limits.items()]
    return near(row["next_rule"], row["next_gap_seconds"]) or any(bad)


@given(st.lists(STEP, min_size=1, max_size=30))
def test_escapes_are_those_of_the_rule_in_plain_words(
    rows: list[dict[str, Any]],
) -> None:
    assert marked("self_service_escape", rows) == [escapes(row) for row in rows]


@given(st.lists(STEP, min_size=1, max_size=30))
def test_dead_ends_are_those_of_the_rule_in_plain_words(
    rows: list[dict[str, Any]],
) -> None:
    assert marked("bot_dead_end", rows) == [ends_dead(row) for row in rows]


def test_turning_to_a_person_after_a_machine_is_an_escape(flagged: Flagged) -> None:
    """
    previous_channel previous_channel_group channel channel_group rule          gap_seconds
    bot              digital_self           voice   voice         same_topic    24h
    ivr              digital_self           email   written       reference     9m
    app              digital_self           unknown other         unknown_topic 2h
    bot              digital_self           voice   voice         same_topic    25h
    bot              digital_self           voice   voice         unknown_topic 3h
    bot              digital_self           voice   voice         joined        3h
    bot              digital_self           bot     digital_self  same_topic    1m
    voice            voice                  email   written       same_topic    1m
    –                –                      voice   voice         –             –
    """  # noqa: E501
    assert flagged("self_service_escape") == {
        "c1": "turned from bot to voice after 1 d",
        "c2": "turned from ivr to email after 9 min",
        "c3": "turned from app to unknown after 2 h",
    }


def test_how_soon_an_escape_comes_is_an_option(flagged: Flagged) -> None:
    """
    previous_channel_group channel_group rule          gap_seconds
    digital_self           voice         same_topic    3h
    digital_self           voice         unknown_topic 3h
    """
    hour = timedelta(hours=1)

    assert list(flagged("self_service_escape")) == ["c1"]
    assert flagged("self_service_escape", within=hour) == {}
    assert list(flagged("self_service_escape", unknown_topic=3 * hour)) == ["c1", "c2"]


def test_a_bot_after_which_the_customer_asks_again_is_a_dead_end(
    flagged: Flagged,
) -> None:
    """
    channel channel_group next_rule     next_gap_seconds contacts_after
    bot     digital_self  same_topic    24h              1
    bot     digital_self  unknown_topic 2h               3
    bot     digital_self  same_topic    25h              1
    bot     digital_self  unknown_topic 3h               1
    bot     digital_self  –             –                0
    ivr     digital_self  same_topic    1m               1
    voice   voice         same_topic    1m               1
    """
    assert flagged("bot_dead_end") == {
        "c1": "the bot did not settle it, contacts after it: 1",
        "c2": "the bot did not settle it, contacts after it: 3",
    }


def test_a_bot_that_hands_over_is_no_dead_end(flagged: Flagged) -> None:
    """
    channel disposition next_rule  next_gap_seconds next_continuity csat_answer
    bot     bot_handled reference  1m               transfer        –
    bot     handled     same_topic 1m               restart         –
    bot     handled     –          –                –               0.0
    bot     bot_handled same_topic 1m               unknown         –
    """
    assert list(flagged("bot_dead_end")) == ["c4"]


def test_a_bot_rated_badly_is_a_dead_end_though_nobody_comes_back(
    flagged: Flagged,
) -> None:
    """
    channel csat_answer ces_answer nps_answer contacts_after
    bot     0.25        –          –          0
    bot     0.5         0.5        0.7        0
    bot     –           –          –          0
    voice   0.0         –          –          0
    """
    assert flagged("bot_dead_end") == {
        "c1": "the bot did not settle it, contacts after it: 0"
    }
