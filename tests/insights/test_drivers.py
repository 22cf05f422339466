"""Which cells are told: those that carry a change, seldom chance, never the few."""

import json
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap.insights.crossing import Side, celled, crossings, merge_crossings, side
from cxmap.insights.drivers import Looked, cuts_of, look, told
from cxmap.measures import share

Row = tuple[str, str, str, bool]
"""Whose it is, its channel and topic, and whether it went well."""

TOPIC_CHANNEL = ("channel", "topic")
LEAST = {"k": 0.01}


def counted(rows: Sequence[Row], cut: tuple[str, ...]) -> Side:
    schema = ["customer_id", "channel", "topic", "good"]
    found = crossings(
        celled(pl.DataFrame(rows, schema=schema, orient="row"), [cut]),
        share(pl.col("good")),
        kpi="k",
        period="p",
        pairs=False,
    )
    return side(merge_crossings([found]))


def looked(
    before: Sequence[Row], after: Sequence[Row], *, min_cell: int = 10
) -> Iterator[Looked]:
    for cut in cuts_of(("channel", "topic")):
        sides = counted(before, cut), counted(after, cut)
        yield from look("k", *sides, min_cell=min_cell)


def month(
    draw: np.random.Generator,
    bad: Mapping[tuple[str, str], float] | None = None,
    *,
    people: int = 1500,
    usual: float = 0.8,
    weights: Sequence[float] = (0.5, 0.3, 0.2),
) -> list[Row]:
    """A month of contacts; in the cells that are `bad` fewer go well."""
    channels = draw.choice(["voice", "chat", "bot"], size=people, p=weights)
    topics = draw.choice(["billing", "delivery", "repair"], size=people)
    luck = draw.random(people)
    return [
        (f"p{i}", c, t, bool(u < (bad or {}).get((c, t), usual)))
        for i, (c, t, u) in enumerate(zip(channels, topics, luck, strict=True))
    ]


def names(found: Sequence[Looked]) -> list[tuple[str | None, ...]]:
    return [tuple(one.by.values()) for one in found]


def test_the_cell_that_carries_a_fall_is_told_and_no_wider_one() -> None:
    draw = np.random.default_rng(1)
    after = month(draw, {("bot", "billing"): 0.2})
    (found,) = told(list(looked(month(draw), after)), LEAST)

    assert found.by == {"channel": "bot", "topic": "billing"}
    assert found.contribution.value < 0
    assert found.share > 0.6
    assert abs(found.rate) > 10 * abs(found.mix)


def test_a_fall_in_a_whole_channel_is_told_of_the_channel() -> None:
    draw = np.random.default_rng(2)
    bad = {("bot", topic): 0.4 for topic in ("billing", "delivery", "repair")}

    assert names(told(list(looked(month(draw), month(draw, bad))), LEAST)) == [("bot",)]


def test_a_topic_that_comes_on_one_channel_alone_is_told_by_one_name() -> None:
    draw = np.random.default_rng(9)

    def moved(rows: list[Row]) -> list[Row]:
        return [(w, "bot" if t == "repair" else "voice", t, g) for w, _, t, g in rows]

    bad = {("bot", "repair"): 0.3, ("voice", "repair"): 0.3, ("chat", "repair"): 0.3}
    (found,) = told(list(looked(moved(month(draw)), moved(month(draw, bad)))), LEAST)

    assert len(found.by) == 1


def test_a_bad_channel_that_grows_is_told_for_its_mix() -> None:
    draw = np.random.default_rng(3)
    bad = {("bot", topic): 0.3 for topic in ("billing", "delivery", "repair")}
    before = month(draw, bad, weights=(0.6, 0.3, 0.1))
    after = month(draw, bad, weights=(0.3, 0.3, 0.4))
    (found, *_) = told(list(looked(before, after)), LEAST)

    assert found.by == {"channel": "bot"}
    assert abs(found.mix) > 5 * abs(found.rate)


def test_what_falls_everywhere_alike_is_carried_by_nobody() -> None:
    """The largest channel falls most in points, but not beyond its size."""
    for seed in range(20):
        draw = np.random.default_rng(seed)
        assert told(list(looked(month(draw), month(draw, usual=0.6))), LEAST) == []


def test_chance_alone_tells_of_hardly_anything() -> None:
    draw = np.random.default_rng(4)
    found = [
        bool(
            told(list(looked(month(draw, people=300), month(draw, people=300))), LEAST)
        )
        for _ in range(60)
    ]

    assert sum(found) <= 3


def test_a_cell_of_few_customers_is_never_told() -> None:
    """Nine of ten who went well before are gone, and all of nine go badly."""
    draw = np.random.default_rng(5)
    before = [*month(draw), *((f"x{i}", "fax", "billing", True) for i in range(9))]
    after = [*month(draw), *((f"x{i}", "fax", "billing", False) for i in range(400))]
    every = list(looked(before, after))

    assert all("fax" not in one for one in names(told(every, LEAST)))
    few = list(looked(before, after, min_cell=9))
    assert any("fax" in one for one in names(told(few, LEAST)))


