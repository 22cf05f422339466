"""What is said of each journey, against plain Python that reads its contacts."""

import random
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.journeys.stitch import Stitched, stitch
from cxmap.names import CHANNEL_GROUPS
from cxmap.options import LinkRules, RepeatRule
from cxmap.tables import empty, schema

START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2027, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)

Row = dict[str, Any]
seeds = st.integers(0, 2**32)


def drawn_contact(dice: random.Random, number: int) -> Row:
    start = START + DAY * dice.randrange(80) / 4
    touch = start + DAY * dice.choice([0, 0, 0.25, 3])
    channel = dice.choice(["voice", "email", "bot", "chat", "app", "in_person"])
    direction = dice.choice(["inbound"] * 5 + ["outbound"])
    served = dice.choice([None, True, True, False])
    return {
        "contact_id": f"{dice.choice('ab')}:{number}",
        "source": "a",
        "customer_id": dice.choice([None, *"uvwxyz"]),
        "channel": channel,
        "channel_group": CHANNEL_GROUPS[channel],
        "direction": direction,
        "inbound": direction == "inbound",
        "started_at": start,
        "last_touch_at": touch,
        "topic": dice.choice([None, "bill", "bill/refund", "move"]),
        "agent_id": dice.choice([None, "kay", "lou"]),
        "team": dice.choice([None, "t1", "t2"]),
        "served": served,
        "connected": dice.choice([None, True, False]),
        "resolved": dice.choice([None, None, True, False]),
        "resolved_at": touch if dice.random() < 0.5 else None,
        "disposition": dice.choice(["handled", "abandoned", "unanswered", "opted_out"]),
        "transfers": dice.choice([None, 0, 1]),
        "chasers": dice.choice([None, 0, 1]),
        "reopens": dice.choice([None, 0, 0, 1]),
    }


def drawn(seed: int) -> list[Row]:
    dice = random.Random(seed)  # noqa: S311
    return [drawn_contact(dice, number) for number in range(dice.randrange(60))]


def stitched(rows: list[Row], horizon: datetime) -> Stitched:
    return stitch(
        pl.DataFrame(rows, schema=schema("contacts")),
        empty("reference_records"),
        pl.DataFrame(schema={"contact_id": pl.String(), "pseudonym": pl.String()}),
        links=LinkRules(),
        repeat=RepeatRule(),
        horizon_at=horizon,
        now=NOW,
        provable=frozenset({("a", "a")}),
    )


def members(told: Stitched) -> dict[str, list[Row]]:
    """The contacts of each journey in order."""
    placed = told.contacts.drop_nulls("journey_id").sort("journey_id", "step")
    by_journey = groupby(placed.to_dicts(), key=lambda row: str(row["journey_id"]))
    return {journey: list(steps) for journey, steps in by_journey}


def was_served(row: Row) -> bool | None:
    if row["served"] is None and row["resolved"]:
        return True
    return row["served"]  # type: ignore[no-any-return]


def reached(row: Row) -> bool | None:
    return was_served(row) if row["inbound"] else row["connected"]


def gave_up(row: Row) -> str:
    left = row["disposition"] in ("abandoned", "short_abandoned", "opted_out")
    return "abandoned" if left else "unanswered"


def outcome(steps: list[Row]) -> str:
    """How a closed journey ended."""
    inbound = [row for row in steps if row["inbound"]]
    line = sorted(enumerate(steps), key=lambda one: (one[1]["last_touch_at"], one[0]))
    order = [row for _, row in line]
    answered = [row for row in order if reached(row)]
    if not answered:
        return in_vain(inbound[-1])
    final = answered[-1]
    later = [row for row in order[order.index(final) + 1 :] if row["inbound"]]
    refused = [row for row in later if was_served(row) is False]
    if refused:
        return gave_up(refused[-1])
    if final["resolved"] is not None:
        return "resolved" if final["resolved"] else "unresolved"
    if any(was_served(row) is None for row in later):
        return in_vain(inbound[-1])
    machine = final["channel_group"] == "digital_self" and final["agent_id"] is None
    return "contained_unknown" if machine else "presumed"


