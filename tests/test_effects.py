"""The CSAT effect: flagged journeys beside comparable unflagged ones."""

import math
import random
from collections import defaultdict
from statistics import NormalDist
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.definitions import collect
from cxmap.effects import (
    KINDS,
    Effect,
    answer_partials,
    effects,
    last_answers,
    merge_answers,
)
from cxmap.flagging import Implied, implied
from cxmap.tables import conform, empty

Row = dict[str, Any]
ALONE = Implied(returns=False, several=False, answers=False)
SEVERAL = Implied(returns=True, several=True, answers=False)
FRICTIONS = collect("frictions")


def answered(rows: list[Row]) -> pl.DataFrame:
    usual = {
        "cell": "{}",
        "entry": "voice",
        "topic": None,
        "segment": None,
        "contacts": 1,
    }
    every = [
        {
            **usual,
            "journey": f"j{place}",
            "customer_id": row.get("who", f"p{place}"),
            **row,
            "who": row.get("who") or f"j{place}",
        }
        for place, row in enumerate(rows)
    ]
    schema = {
        "journey": pl.String,
        "customer_id": pl.String,
        "who": pl.String,
        "cell": pl.String,
        "entry": pl.String,
        "topic": pl.String,
        "segment": pl.String,
        "contacts": pl.Int64,
        "satisfied": pl.Boolean,
    }
    return pl.DataFrame(every, schema=schema)


def partials(
    rows: list[Row], name: str = "long_wait", says: Implied = ALONE
) -> pl.DataFrame:
    met = [f"j{place}" for place, row in enumerate(rows) if row["met"]]
    points = pl.DataFrame({"journey": met}, schema={"journey": pl.String}).with_columns(
        friction=pl.lit(name)
    )
    known = {name: (FRICTIONS[name], says)}
    return answer_partials(answered(rows), points, known, period="current")


def effect(rows: list[Row], name: str = "long_wait", says: Implied = ALONE) -> Effect:
    found = effects(partials(rows, name, says), period="current")
    return found.get((name, "{}"), Effect())


def several(n: int, satisfied: int, *, met: bool, **kind: Any) -> list[Row]:
    return [{"met": met, "satisfied": at < satisfied, **kind} for at in range(n)]


def test_journeys_are_compared_within_their_kind_by_weight_of_the_flagged() -> None:
    rows = [
        *several(30, 9, met=True, entry="voice"),
        *several(10, 8, met=True, entry="chat"),
        *several(100, 60, met=False, entry="voice"),
        *several(20, 18, met=False, entry="chat"),
    ]

    found = effect(rows)

    assert found.flagged == pytest.approx(17 / 40)
    assert found.unflagged == pytest.approx(0.75 * 0.6 + 0.25 * 0.9)
    assert found.effect == pytest.approx(17 / 40 - 0.675)
    assert (found.n_flagged, found.n_unflagged, found.kinds) == (40, 120, 2)
    assert found.low is not None
    assert found.high is not None
    assert found.low < found.effect < found.high < 0


def test_a_kind_that_nobody_unflagged_answered_drops_out_and_is_counted() -> None:
    rows = [
        *several(12, 6, met=True),
        *several(5, 0, met=True, entry="chat"),
        *several(2, 0, met=True, topic="billing"),
        *several(15, 15, met=False),
        *several(40, 0, met=False, segment="gold"),
    ]

    found = effect(rows)

    assert found.effect == -0.5
    assert (found.n_flagged, found.n_unflagged) == (12, 15)
    assert (found.kinds, found.kinds_dropped, found.n_dropped) == (1, 2, 7)


@pytest.mark.parametrize(("n", "m"), [(9, 50), (50, 9), (0, 50), (50, 0)])
def test_below_ten_answers_on_a_side_there_is_no_effect(n: int, m: int) -> None:
    found = effect([*several(n, 0, met=True), *several(m, m, met=False)])

    assert (found.effect, found.low, found.high) == (None, None, None)


def test_ten_answers_on_a_side_are_enough() -> None:
    found = effect([*several(10, 0, met=True), *several(10, 10, met=False)])

    assert found.effect == -1
    assert found.low is not None
    assert found.low >= -1


def test_an_unknown_topic_is_a_kind_of_its_own() -> None:
    rows = [
        *several(10, 0, met=True, topic=None),
        *several(10, 5, met=False, topic=None),
        *several(10, 10, met=False, topic="billing"),
    ]

    assert effect(rows).effect == -0.5


