"""Baselines: one number over everything, whatever the buckets, told to every row."""

import math
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap import kpis as room
from cxmap import tables
from cxmap.baselines import beside, needed
from cxmap.definitions import (
    Measure,
    baseline,
    collect,
    collect_baselines,
    friction,
    kpi,
)
from cxmap.engines.local import (
    Plan,
    Question,
    add,
    count_bucket,
    cut,
    first_pass,
    run,
    score_bucket,
)
from cxmap.errors import ConfigError
from cxmap.measures import finish, mean, median, p90, share
from cxmap.names import CHANNEL_GROUPS
from cxmap.options import Hours, LinkRules, RepeatRule

START = datetime(2026, 3, 2, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
HOURS = Hours()


@baseline(over="contacts", by=("channel_group", "team"))
def usual_answer() -> Measure:
    """Half of a team's contacts on a channel are answered by then."""
    return median(pl.col("first_response_seconds"), among=pl.col("inbound"))


@baseline(over="steps", by=("topic",))
def slowest_tenth() -> Measure:
    """Nine of ten customers with a topic have waited no longer."""
    return p90(pl.col("waited_seconds"))


@baseline(over="journeys")
def usual_length() -> Measure:
    """How many contacts a need takes."""
    return mean(pl.col("contacts"))


KNOWN = {one.name: one for one in (usual_answer, slowest_tenth, usual_length)}


@kpi(
    over="contacts",
    unit="share",
    better="higher",
    section="speed",
    needs=("usual_answer",),
)
def quicker_than_usual() -> Measure:
    """Contacts answered sooner than half of their like."""
    return share(
        pl.col("first_response_seconds") < pl.col("baseline_usual_answer"),
        among=pl.col("inbound"),
    )


@friction(
    because="waited {waited_seconds}",
    needs=("slowest_tenth", "usual_length"),
)
def unusually_slow() -> pl.Expr:
    """The customer waits longer than nine of ten, in a need longer than most."""
    long = pl.col("journey_contacts") > pl.col("baseline_usual_length")
    return (pl.col("waited_seconds") > pl.col("baseline_slowest_tenth")) & long


def drawn(seed: int, people: int = 9, contacts: int = 40) -> dict[str, pl.DataFrame]:
    """Contacts as they come to be stitched; a tenth of them nobody's."""
    dice = random.Random(seed)  # noqa: S311
    rows = []
    for place in range(contacts):
        waited = dice.choice([None, *range(60, 7_200, 300)])
        began = START + timedelta(minutes=dice.randrange(60 * 24 * 20))
        channel = dice.choice(("email", "voice", "chat"))
        rows.append(
            {
                "contact_id": f"a:{place}",
                "source": "a",
                "source_contact_id": str(place),
                "customer_id": dice.choice([None] + 9 * [f"p{dice.randrange(people)}"]),
                "channel": channel,
                "channel_group": CHANNEL_GROUPS[channel],
                "team": dice.choice([None, "north", "south"]),
                "topic": dice.choice([None, "bill", "move"]),
                "direction": "inbound",
                "inbound": dice.random() < 0.9,
                "started_at": began,
                "last_touch_at": began,
                "served": waited is not None,
                "first_response_seconds": waited,
                "source_horizon_at": NOW,
            }
        )
    held = pl.DataFrame(rows, schema_overrides={"team": pl.String()})
    nobody = tables.empty("survey_records").with_columns(
        survey_id=pl.lit(None, pl.String()), customer_id=pl.lit(None, pl.String())
    )

    return {
        "contacts": tables.conform(held, "contacts"),
        "references": tables.empty("reference_records"),
        "same_orders": pl.DataFrame(
            schema={"contact_id": pl.String(), "pseudonym": pl.String()}
        ),
        "surveys": nobody,
    }


def plan() -> Plan:
    return Plan(
        links=LinkRules(),
        repeat=RepeatRule(),
        hours=HOURS,
        horizon_at=NOW,
        now=NOW,
        provable=frozenset(),
        frictions={"unusually_slow": (unusually_slow, unusually_slow.bind({}))},
    )


def everything(parts: list[dict[str, pl.DataFrame]]) -> dict[str, pl.DataFrame]:
    whole = {name: pl.concat([part[name] for part in parts]) for name in parts[0]}
    return {name: table.sort(table.columns) for name, table in whole.items()}


def stitched(seed: int, at_most: int = 10_000) -> dict[str, pl.DataFrame]:
    needs = needed([unusually_slow], KNOWN)
    return everything(run(cut(drawn(seed), at_most=at_most), plan(), needs))


def nearest_rank(values: list[int], part: float) -> int:
    return sorted(values)[math.ceil(part * len(values)) - 1]


def by_hand(rows: list[dict[str, Any]]) -> dict[tuple[Any, Any], int]:
    """The median of each channel group and team, by the definition of a median."""
    told: dict[tuple[Any, Any], list[int]] = {}
    for row in rows:
        if row["inbound"] and row["first_response_seconds"] is not None:
            place = (row["channel_group"], row["team"])
            told.setdefault(place, []).append(row["first_response_seconds"])

    return {place: nearest_rank(values, 0.5) for place, values in told.items()}


@settings(max_examples=4)
@given(seed=st.integers(0, 2**32), at_most=st.integers(3, 30))
def test_any_buckets_give_the_same_baselines_points_and_scores(
    seed: int, at_most: int
) -> None:
    whole, parted = stitched(seed), stitched(seed, at_most)

    for name, table in whole.items():
        assert table.equals(parted[name]), name
    one = first_pass([whole], KNOWN, hours=HOURS)
    many = first_pass(cut(whole, at_most=at_most), KNOWN, hours=HOURS)
    for name, values in one.items():
        assert values.equals(many[name]), name


@settings(max_examples=4)
@given(seed=st.integers(0, 2**32))
def test_a_kpi_is_judged_by_the_baseline_of_the_rows_own_group(seed: int) -> None:
    whole = stitched(seed)
    rows = whole["contacts"].to_dicts()
    usual = by_hand(rows)
    told = first_pass(cut(whole, at_most=7), KNOWN, hours=HOURS)
    bound = {quicker_than_usual.name: (quicker_than_usual, quicker_than_usual.bind({}))}
    question = Question(
        kpis=bound,
        periods={"current": (START, NOW)},
        by=("team",),
        zone="UTC",
        frictions={},
        hours=HOURS,
        baselines=told,
    )
    answer = add([score_bucket(part, question) for part in cut(whole, at_most=7)])
    [score] = [one for one in finish(answer.partials, bound) if one.cell == "{}"]
    answered = [
        row
        for row in rows
        if row["inbound"] and row["first_response_seconds"] is not None
    ]

    assert score.n == len(answered)
    assert score.numerator == sum(
        row["first_response_seconds"] < usual[row["channel_group"], row["team"]]
        for row in answered
    )


@settings(max_examples=4)
@given(seed=st.integers(0, 2**32), at_most=st.integers(3, 50))
def test_a_friction_is_judged_by_everything_not_by_its_bucket(
    seed: int, at_most: int
) -> None:
    whole = stitched(seed, at_most)
    starts = {row["contact_id"]: row for row in whole["contacts"].to_dicts()}
    lengths = {
        row["journey_id"]: row["contacts"] for row in whole["journeys"].to_dicts()
    }
    waits: dict[Any, list[int]] = {}
    waited = {}
    for name, row in starts.items():
        if not row["inbound"]:
            continue
        known = row["first_response_seconds"]
        live = row["channel_group"] != "written"
        unanswered = 0 if live else int((NOW - row["started_at"]).total_seconds())
        waited[name] = unanswered if known is None else known
        waits.setdefault(row["topic"], []).append(waited[name])
    slow = {topic: nearest_rank(found, 0.9) for topic, found in waits.items()}
    usual = sum(lengths.values()) / len(lengths)
    expected = {
        name
        for name, seconds in waited.items()
        if seconds > slow[starts[name]["topic"]]
        and lengths[starts[name]["journey_id"]] > usual
    }

    assert set(whole["points"]["contact_id"]) == expected


def test_rows_keep_their_order_and_a_group_of_nobody_has_no_number() -> None:
    rows = tables.conform(
        pl.DataFrame(
            {
                "contact_id": ["c1", "c2", "c3", "c4"],
                "inbound": [True, True, False, True],
                "channel_group": ["voice", "written", "chat", None],
                "first_response_seconds": [60, None, 30, 90],
            }
        ),
        "contacts",
    )
    held = {"contacts": rows}
    known = {"usual_answer": usual_answer}
    told = first_pass([held], known, hours=HOURS)

    beside_them = beside(rows, ["usual_answer"], told)

    assert beside_them["contact_id"].to_list() == ["c1", "c2", "c3", "c4"]
    assert beside_them["baseline_usual_answer"].to_list() == [60, None, None, 90]


def test_of_nothing_a_baseline_says_nothing() -> None:
    several = ("contacts", "links", "journeys", "surveys")
    held = {name: tables.empty(name) for name in several}
    told = first_pass([held], KNOWN, hours=HOURS)

    assert beside(tables.empty("contacts"), KNOWN, told).height == 0
    assert told["usual_length"].to_dicts() == [{"baseline_usual_length": None}]
    assert count_bucket(held, {}, hours=HOURS).sums.is_empty()


def test_only_what_is_needed_is_counted_and_each_once() -> None:
    assert list(needed([unusually_slow, unusually_slow], KNOWN)) == [
        "slowest_tenth",
        "usual_length",
    ]
    assert needed([collect("frictions")["abandon"]], KNOWN) == {}


def test_unknown_needs_are_told_all_at_once_with_the_definitions_name() -> None:
    with pytest.raises(ConfigError) as told:
        needed([quicker_than_usual, unusually_slow], {"usual_answers": usual_answer})

    first, *others = str(told.value).splitlines()
    assert first == (
        "quicker_than_usual: needs usual_answer: no baseline of that name; "
        "did you mean usual_answers?"
    )
    assert others == [
        f"unusually_slow: needs {name}: no baseline of that name; "
        "declare it with @baseline"
        for name in ("slowest_tenth", "usual_length")
    ]


def test_a_baseline_must_be_cut_by_what_both_tables_hold() -> None:
    @baseline(over="contacts", by=("channel_group", "topic"))
    def usual_topic() -> Measure:
        return median(pl.col("first_response_seconds"))

    @baseline(over="contacts", by=("transfers",))
    def usual_transfers() -> Measure:
        return median(pl.col("first_response_seconds"))

    @kpi(
        over="journeys",
        unit="share",
        better="higher",
        section="speed",
        needs=("usual_topic", "usual_transfers"),
    )
    def odd() -> Measure:
        return share(pl.col("contacts") > 1)

    known = {"usual_topic": usual_topic, "usual_transfers": usual_transfers}
    with pytest.raises(ConfigError) as told:
        needed([odd], known)

    assert str(told.value).splitlines() == [
        "odd: needs usual_topic, which is cut by channel_group; "
        "cut it by text columns of both contacts and journeys",
        "odd: needs usual_transfers, which is cut by transfers; "
        "cut it by text columns of both contacts and journeys",
    ]


FILE = '''"""Nothing but a baseline, and what needs it."""

import polars as pl

from cxmap.definitions import baseline, kpi
from cxmap.measures import mean, share


@baseline(over="journeys")
def usual_length():
    """How long a journey is."""
    return mean(pl.col("contacts"))
'''

NEEDING = '''

@kpi(over="journeys", unit="share", better="lower", section="routing",
     needs=("usual_length",))
def long_journeys():
    """Journeys longer than usual."""
    return share(pl.col("contacts") > pl.col("baseline_usual_length"))
'''


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose files stand in the room of the KPIs."""
    monkeypatch.setattr(room, "__path__", [str(tmp_path)])
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("cxmap.kpis.odd_")]:
        del sys.modules[name]
    for name in [name for name in vars(room) if name.startswith("odd_")]:
        delattr(room, name)


def test_a_baseline_stands_beside_what_needs_it_and_is_no_kpi(files: Path) -> None:
    others = set(collect_baselines())
    (files / "odd_one.py").write_text(FILE + NEEDING)

    assert list(collect("kpis")) == ["long_journeys"]
    assert set(collect_baselines()) - others == {"usual_length"}


def test_two_baselines_of_one_name_are_a_mistake(files: Path) -> None:
    for name in ("odd_one", "odd_two"):
        (files / f"{name}.py").write_text(FILE + NEEDING)

    with pytest.raises(ConfigError, match=r"odd_two: a second baseline usual_length"):
        collect_baselines()


def test_a_file_with_a_baseline_alone_holds_no_kpi(files: Path) -> None:
    (files / "odd_alone.py").write_text(FILE)

    with pytest.raises(ConfigError, match=r"odd_alone: holds no definition"):
        collect("kpis")