def test_what_does_not_matter_is_not_told() -> None:
    draw = np.random.default_rng(1)
    every = list(looked(month(draw), month(draw, {("bot", "billing"): 0.2})))

    assert told(every, {"k": 0.2}) == []


def test_what_moves_against_the_change_is_not_told() -> None:
    draw = np.random.default_rng(6)
    bad = {("voice", t): 0.5 for t in ("billing", "delivery", "repair")}
    good = {("bot", t): 1.0 for t in ("billing", "delivery", "repair")}
    found = told(list(looked(month(draw), month(draw, {**bad, **good}))), LEAST)

    assert names(found) == [("voice",)]
    assert found[0].share > 1


@given(
    rows=st.lists(
        st.lists(
            st.tuples(
                st.sampled_from("pqrst"),
                st.sampled_from("vc"),
                st.sampled_from("bd"),
                st.booleans(),
            ),
            min_size=1,
            max_size=25,
        ),
        min_size=2,
        max_size=2,
    )
)
def test_the_cells_of_a_cut_carry_the_whole_change(rows: list[list[Row]]) -> None:
    before, after = rows
    change = sum(r[3] for r in after) / len(after) - sum(r[3] for r in before) / len(
        before
    )
    for cut in cuts_of(TOPIC_CHANNEL):
        found = list(look("k", counted(before, cut), counted(after, cut), min_cell=1))
        assert sum(one.contribution.value for one in found) == pytest.approx(
            change, abs=1e-12
        )
        if change:
            assert sum(one.share for one in found) == pytest.approx(1)


def test_the_interval_of_a_cell_is_as_wide_as_a_bootstrap_over_customers() -> None:
    draw = np.random.default_rng(8)
    rows = [
        [(f"p{d % 300}", *r[1:]) for d, r in enumerate(month(draw, bad, people=900))]
        for bad in ({}, {("bot", "billing"): 0.3})
    ]
    found = {
        one.cell: one
        for one in look("k", *(counted(r, ("channel",)) for r in rows), min_cell=1)
    }
    cubes = [cube(r) for r in rows]
    drawn = [
        carried(*(c[draw.integers(0, 300, 300)].sum(axis=0) for c in cubes))
        for _ in range(800)
    ]
    for place, channel in enumerate(CHANNELS):
        effect = found[
            json.dumps({"channel": channel}, separators=(",", ":"))
        ].contribution
        assert effect.low is not None
        assert effect.high is not None
        spread = (effect.high - effect.low) / (2 * 1.959964)
        assert spread == pytest.approx(np.std([d[place] for d in drawn]), rel=0.1)


def test_the_interval_of_a_cell_is_that_of_leaving_out_a_little_of_each_customer() -> (
    None
):
    """The delta method by numbers; weights, rates and sizes differ much."""
    draw = np.random.default_rng(10)
    much = month(draw, {("bot", "billing"): 0.3}, people=240, weights=(0.1, 0.2, 0.7))
    rows = [
        [(f"p{d % 80}", *r[1:]) for d, r in enumerate(one)]
        for one in (month(draw, people=300), much)
    ]
    sides = [counted(r, ("channel",)) for r in rows]
    found = {o.cell: o for o in look("k", sides[0], sides[1], min_cell=1)}
    whole = [cube(r).sum(axis=0) for r in rows]
    hair, spread = 1e-6, np.zeros(3)
    for place, one in enumerate(rows):
        for own in cube(one):
            ends = []
            for sign in (-hair, hair):
                given = list(whole)
                given[place] = whole[place] + sign * own
                ends.append(carried(*given))
            spread += ((ends[1] - ends[0]) / (2 * hair)) ** 2
    for place, channel in enumerate(CHANNELS):
        effect = found[
            json.dumps({"channel": channel}, separators=(",", ":"))
        ].contribution
        assert effect.low is not None
        assert effect.high is not None
        told_spread = (effect.high - effect.low) / (2 * 1.959964)
        assert told_spread == pytest.approx(np.sqrt(spread[place]), rel=1e-5)


CHANNELS = ("bot", "chat", "voice")


def cube(rows: Sequence[Row]) -> np.ndarray:
    """Good ones and all by customer and channel."""
    found = np.zeros((300, 3, 2))
    for who, channel, _, good in rows:
        found[int(who[1:]), CHANNELS.index(channel)] += (good, 1)
    return found


def carried(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """By the book: mix told against the mean of both sides, and rate."""
    (w0, r0), (w1, r1) = (
        (s[:, 1] / s[:, 1].sum(), s[:, 0] / s[:, 1]) for s in (before, after)
    )
    middle = ((w0 * r0).sum() + (w1 * r1).sum()) / 2
    return np.asarray((w1 - w0) * ((r0 + r1) / 2 - middle) + (r1 - r0) * (w0 + w1) / 2)