def test_contacts_matter_only_where_the_flag_tells_of_others() -> None:
    rows = [
        *several(10, 0, met=True, contacts=2),
        *several(10, 5, met=False, contacts=2),
        *several(30, 30, met=False, contacts=1),
    ]

    assert effect(rows, "long_wait", ALONE).unflagged == 35 / 40
    assert effect(rows, "repeat_contact", SEVERAL).unflagged == 0.5


def test_four_contacts_and_more_are_one_kind() -> None:
    rows = [
        *several(10, 0, met=True, contacts=9),
        *several(10, 5, met=False, contacts=4),
        *several(10, 10, met=False, contacts=3),
    ]

    assert effect(rows, "repeat_contact", SEVERAL).unflagged == 0.5


def test_what_needs_a_known_customer_is_compared_among_known_ones() -> None:
    rows = [
        *several(10, 0, met=True, contacts=2),
        *several(10, 5, met=False, contacts=2),
        *several(90, 90, met=False, contacts=2, customer_id=None),
    ]

    assert effect(rows, "repeat_contact", SEVERAL).unflagged == 0.5
    assert effect(rows, "long_wait", ALONE).unflagged == 0.95


def test_what_is_read_off_answers_is_asked_for_no_effect_on_them() -> None:
    says = Implied(returns=False, several=False, answers=True)
    rows = [*several(20, 0, met=True), *several(20, 20, met=False)]

    assert effect(rows, "low_score", says) == Effect()


def test_many_answers_of_one_customer_are_as_sure_as_one() -> None:
    apart = effect([*several(40, 20, met=True), *several(40, 30, met=False)])
    one = [*several(40, 20, met=True, who="ana"), *several(40, 30, met=False)]

    together = effect(one)

    assert together.effect == apart.effect
    assert together.high is not None
    assert apart.high is not None
    assert together.high > apart.high


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("abandon", ALONE),
        ("transfer", ALONE),
        ("excessive_hold", ALONE),
        ("unanswered", ALONE),
        ("repeat_contact", SEVERAL),
        ("restart", SEVERAL),
        ("channel_switch", SEVERAL),
        ("channel_ping_pong", SEVERAL),
        ("self_service_escape", SEVERAL),
        ("abandon_and_return", Implied(returns=False, several=True, answers=False)),
        ("bot_dead_end", Implied(returns=False, several=True, answers=True)),
        ("low_score", Implied(returns=False, several=False, answers=True)),
    ],
)
def test_a_condition_shows_what_it_implies(name: str, expected: Implied) -> None:
    assert implied(FRICTIONS[name].bind({})) == expected


def test_a_journey_is_as_satisfied_as_its_last_answer_says() -> None:
    scale = {"scale_min": 1.0, "scale_max": 5.0, "survey_type": "csat"}
    rows = [
        {"journey_id": "j1", "score": 4.0, "last_answer": True, **scale},
        {"journey_id": "j1", "score": 1.0, "last_answer": False, **scale},
        {"journey_id": "j2", "score": 3.0, "last_answer": True, **scale},
        {"journey_id": "j3", "score": None, "last_answer": True, **scale},
        {"journey_id": "j4", "score": 5.0, "last_answer": True, "survey_type": "csat"},
        {"journey_id": "j5", "score": 5.0, "last_answer": True}
        | {**scale, "survey_type": "ces"},
        {"journey_id": None, "score": 5.0, "last_answer": True, **scale},
    ]
    surveys = conform(pl.DataFrame(rows, infer_schema_length=None), "surveys")

    told = dict(last_answers(surveys).sort("journey_id").iter_rows())

    assert told == {"j1": True, "j2": False}


Z = NormalDist().inv_cdf(0.975)


def wilson(p: float, n: float) -> tuple[float, float]:
    """The two roots of (p̂ − p)² = z²·p(1 − p)/n."""
    a, b, c = 1 + Z * Z / n, -(2 * p + Z * Z / n), p * p
    root = math.sqrt(max(0.0, b * b - 4 * a * c))
    return max(0.0, (-b - root) / (2 * a)), min(1.0, (-b + root) / (2 * a))


