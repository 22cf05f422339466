"""Durations that run between two times, and numbers that are kept as digests."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxmap.errors import ConfigError
from cxmap.sources.profile import load_profile

SPAN = """
profile: legs
system: legs
title: Legs of calls
key: leg
contact:
  source_contact_id: call
  started_at: {from: began, time: iso8601, tz: UTC}
  talk_seconds: {from: began, until: ended, time: iso8601, tz: UTC}
fold: {started_at: min, talk_seconds: sum}
"""
HIDDEN = """
profile: threads
system: threads
title: Threads
key: id
contact:
  source_contact_id: {concat: [ours, theirs], hide: true}
  started_at: {from: at, time: iso8601, tz: UTC}
identifiers: [{kind: phone, from: theirs}]
"""


def test_a_span_is_the_seconds_between_its_times(map_text: Any) -> None:
    file = map_text(
        "leg,call,began,ended\n"
        "a,1,2025-03-01T09:00:00Z,2025-03-01T09:01:30Z\n"
        "b,2,2025-03-01T10:00:00+01:00,2025-03-01T09:00:10Z\n",
        SPAN,
    )

    assert file.contacts("source_contact_id", "talk_seconds") == [("1", 90), ("2", 10)]
    assert file.rejects() == []


def test_spans_that_follow_one_another_add_up_to_the_whole(map_text: Any) -> None:
    file = map_text(
        "leg,call,began,ended\n"
        "a,1,2025-03-01T09:00:00.900Z,2025-03-01T09:00:01.800Z\n"
        "b,1,2025-03-01T09:00:01.800Z,2025-03-01T09:00:02.700Z\n"
        "c,1,2025-03-01T09:00:02.700Z,2025-03-01T09:00:03.600Z\n",
        SPAN,
    )

    assert file.contacts("talk_seconds") == [(3,)]


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 86_399_999), min_size=2, max_size=8, unique=True))
def test_no_cut_of_a_call_changes_its_length(map_text: Any, cuts: list[int]) -> None:
    def written(milliseconds: int) -> str:
        seconds, rest = divmod(milliseconds, 1000)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        return f"2025-03-01T{clock}.{rest:03}Z"

    times = sorted(cuts)
    legs = [
        f"{number},1,{written(began)},{written(ended)}\n"
        for number, (began, ended) in enumerate(pairwise(times))
    ]
    [(length,)] = map_text("leg,call,began,ended\n" + "".join(legs), SPAN).contacts(
        "talk_seconds"
    )

    assert length == times[-1] // 1000 - times[0] // 1000


def test_a_span_without_an_end_is_unknown_and_no_fault(map_text: Any) -> None:
    file = map_text("leg,call,began,ended\na,1,2025-03-01T09:00:00Z,\n", SPAN)

    assert file.contacts("talk_seconds") == [(None,)]
    assert file.rejects() == []


def test_a_span_that_runs_backwards_is_a_reject_of_its_end(map_text: Any) -> None:
    file = map_text(
        "leg,call,began,ended\na,1,2025-03-01T09:00:00Z,2025-03-01T08:59:59Z\n", SPAN
    )

    assert file.contacts("talk_seconds") == [(None,)]
    assert file.rejects() == [(2, "ended", "negative_duration", False)]


def test_an_end_that_is_no_time_is_a_reject_of_its_own(map_text: Any) -> None:
    file = map_text("leg,call,began,ended\na,1,2025-03-01T09:00:00Z,later\n", SPAN)

    assert file.contacts("talk_seconds") == [(None,)]
    assert file.rejects() == [(2, "ended", "bad_time", False)]


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        (SPAN.replace("until: ended, time: iso8601", "until: ended"), "both times"),
        (SPAN.replace("talk_seconds: {from", "reopens: {from"), "only a duration"),
        (SPAN.replace("until: ended, ", ""), "no default unit"),
    ],
)
def test_a_span_that_cannot_be_meant_is_refused(
    tmp_path: Path, spoilt: str, told: str
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(spoilt.replace("fold:", "limits: []\nfold:"), encoding="utf-8")
    with pytest.raises(ConfigError, match=told):
        load_profile(path)


def test_a_hidden_number_is_nowhere_in_the_clear(map_text: Any) -> None:
    file = map_text(
        "id,ours,theirs,at\n"
        "1,+14155550100,+12025550143,2025-03-01T09:00:00Z\n"
        "2,+14155550100,+12025550143,2025-03-01T10:00:00Z\n"
        "3,+14155550100,+12025550144,2025-03-01T10:00:00Z\n",
        HIDDEN,
    )
    [one], [other] = file.contacts("source_contact_id")

    assert one != other
    for table in file.extracted.tables.values():
        assert "2025550143" not in str(table.rows())


def test_a_hidden_number_that_is_missing_is_missing(map_text: Any) -> None:
    file = map_text("id,ours,theirs,at\n1,,,2025-03-01T09:00:00Z\n", HIDDEN)

    assert [reject[1:] for reject in file.rejects()] == [("ours", "missing_key", True)]
    assert file.contacts("source_contact_id") == []