def in_vain(last: Row) -> str:
    """What silence after a contact that nobody is known to have served says."""
    if last["resolved"] is False:
        return "unresolved"
    if last["channel_group"] == "digital_self":
        return "contained_unknown"
    return gave_up(last) if was_served(last) is False else "unknown"


def ladder(steps: list[Row], ended: str, hops: list[str]) -> str | None:
    if steps[0]["customer_id"] is None:
        return None
    if ended in ("abandoned", "unanswered", "unresolved"):
        return "none"
    troubles = ("reopens", "chasers", "transfers")
    smooth = not any(row[name] for row in steps for name in troubles)
    alone = sum(row["inbound"] for row in steps) == 1
    if alone and smooth and ended in ("resolved", "presumed"):
        return "best"
    if "restart" in hops:
        return "good"
    unproven = "unknown" in hops or ended in ("contained_unknown", "unknown")
    return "unproven" if unproven else "better"


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_outcome_and_rung_follow_from_contacts_and_hops(seed: int) -> None:
    told = stitched(drawn(seed), NOW)
    between = told.links.filter(pl.col("switch").is_not_null())
    hops: dict[str, list[str]] = {}
    for journey, word in between.select("journey_id", "continuity").iter_rows():
        hops.setdefault(journey, []).append(word)
    expected = {}
    for journey, steps in members(told).items():
        ended = outcome(steps)
        rung = ladder(steps, ended, hops.get(journey, []))
        expected[journey] = (ended, rung)

    found = told.journeys.select("journey_id", "outcome", "ladder").rows()

    assert {journey: told for journey, *told in found} == {
        journey: list(told) for journey, told in expected.items()
    }


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_a_journey_is_named_by_its_first_inbound_contact(seed: int) -> None:
    told = stitched(drawn(seed), NOW)
    journeys = {row["journey_id"]: row for row in told.journeys.to_dicts()}

    for journey, steps in members(told).items():
        row = journeys[journey]
        inbound = [step for step in steps if step["inbound"]]
        first = inbound[0]
        topics = [step["topic"] for step in inbound if step["topic"]]
        assert row["contacts"] == len(inbound)
        assert row["topic"] == (topics[0] if topics else None)
        assert row["team"] == first["team"]
        assert row["started_at"] == first["started_at"]
        assert row["ended_at"] == max(step["last_touch_at"] for step in steps)
        assert row["path"] == " > ".join(step["channel"] for step in inbound)
        assert row["channels"] == len({step["channel_group"] for step in inbound})


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(0, 100))
def test_nothing_that_comes_after_the_horizon_joins_a_closed_journey(
    seed: int, quarters: int
) -> None:
    rows = drawn(seed)
    horizon = START + DAY * quarters / 4
    held = [row for row in rows if row["started_at"] <= horizon]
    told, later = stitched(held, horizon), stitched(rows, NOW)
    closed = told.journeys.filter("closed")["journey_id"]

    steps = {
        journey: [row["contact_id"] for row in one]
        for journey, one in members(later).items()
    }
    for journey, one in members(told).items():
        if journey in closed:
            assert steps[journey] == [row["contact_id"] for row in one]


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_a_journey_keeps_its_name_as_long_as_its_first_contact_is_the_first(
    seed: int,
) -> None:
    rows = drawn(seed)
    half = [row for row in rows if row["started_at"] <= START + 10 * DAY]
    before, after = members(stitched(half, NOW)), members(stitched(rows, NOW))
    names = {
        next(row["contact_id"] for row in steps if row["inbound"]): journey
        for journey, steps in after.items()
    }

    for journey, steps in before.items():
        first = next(row["contact_id"] for row in steps if row["inbound"])
        assert names.get(first, journey) == journey