def plain(rows: list[Row]) -> tuple[float, float, float] | None:
    """The same estimate and interval, answer by answer."""
    kinds: dict[Any, dict[bool, list[Row]]] = defaultdict(lambda: {True: [], False: []})
    for place, row in enumerate(rows):
        kind = (row["entry"], row["topic"])
        kinds[kind][row["met"]].append({**row, "who": row["who"] or f"j{place}"})
    used = [sides for sides in kinds.values() if sides[True] and sides[False]]
    flagged = [row for sides in used for row in sides[True]]
    if len(flagged) < 10 or sum(len(sides[False]) for sides in used) < 10:
        return None

    share = sum(row["satisfied"] for row in flagged) / len(flagged)
    others, spread, people = 0.0, 0.0, 0
    for sides in used:
        weight = len(sides[True]) / len(flagged)
        here = sides[False]
        others += weight * sum(row["satisfied"] for row in here) / len(here)
        spread += weight**2 / len({row["who"] for row in here})
        people += len({row["who"] for row in sides[True]})
    low, high = wilson(share, people)
    low_other, high_other = wilson(others, 1 / spread)
    down = math.sqrt((share - low) ** 2 + (high_other - others) ** 2)
    up = math.sqrt((high - share) ** 2 + (others - low_other) ** 2)

    return share - others, share - others - down, share - others + up


rows_drawn = st.lists(
    st.fixed_dictionaries(
        {
            "met": st.booleans(),
            "satisfied": st.booleans(),
            "entry": st.sampled_from(["voice", "chat", None]),
            "topic": st.sampled_from(["a", None]),
            "who": st.sampled_from([None, None, None, "ana", "bob"]),
        }
    ),
    min_size=15,
    max_size=90,
)


@given(rows_drawn)
def test_the_effect_is_what_plain_python_finds(rows: list[Row]) -> None:
    found = effect(rows)
    expected = plain(rows)

    if expected is None:
        assert found.effect is None
    else:
        assert (found.effect, found.low, found.high) == pytest.approx(expected)


@settings(max_examples=20)
@given(rows_drawn, st.integers(0, 2))
def test_answers_of_buckets_of_customers_add_up(rows: list[Row], of: int) -> None:
    names = {None: 0, "ana": 1, "bob": 2}
    parts = [
        _of(rows, lambda row, inside=inside: (names[row["who"]] == of) == inside)
        for inside in (True, False)
    ]

    assert merge_answers(parts).equals(partials(rows))


def _of(rows: list[Row], wanted: Any) -> pl.DataFrame:
    met = [f"j{place}" for place, row in enumerate(rows) if row["met"]]
    points = pl.DataFrame({"journey": met}, schema={"journey": pl.String}).with_columns(
        friction=pl.lit("long_wait")
    )
    places = [f"j{place}" for place, row in enumerate(rows) if wanted(row)]
    here = answered(rows).filter(pl.col("journey").is_in(places))
    known = {"long_wait": (FRICTIONS["long_wait"], ALONE)}
    return answer_partials(here, points, known, period="current")


def test_the_true_effect_lies_in_the_interval_as_often_as_it_says() -> None:
    """Kinds differ in satisfaction and in how often they are flagged, so that the
    naive difference misses: the stratified one must not."""
    dice = random.Random(7)  # noqa: S311
    base = {"a": 0.9, "b": 0.6, "c": 0.75}
    flagged_often = {"a": 0.1, "b": 0.5, "c": 0.25}
    true, worlds, inside, naive = -0.15, 400, 0, 0
    for _ in range(worlds):
        counts: dict[tuple[str, bool], list[int]] = defaultdict(lambda: [0, 0])
        for _ in range(240):
            kind = dice.choice("abc")
            met = dice.random() < flagged_often[kind]
            good = dice.random() < base[kind] + true * met
            counts[kind, met][0] += 1
            counts[kind, met][1] += good
        cells = [
            {
                "friction": "long_wait",
                "period": "current",
                "cell": "{}",
                "entry": kind,
                "flagged": met,
                "answers": n,
                "satisfied": good,
                "customers": n,
            }
            for (kind, met), (n, good) in counts.items()
        ]
        table = conform(pl.DataFrame(cells), "friction_answers")
        found = effects(table, period="current")["long_wait", "{}"]
        assert found.low is not None
        assert found.high is not None
        inside += found.low <= true <= found.high
        naive += abs(_naive(counts) - true) > 0.05

    assert 0.93 <= inside / worlds <= 0.99
    assert naive / worlds > 0.5, "the worlds must be such that one must compare"


def _naive(counts: dict[tuple[str, bool], list[int]]) -> float:
    shares = {}
    for side in (True, False):
        n = sum(n for (_, met), (n, _) in counts.items() if met == side)
        good = sum(good for (_, met), (_, good) in counts.items() if met == side)
        shares[side] = good / n
    return shares[True] - shares[False]


def test_no_answers_have_no_effects() -> None:
    assert effects(empty("friction_answers"), period="current") == {}
    assert set(KINDS) <= set(empty("friction_answers").columns)
