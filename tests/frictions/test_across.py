"""What shows between contacts: on several channels, after a topic, in a shop."""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
import pytest

Flagged = Callable[..., Mapping[str, str]]
Drawn = Callable[[str], pl.DataFrame]


def test_a_spray_asks_elsewhere_while_the_first_message_waits(flagged: Flagged) -> None:
    """
    switch  previous_channel_group  previous_served  since_previous_seconds
    yes     written                 no               1h
    yes     written                 no               61m
    yes     written                 yes              5m
    yes     written                 –                5m
    no      written                 no               5m
    yes     voice                   no               5m
    yes     chat                    no               5m
    yes     social                  no               0s
    """
    assert list(flagged("channel_spray")) == ["c1", "c8"]


def test_a_spray_says_how_soon_and_after_what(flagged: Flagged) -> None:
    """
    switch  previous_channel_group  previous_channel  previous_served  since_previous_seconds
    yes     written                 email             no               10m
    """  # noqa: E501
    assert flagged("channel_spray") == {
        "c1": "also tried voice, 10 min after email",
    }


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, ["c1", "c2", "c3"]),
        ({"topics": "claim, complaint/price"}, ["c2", "c6"]),
        ({"topics": ""}, []),
    ],
)
def test_a_complaint_follows_on_a_contact_of_the_month_before(
    flagged: Flagged, options: dict[str, Any], found: list[str]
) -> None:
    """
    topic             since_last_seconds
    complaint         30d
    complaint/price   1d
    bill/complaint    1d
    complaint         31d
    complaint         –
    claim             1d
    complaints        1d
    –                 1d
    """
    assert list(flagged("complaint_after_contact", **options)) == found


def test_a_visit_on_which_the_story_begins_again_breaks_the_hand_off(
    flagged: Flagged,
) -> None:
    """
    channel_group  previous_channel_group  continuity  gap_seconds  topic
    in_person      voice                   restart     7d           repair
    in_person      voice                   restart     8d           repair
    in_person      voice                   same_case   1d           repair
    in_person      voice                   unknown     1d           repair
    in_person      in_person               restart     1d           repair
    voice          in_person               restart     1d           repair
    in_person      written                 restart     1d           pick_up/parcel
    in_person      written                 restart     1d           –
    """
    assert list(flagged("store_handoff_break")) == ["c1", "c8"]


def test_work_is_done_twice_where_two_people_have_open_cases_of_one_need(
    flagged: Flagged,
) -> None:
    """
    channel_group  previous_channel_group  previous_open  agent_id  previous_agent_id  continuity
    written        written                 yes            a1        a2                 restart
    social         messaging               yes            a1        a2                 unknown
    written        written                 no             a1        a2                 restart
    written        written                 yes            a1        a1                 same_agent
    written        written                 yes            a1        a2                 same_case
    written        written                 yes            a1        a2                 merged
    written        written                 yes            a1        –                  restart
    written        voice                   yes            a1        a2                 restart
    voice          written                 yes            a1        a2                 restart
    """  # noqa: E501
    assert list(flagged("duplicate_work")) == ["c1", "c2"]


def test_the_next_issue_follows_oftener_than_chance(flagged: Flagged) -> None:
    """
    outcome   contacts_after  topic  next_journey_topic  next_journey_after_seconds
    resolved  0               move   bill                7d
    presumed  0               move   bill                1d
    resolved  0               move   bill                8d
    resolved  0               move   move/date           1d
    resolved  1               move   bill                1d
    open      0               move   bill                1d
    resolved  0               bill   card                1d
    resolved  0               card   card                1d
    resolved  0               –      bill                1d
    """
    found = flagged("next_issue", at_least=2, percent=150)

    assert found == {
        "c1": "back about bill after 7 d",
        "c2": "back about bill after 1 d",
    }
    assert not flagged("next_issue", at_least=3, percent=150)
    assert not flagged("next_issue", at_least=2, percent=167)


def handled(channel: str, good: int, bad: int) -> list[dict[str, object]]:
    return [
        {"channel_group": channel, "outcome": outcome, "contacts_after": 0}
        for outcome, many in (("resolved", good), ("unresolved", bad))
        for _ in range(many)
    ]


@pytest.mark.parametrize(
    ("here", "elsewhere", "flags"),
    [
        ((15, 15), (24, 6), 15),
        ((15, 15), (20, 10), 0),
        ((24, 6), (15, 15), 15),
        ((15, 14), (24, 6), 0),
        ((0, 30), (30, 0), 30),
        ((30, 0), (30, 0), 0),
    ],
)
def test_one_channel_settles_less_of_a_topic_than_the_others(
    here: tuple[int, int], elsewhere: tuple[int, int], flags: int
) -> None:
    from scipy.stats.contingency import association

    from cxmap import tables
    from cxmap.baselines import beside, count, needed, settle
    from cxmap.definitions import collect, collect_baselines
    from cxmap.flagging import flag

    rows = [*handled("chat", *here), *handled("voice", *elsewhere)]
    steps = tables.conform(
        pl.DataFrame(rows).with_columns(
            topic=pl.lit("bill"),
            journey_id=pl.lit("j"),
            contact_id=pl.int_range(pl.len()).cast(pl.String),
        ),
        "steps",
    )
    friction = collect("frictions")["inconsistent_handling"]
    needs = needed([friction], collect_baselines())
    told = beside(steps, needs, settle([count({"steps": steps}, needs)], needs))

    found = flag(told, {"inconsistent_handling": (friction, friction.bind({}))})

    assert found.height == flags
    if flags and all(here) and all(elsewhere):
        assert association([here, elsewhere], method="cramer") >= 0.2
