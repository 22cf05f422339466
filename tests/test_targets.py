"""Targets of segments: which one counts where, and how they are written."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap import scoring, tables
from cxmap.config import show
from cxmap.config.reading import Config, read_config
from cxmap.definitions import collect
from cxmap.errors import ConfigError
from cxmap.options import SegmentTarget, target_of

MARCH = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
VALUES = ("a", "a/b", "c")
PARTS = st.dictionaries(
    st.sampled_from(["channel", "topic"]), st.sampled_from(VALUES), min_size=1
)


def config(text: str) -> Config:
    return read_config(dedent(text), Path("cxmap.yaml"))


def complaint(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        config(text)
    return str(caught.value)


def aims(*said: tuple[Mapping[str, str], float]) -> tuple[SegmentTarget, ...]:
    return tuple(SegmentTarget(where, target) for where, target in said)


VOICE = ({"channel": "voice"}, 0.08)
BILLING = ({"topic": "billing"}, 0.03)
REFUNDS = ({"topic": "billing/refund"}, 0.02)
BOTH = ({"channel": "voice", "topic": "billing"}, 0.1)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ({}, 0.05),
        ({"channel": "voice"}, 0.08),
        ({"channel": "chat"}, 0.05),
        ({"channel": None}, 0.05),
        ({"team": "voice"}, 0.05),
        ({"topic": "billing"}, 0.03),
        ({"topic": "billing/late"}, 0.03),
        ({"topic": "billing/refund"}, 0.02),
        ({"topic": "billings"}, 0.05),
        ({"channel": "voice", "topic": "billing"}, 0.1),
        ({"channel": "voice", "topic": "billing/refund"}, 0.1),
        ({"channel": "voice", "topic": None}, 0.08),
        ({"channel": "chat", "topic": "billing/refund"}, 0.02),
    ],
)
def test_the_narrowest_target_that_holds_counts(
    cell: dict[str, str | None], expected: float
) -> None:
    assert target_of(cell, aims(VOICE, BILLING, REFUNDS, BOTH), 0.05) == expected


def test_of_two_that_are_equally_narrow_the_first_counts() -> None:
    cell = {"channel": "voice", "topic": "billing"}

    assert target_of(cell, aims(VOICE, BILLING), None) == 0.08
    assert target_of(cell, aims(BILLING, VOICE), None) == 0.03


def test_where_none_holds_and_the_whole_has_none_there_is_none() -> None:
    assert target_of({"channel": "chat"}, aims(VOICE), None) is None
    assert target_of({}, aims(VOICE), None) is None


@given(
    st.dictionaries(st.sampled_from(["channel", "topic"]), st.sampled_from(VALUES)),
    st.lists(st.tuples(PARTS, st.integers(0, 9)), max_size=5),
)
def test_targets_are_those_of_a_walk_in_plain_python(
    cell: dict[str, str], said: list[tuple[dict[str, str], int]]
) -> None:
    best, narrowest = -1, (0, -1)
    for where, target in said:
        fits = True
        for name, value in where.items():
            held = cell.get(name, "")
            below = name == "topic" and held.split("/")[0] == value
            fits = fits and (held == value or below)
        width = (len(where), len(where.get("topic", "x").split("/")))
        if fits and width > narrowest:
            best, narrowest = target, width

    assert target_of(cell, aims(*said), -1) == best


def test_segments_are_judged_by_their_own_targets() -> None:
    channels = ["voice"] * 100 + ["chat"] * 100 + ["email"] * 100
    rows = {
        "contact_id": [f"c{place}" for place in range(300)],
        "customer_id": [f"p{place}" for place in range(300)],
        "started_at": [MARCH[0]] * 300,
        "inbound": [True] * 300,
        "channel": channels,
        "transfers": [int(place % 5 == 0) for place in range(300)],
        "served": [True] * 300,
        "disposition": ["handled"] * 300,
    }
    kpi = collect("kpis")["transfer_rate"]
    bound = {"transfer_rate": (kpi, kpi.bind({}))}
    held = {"contacts": tables.conform(pl.DataFrame(rows), "contacts")}
    parts = scoring.partials(held, bound, periods={"current": MARCH}, by=("channel",))

    def statuses(targets: Mapping[str, float]) -> dict[str, tuple[float | None, str]]:
        found = scoring.scores(
            parts,
            bound,
            targets=targets,
            missing={},
            segment_targets={"transfer_rate": aims(VOICE, ({"channel": "chat"}, 0.4))},
        )
        return {
            one.by.get("channel") or "whole": (one.target, one.status) for one in found
        }

    assert statuses({"transfer_rate": 0.19}) == {
        "whole": (0.19, "close"),
        "voice": (0.08, "off"),
        "chat": (0.4, "on"),
        "email": (0.19, "close"),
    }
    assert statuses({})["whole"] == statuses({})["email"] == (None, "–")


WRITTEN = """\
    kpis:
      abandonment_rate:
        target: 0.05
        targets:
          - {channel: voice, target: 0.08}
          - {channel: chat, topic: billing, target: 0.1}
      first_response_time: {targets: [{team: 12, target: 4h}]}
      nps: {targets: [{month: 2026-05, target: -5}]}
