"""The customer is handed about, kept on hold, and says how it was."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from cxmap.definitions import collect
from cxmap.journeys.answers import worst_answers
from cxmap.tables import conform

Flagged = Callable[..., Mapping[str, str]]

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOLD = st.fixed_dictionaries(
    {
        "channel_group": st.sampled_from(["voice", "voice", "chat", "written", None]),
        "hold_seconds": st.none() | st.sampled_from([0, 60, 61, 90, 120, 121, 600]),
        "talk_seconds": st.none() | st.sampled_from([0, 199, 200, 203, 204, 300, 900]),
    }
)
SCALES = ((1, 5), (1, 7), (0, 10), (0, 1), (1, 4), (1, 10), (3, 3))
ANSWER = st.tuples(
    st.sampled_from(["c1", "c2", "c3", None]),
    st.sampled_from(["csat", "ces", "nps", "fcr", "other"]),
    st.sampled_from([*SCALES, None]),
    st.none() | st.integers(0, 10),
    st.sampled_from([True, False, None]),
    st.sampled_from([None, -1, 0, 7 * 86_400, 7 * 86_400 + 1]),
)
MOST = {"csat": Fraction(1, 4), "ces": Fraction(2, 6), "nps": Fraction(6, 10)}


def marked(friction: str, rows: list[dict[str, Any]]) -> list[bool]:
    """Tell which rows the friction shows on."""
    walked = conform(pl.DataFrame(rows, infer_schema_length=None), "steps")
    condition = collect("frictions")[friction].bind({})

    return walked.select(shows=condition.fill_null(False))["shows"].to_list()


def held_too_long(row: dict[str, Any]) -> bool:
    held, talked = row["hold_seconds"], row["talk_seconds"]
    if row["channel_group"] != "voice" or held is None:
        return False
    much = talked is not None and held > Fraction(3, 10) * talked
    return held > 120 or (held > 60 and much)


@given(st.lists(HOLD, min_size=1, max_size=30))
def test_long_holds_are_those_of_the_rule_in_plain_words(
    rows: list[dict[str, Any]],
) -> None:
    assert marked("excessive_hold", rows) == [held_too_long(row) for row in rows]


@given(st.lists(st.none() | st.integers(0, 4), min_size=1, max_size=30))
def test_chains_are_transfers_from_the_second_on(transfers: list[int | None]) -> None:
    rows = [{"transfers": number} for number in transfers]

    shown = marked("transfer_chain", rows)

    assert shown == [number is not None and number >= 2 for number in transfers]


def is_low(answer: tuple[Any, ...]) -> bool:
    _, kind, scale, score, good, after = answer
    if kind not in MOST or scale is None or score is None or scale[0] == scale[1]:
        return False
    if after is not None and after > 7 * 86_400:
        return False
    best, worst = (scale[0], scale[1]) if good is False else (scale[1], scale[0])
    return Fraction(score - worst, best - worst) <= MOST[kind]


@given(st.lists(ANSWER, max_size=12))
def test_a_score_is_low_where_any_answer_about_the_contact_is(
    answers: list[tuple[Any, ...]],
) -> None:
    contacts = conform(
        pl.DataFrame(
            [{"contact_id": f"c{n}", "last_touch_at": NOON} for n in (1, 2, 3)]
        ),
        "contacts",
    )
    rows = [
        {
            "survey_id": f"s{place}",
            "contact_id": contact,
            "survey_type": kind,
            "scale_min": None if scale is None else float(scale[0]),
            "scale_max": None if scale is None else float(scale[1]),
            "score": None if score is None else float(score),
            "high_is_good": good,
            "responded_at": None if after is None else NOON + timedelta(seconds=after),
        }
        for place, (contact, kind, scale, score, good, after) in enumerate(answers)
    ]
    surveys = conform(pl.DataFrame(rows, infer_schema_length=None), "surveys")
    told = worst_answers(surveys, contacts)
    found = contacts.select("contact_id").join(told, on="contact_id", how="left")

    shown = marked("low_score", found.sort("contact_id").to_dicts())

    assert shown == [
        any(is_low(one) for one in answers if one[0] == contact)
        for contact in ("c1", "c2", "c3")
    ]


def test_to_be_handed_on_twice_is_a_chain_beside_a_transfer(flagged: Flagged) -> None:
    """
    transfers
    0
    1
    2
    3
    –
    """
    assert flagged("transfer_chain") == {
        "c3": "handed on again and again, transfers: 2",
        "c4": "handed on again and again, transfers: 3",
    }
    assert list(flagged("transfer")) == ["c2", "c3", "c4"]
    assert list(flagged("transfer_chain", at_least=3)) == ["c4"]


def test_exactly_two_minutes_on_hold_are_still_in_order(flagged: Flagged) -> None:
    """
    channel_group hold_seconds talk_seconds
    voice         120s         400s
    voice         121s         –
    voice         61s          203s
    voice         61s          204s
    voice         60s          10s
    voice         90s          –
    written       600s         600s
    chat          600s         600s
    –             600s         600s
    voice         –            600s
    """
    assert flagged("excessive_hold") == {
        "c2": "on hold for 2 min 1 s, in conversation for unknown",
        "c3": "on hold for 1 min 1 s, in conversation for 3 min 23 s",
    }
    minutes = timedelta(minutes=10)
    assert flagged("excessive_hold", longest=minutes, noticed=minutes) == {}
    assert "c4" in flagged("excessive_hold", percent=20)


def test_how_low_is_low_is_an_option(flagged: Flagged) -> None:
    """
    csat_answer ces_answer nps_answer
    0.25        –          –
    0.5         –          –
    –           0.3        –
    –           0.5        –
    –           –          0.6
    –           –          0.7
    –           –          –
    1.0         0.0        –
    """
    assert list(flagged("low_score")) == ["c1", "c3", "c5", "c8"]
    assert list(flagged("low_score", csat=3)) == ["c1", "c2", "c3", "c5", "c8"]
    assert list(flagged("low_score", csat=1, ces=1, nps=0)) == ["c8"]
    assert flagged("low_score")["c1"] == "rated badly by the customer"
