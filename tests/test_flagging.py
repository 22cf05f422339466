"""Points say where and because, and never show what they must not."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap import tables
from cxmap.definitions import Friction, collect
from cxmap.errors import ConfigError
from cxmap.flagging import because, duration_text, flag

REOPEN: Friction = collect("frictions")["reopen"]


def steps(**columns: object) -> pl.DataFrame:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    usual = {"contact_id": "c1", "journey_id": "j1", "started_at": noon, "reopens": 1}
    frame = pl.DataFrame([{**usual, "reopened": True, **columns}])
    return tables.conform(frame, "steps")


def points(walked: pl.DataFrame, **severities: str) -> list[dict[str, Any]]:
    bound = {"reopen": (REOPEN, REOPEN.bind({}))}
    return flag(walked, bound, severities=severities).to_dicts()


def in_words(seconds: int) -> str:
    units = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)]
    for (unit, size), (below, smaller) in pairwise(units):
        if seconds >= size:
            rest = seconds % size // smaller
            return f"{seconds // size} {unit}" + (f" {rest} {below}" if rest else "")
    return f"{seconds} s"


@given(st.lists(st.one_of(st.integers(0, 10**7), st.sampled_from([3600, 86_400]))))
def test_durations_read_as_words(seconds: list[int]) -> None:
    frame = pl.DataFrame({"waited": seconds}, schema={"waited": pl.Int64})

    told = frame.select(duration_text(pl.col("waited")))["waited"].to_list()

    assert told == [in_words(one) for one in seconds]


def test_a_point_has_every_column_of_its_table() -> None:
    [point] = points(steps())

    assert list(point) == tables.schema("points").names()
    assert (point["friction"], point["severity"]) == ("reopen", "medium")
    assert point["cost"] is None


def test_a_column_in_several_pieces_is_no_trouble() -> None:
    pair = Friction(
        name="pair",
        over="steps",
        build=lambda: pl.lit(True),
        doc="",
        options={},
        because="from {channel_group_before} to {channel_group}",
    )
    before = [pl.Series("channel_group_before", [group]) for group in ("voice", "chat")]
    walked = pl.concat([steps(channel_group="written")] * 2).rechunk()
    walked = walked.with_columns(
        pl.concat(before, rechunk=False), step=pl.Series([1, 2])
    )

    [point] = flag(walked, {"pair": (pair, pl.col("step") == 2)}).to_dicts()

    assert point["because"] == "from chat to written"


def test_policy_says_how_bad() -> None:
    [point] = points(steps(), reopen="low")

    assert point["severity"] == "low"


def test_another_frictions_policy_changes_nothing() -> None:
    [point] = points(steps(), transfer="high")

    assert point["severity"] == "medium"


@pytest.mark.parametrize("reopened", [False, None])
def test_what_is_not_true_is_no_point(reopened: bool | None) -> None:
    assert points(steps(reopened=reopened)) == []


def test_no_frictions_are_no_points() -> None:
    found = flag(steps(), {})

    assert found.schema == tables.schema("points")
    assert found.is_empty()


@pytest.mark.parametrize(
    "column", ["agent_id", "case_id", "customer_id", "topic_raw", "language", "nowhere"]
)
def test_a_sentence_may_not_show_data(column: str) -> None:
    telling = replace(REOPEN, because=f"because of {{{column}}}")

    with pytest.raises(ConfigError, match=f"reopen: because: {{{column}}} cannot"):
        because(telling)


def test_a_topic_with_braces_is_text_not_a_place() -> None:
    telling = replace(REOPEN, because="again about {topic}")

    found = flag(
        steps(topic="{reopens} and {}"), {"reopen": (telling, REOPEN.bind({}))}
    )

    assert found["because"].to_list() == ["again about {reopens} and {}"]


def test_a_sentence_needs_no_places() -> None:
    telling = replace(REOPEN, because="it was opened again")

    found = flag(steps(), {"reopen": (telling, REOPEN.bind({}))})

    assert found["because"].to_list() == ["it was opened again"]


@given(st.randoms(use_true_random=False))
def test_the_order_of_steps_changes_nothing(dice: Any) -> None:
    rows = [
        steps(contact_id=f"c{place}", journey_id=f"j{place % 3}") for place in range(9)
    ]
    shuffled = dice.sample(rows, len(rows))

    assert points(pl.concat(shuffled)) == points(pl.concat(rows))