"""


def test_targets_of_segments_are_read_and_are_no_options() -> None:
    read = config(WRITTEN)

    assert read.segment_targets == {
        "abandonment_rate": aims(VOICE, ({"channel": "chat", "topic": "billing"}, 0.1)),
        "first_response_time": aims(({"team": "12"}, 14400.0)),
        "nps": aims(({"month": "2026-05"}, -5.0)),
    }
    assert read.targets == {"abandonment_rate": 0.05}
    assert read.kpis.options == {}


def test_what_is_in_force_reads_back_with_its_targets() -> None:
    read = config(WRITTEN)
    again = read_config(show(read), None)

    assert again.segment_targets == read.segment_targets
    assert again.targets == read.targets


def test_targets_touch_no_derived_table() -> None:
    assert config(WRITTEN).hash == config("kpis: {}").hash


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("{channel: voise, target: 0.8}", "did you mean `voice`?"),
        ("{chanel: voice, target: 0.8}", "did you mean `channel`?"),
        ("{channel_group: phone, target: 0.8}", "`phone` is not allowed here"),
        ("{region: north, target: 0.8}", "unknown key `region`"),
        ("{channel: voice, target: 8}", "a share lies between 0 and 1"),
        ("{channel: voice, target: 4h}", "not a number"),
        ("{channel: voice}", "missing key `target`"),
        ("{target: 0.8}", "name a segment, such as channel: voice"),
        ("{topic: a//b, target: 0.8}", "words parted by slashes"),
        ("{month: 2026-13, target: 0.8}", "write a month such as 2026-05"),
        ("0.8", "not a map of keys"),
    ],
)
def test_a_target_that_cannot_be_followed_is_shown_where_it_stands(
    target: str, said: str
) -> None:
    told = complaint(f"kpis:\n  csat:\n    targets:\n      - {target}\n")

    assert said in told
    assert "cxmap.yaml:4:" in told or "cxmap.yaml:2:" in told
    assert "^" in told


def test_one_segment_has_one_target_in_whatever_order_it_is_written() -> None:
    told = complaint(
        """\
        kpis:
          csat:
            targets:
              - {channel: chat, topic: a, target: 0.8}
              - {topic: a, channel: chat, target: 0.9}
        """
    )

    assert "a segment that already has a target" in told
    assert "cxmap.yaml:5:" in told


def test_a_target_of_a_source_that_is_not_there_is_a_mistake() -> None:
    told = complaint(
        """\
        sources: {desk: {files: a.csv}}
        kpis: {csat: {targets: [{source: dsk, target: 0.8}]}}
        """
    )

    assert "unknown source `dsk`" in told
    assert "desk" in told


@pytest.mark.parametrize("target", ["250s", "4"])
def test_a_duration_has_its_unit(target: str) -> None:
    text = f"kpis: {{speed_of_answer: {{targets: [{{team: a, target: {target}}}]}}}}"

    if target == "4":
        assert "write a duration with its unit" in complaint(text)
    else:
        assert config(text).segment_targets["speed_of_answer"][0].target == 250
