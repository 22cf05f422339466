"""What is passed on gives no small segment away, not by subtraction either."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap.discretion import companion
from cxmap.scorecard import FrictionLine, Score, Scorecard
from cxmap.views.discreet import scores_with_companions, with_companions
from cxmap.views.render import render

LEAST = 10

CUSTOMERS = st.lists(st.integers(0, 30), min_size=1, max_size=8)


def lines(customers: Sequence[int]) -> list[FrictionLine]:
    """Return one friction's segments of so many customers, the small ones marked."""
    return [
        FrictionLine(
            friction="restart",
            points=many,
            journeys=many,
            share=None,
            contacts_after=0,
            severity="low",
            by={"channel": f"c{place}"},
            customers=many,
            suppressed=0 < many < LEAST,
        )
        for place, many in enumerate(customers)
    ]


@given(CUSTOMERS)
def test_no_segment_is_hidden_alone_where_others_count(customers: list[int]) -> None:
    told = with_companions(lines(customers))
    hidden = [one for one in told if one.suppressed]
    counting = [one for one in told if one.customers]
    assert len(hidden) != 1 or len(counting) == 1


@given(CUSTOMERS)
def test_what_was_marked_stays_so_and_at_most_the_smallest_other_is_added(
    customers: list[int],
) -> None:
    before = lines(customers)
    told = with_companions(before)
    added = [
        now.customers
        for was, now in zip(before, told, strict=True)
        if now.suppressed and not was.suppressed
    ]
    small = sum(one.suppressed for one in before)
    large = [many for many in customers if many >= LEAST]
    assert added == ([min(large)] if small == 1 and large else [])
    pairs = zip(before, told, strict=True)
    assert all(now.suppressed or not was.suppressed for was, now in pairs)
    assert [replace(one, suppressed=False) for one in told] == [
        replace(one, suppressed=False) for one in before
    ]


def test_of_segments_alike_in_size_the_first_by_name_goes() -> None:
    assert companion({"b": 12, "a": 12, "c": 3}, {"c"}) == {"a"}
    assert companion({"b": 12, "c": 3, "d": 4}, {"c", "d"}) == set()
    assert companion({"b": 12}, set()) == set()
    assert companion({"c": 3}, {"c"}) == set()


@pytest.fixture
def cut(scorecard: Scorecard) -> Scorecard:
    """One KPI by three channels, of which chat is small."""
    like = next(one for one in scorecard.scores if one.by)

    def of(channel: str, many: int) -> Score:
        return replace(
            like,
            by={"channel": channel},
            value=0.5,
            n=many,
            numerator=many // 2,
            customers=many,
            suppressed=many < LEAST,
        )

    segments = (of("voice", 40), of("chat", 4), of("email", 25))
    whole = tuple(one for one in scorecard.scores if not one.by)

    return replace(scorecard, scores=(*whole, *segments))


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "md"])
def test_a_scorecard_passed_on_hides_the_next_smallest_segment_too(
    cut: Scorecard, form: str
) -> None:
    shared = render(cut, form, share=True)
    assert "25" in render(cut, "json")
    if form == "json":
        told = {
            one["by"]["channel"]: one["n"]
            for one in json.loads(shared)["scores"]
            if one["by"]
        }
        assert told == {"voice": 40, "chat": 0, "email": 0}
    else:
        assert "12 of 25" not in shared
        assert ",25," not in shared
        assert '"n": 25' not in shared


def test_whole_numbers_and_other_kpis_are_left_as_they_are(cut: Scorecard) -> None:
    told = scores_with_companions(cut.scores)
    changed = [
        (now.kpi, now.by)
        for was, now in zip(cut.scores, told, strict=True)
        if was != now
    ]
    assert changed == [("first_contact_resolution", {"channel": "email"})]
